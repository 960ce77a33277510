package access

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
)

// movedClock is a clock that tests move.
type movedClock struct{ now time.Time }

func (c *movedClock) Now() time.Time { return c.now }

func (c *movedClock) advance(d time.Duration) { c.now = c.now.Add(d) }

// Somebody who was locked out could otherwise keep what is remembered of them by leaving early.
func TestWhoLeavesIsAskedAboutAllTheSame(t *testing.T) {
	t.Parallel()
	c := &movedClock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	m := newAnswerCache[string](c.Now)
	m.put("mina", 1, "barista")
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err := m.get(gone, "mina", 2, func(ctx context.Context) (string, error) {
		if err := ctx.Err(); err != nil {
			return "", &order.Error{Code: order.CodeUnavailable, Err: err}
		}
		return "", transport.Unauthorized("no")
	})
	require.Equal(t, order.CodeUnauthorized, order.ErrorCode(err))
	require.NotContains(t, m.entries, "mina")
}

func TestStrangersAreNotRemembered(t *testing.T) {
	t.Parallel()
	c := &movedClock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	m := newAnswerCache[string](c.Now)
	ask := func(name string, err error) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return name, err }
	}
	_, err := m.get(t.Context(), "stranger", 0, ask("", transport.Unauthorized("no")))
	require.Error(t, err)
	require.NotContains(t, m.entries, "stranger")
	for i := range maxCached + 1 {
		c.advance(time.Millisecond)
		_, err := m.get(t.Context(), strconv.Itoa(i), 0, ask("x", nil))
		require.NoError(t, err)
	}
	require.Len(t, m.entries, maxCached)
	require.NotContains(t, m.entries, "0", "the oldest makes room")
	require.Contains(t, m.entries, strconv.Itoa(maxCached))
}

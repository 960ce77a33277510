package access

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/transport"
)

// movedClock is a clock that tests move.
type movedClock struct{ now time.Time }

func (c *movedClock) Now() time.Time { return c.now }

func (c *movedClock) advance(d time.Duration) { c.now = c.now.Add(d) }

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

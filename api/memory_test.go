package api

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// movedClock is a clock that tests move.
type movedClock struct{ now time.Time }

func (c *movedClock) Now() time.Time { return c.now }

func (c *movedClock) advance(d time.Duration) { c.now = c.now.Add(d) }

func TestStrangersAreNotRemembered(t *testing.T) {
	t.Parallel()
	c := &movedClock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	m := newMemory[string](c.Now)
	ask := func(name string, err error) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return name, err }
	}
	_, err := m.get(t.Context(), "stranger", ask("", unauthorized("no")))
	require.Error(t, err)
	require.NotContains(t, m.entries, "stranger")
	for i := range maxRemembered + 1 {
		c.advance(time.Millisecond)
		_, err := m.get(t.Context(), strconv.Itoa(i), ask("x", nil))
		require.NoError(t, err)
	}
	require.Len(t, m.entries, maxRemembered)
	require.NotContains(t, m.entries, "0", "the oldest makes room")
	require.Contains(t, m.entries, strconv.Itoa(maxRemembered))
}

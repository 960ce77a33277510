package access

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// numbered is a store that only knows the number of its latest change.
type numbered struct {
	StaffStore
	number, asked atomic.Int64
	err           error
}

func (n *numbered) StaffChanges(context.Context) (int64, error) {
	n.asked.Add(1)
	return n.number.Load(), n.err
}

// However many tokens and streams there are, the database is asked four times a second.
func TestChangesAreLookedForFourTimesASecond(t *testing.T) {
	t.Parallel()
	c, kept := &movedClock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}, &numbered{}
	watch := newChangeWatch(kept, c.Now)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() { watch.number(t.Context()) })
	}
	all.Wait()
	require.Equal(t, int64(1), kept.asked.Load())
	kept.number.Store(7)
	require.Zero(t, watch.number(t.Context()))
	c.advance(RecheckAfter)
	require.Equal(t, int64(7), watch.number(t.Context()))

	kept.err = &order.Error{Code: order.CodeUnavailable}
	c.advance(RecheckAfter)
	for range 10 {
		require.Equal(t, int64(7), watch.number(t.Context()), "what was known stays so while the database is away")
		c.advance(100 * time.Millisecond)
	}
	require.Equal(t, int64(3), kept.asked.Load())
}

func TestWhatIsRememberedIsAskedForAgainWhenSomethingChanges(t *testing.T) {
	t.Parallel()
	c := &movedClock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	m := newAnswerCache[string](c.Now)
	asked := 0
	get := func(change int64) string {
		value, err := m.get(t.Context(), "mina", change, func(context.Context) (string, error) { asked++; return "barista", nil })
		require.NoError(t, err)
		return value
	}
	for range 3 {
		require.Equal(t, "barista", get(1))
	}
	require.Equal(t, 1, asked)
	get(2)
	require.Equal(t, 2, asked)
	c.advance(askAgain)
	get(2)
	require.Equal(t, 3, asked, "also when nothing is known to have changed")
}

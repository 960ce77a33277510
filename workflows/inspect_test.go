package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// stuckRefund returns a cancelled order whose refund is refused for good.
func stuckRefund(t *testing.T) *liveOrder {
	l := setupLive(t)
	l.world.failWith("refund", refuse("the card is closed"))
	l.place(order.Paid)
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.eventually(func(s order.Snapshot) bool { return len(s.StuckOn) == 1 })
	return l
}

// listed waits until the list with the filter has the order, and returns it.
func (l *liveOrder) listed(f orderclient.Filter) orderclient.Listed {
	l.Helper()
	var found orderclient.Listed
	require.Eventually(l, func() bool {
		page, _, err := l.List(l.Context(), f, 1000, nil)
		require.NoError(l, err)
		i := slices.IndexFunc(page, func(one orderclient.Listed) bool { return one.OrderID() == l.placement.ID })
		if i >= 0 {
			found = page[i]
		}
		return i >= 0
	}, patience, 50*time.Millisecond)
	return found
}

func TestAStuckOrderIsFoundByWhatItIsStuckOn(t *testing.T) {
	t.Parallel()
	l := stuckRefund(t)

	for name, filter := range map[string]orderclient.Filter{
		"anything": {Stuck: true}, "the refund": {StuckOn: order.EffectRefund, Open: true},
		"its status": {Stuck: true, Statuses: []order.Status{order.Paid, order.Cancelled}},
		"the time":   {Stuck: true, Since: time.Now().Add(-time.Hour)},
	} {
		found := l.listed(filter)
		require.Equal(t, order.Cancelled, found.Status, name)
		require.Equal(t, []string{order.EffectRefund}, found.StuckOn, name)
		require.True(t, found.Open, name)
		require.WithinDuration(t, time.Now(), found.PlacedAt, time.Hour, name)
	}
	require.Positive(t, l.counted()[order.EffectRefund])

	page, _, err := l.List(t.Context(), orderclient.Filter{StuckOn: "'; --"}, 10, nil)
	require.NoError(t, err)
	require.Empty(t, page)

	_, err = l.Operate(t.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Reference: "bank 77"})
	require.NoError(t, err)
	l.end(order.Cancelled)
}

func TestListsHavePages(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	l.listed(orderclient.Filter{})
	other := setupLive(t)
	other.place(order.Paid)
	other.listed(orderclient.Filter{})

	page, next, err := l.List(t.Context(), orderclient.Filter{}, 1, nil)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.NotEmpty(t, next)
	second, _, err := l.List(t.Context(), orderclient.Filter{}, 1, next)
	require.NoError(t, err)
	require.Len(t, second, 1)
	require.NotEqual(t, page[0].ID, second[0].ID)

	_, _, err = l.List(t.Context(), orderclient.Filter{}, 1, []byte("elsewhere"))
	require.Error(t, err)
}

func TestTheWorkOfAnOrder(t *testing.T) {
	t.Parallel()

	t.Run("shows what is being tried and why it fails", func(t *testing.T) {
		t.Parallel()
		l := setupLive(t)
		l.world.failWith("refund", func(int) error { return down(time.Now, time.Now().Add(time.Hour))(0) })
		l.place(order.Paid)
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		var work orderclient.Work
		require.Eventually(t, func() (failing bool) {
			var err error
			work, err = l.Work(t.Context(), l.placement.ID)
			require.NoError(t, err)
			return work.LastFailure != "" && len(work.Pending) == 1 // the text is quicker, or not
		}, patience, 50*time.Millisecond)
		require.True(t, work.Open)
		require.Contains(t, work.Details, "Waiting for the refund.")
		require.Equal(t, "Refund", work.Pending[0].Activity)
		require.Equal(t, "down for the test", work.Pending[0].LastFailure)
		failed := work.Pending[0]
		if failed.StartedAt.IsZero() && failed.Since.IsZero() {
			require.WithinRange(t, failed.FailedAt, time.Now().Add(-time.Hour), failed.NextAt)
		}
		require.False(t, failed.FailedAt.After(time.Now()), "the next attempt's time is not when the last one failed")
		require.Equal(t, work.Pending[0].LastFailure, work.LastFailure)
	})

	t.Run("remembers why an effect was refused that is pending no longer", func(t *testing.T) {
		t.Parallel()
		l := stuckRefund(t)
		var work orderclient.Work
		require.Eventually(t, func() bool {
			var err error
			work, err = l.Work(t.Context(), l.placement.ID)
			require.NoError(t, err)
			return len(work.Pending) == 0 // the text may take longer than the refund
		}, patience, 50*time.Millisecond)
		require.Equal(t, "the card is closed", work.LastFailure)
	})

	t.Run("is none for an order that nobody knows", func(t *testing.T) {
		t.Parallel()
		l := setupLive(t)
		_, err := l.Work(t.Context(), "ord_unknown")
		require.Equal(t, order.CodeNotFound, order.ErrorCode(err))
	})
}

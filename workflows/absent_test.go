package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// pickedUp leads the order to its end.
func (l *liveOrder) pickedUp() order.Snapshot {
	l.Helper()
	l.place(order.Paid)
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	l.handOver()
	s, err := l.Read(l.Context(), l.placement.ID)
	require.NoError(l, err)
	return s
}

// The build that an order has ended on may be gone: nothing that is asked of a
// closed order takes a worker.
func TestAClosedOrderIsReadWithoutAWorker(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runUnversioned()
	o := s.order()
	ended := o.pickedUp()
	other := s.order()
	other.place(order.Paid)
	stop()

	again, err := o.Read(t.Context(), o.placement.ID)
	require.NoError(t, err)
	require.Equal(t, ended, again)
	again, err = o.ReadClosed(t.Context(), o.placement.ID)
	require.NoError(t, err)
	require.Equal(t, ended, again)

	repeated, err := o.Act(t.Context(), o.placement.ID, order.PickUp, workflows.Command{})
	require.NoError(t, err)
	require.Equal(t, ended, repeated)
	_, err = o.Act(t.Context(), o.placement.ID, order.Cancel, workflows.Command{})
	requireCode(t, order.CodeTooLate, order.PickedUp, err)
	_, err = o.Operate(t.Context(), o.placement.ID, workflows.UpdateRetry, workflows.Operation{})
	requireCode(t, order.CodeTooLate, order.PickedUp, err)
	again, err = o.Place(t.Context(), o.placement)
	require.NoError(t, err)
	require.Equal(t, order.Paid, again.Status, "what its first placing was answered")

	_, err = other.Read(t.Context(), other.placement.ID)
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(err), "an open one is its worker's")
	require.NotErrorAs(t, err, new(*orderclient.Failing), "there is nobody to fail")
}

// A terminated workflow has no result: its worker is asked how far it had come.
func TestATerminatedOrderIsReadAsItWasLeft(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	require.NoError(t, l.temporal.TerminateWorkflow(t.Context(), l.placement.ID, "", "the test is over"))

	for _, read := range []func(context.Context, string) (order.Snapshot, error){l.Read, l.ReadClosed} {
		s, err := read(t.Context(), l.placement.ID)
		require.NoError(t, err)
		require.Equal(t, order.Paid, s.Status)
	}
	_, err := l.ReadClosed(t.Context(), "ord_unknown")
	require.Equal(t, order.CodeNotFound, order.ErrorCode(err))
}

// oldWorkflow ends as the workflow did before orders were results.
func oldWorkflow(ctx workflow.Context, p order.Placement) (order.Status, error) {
	s, err := workflows.OrderWorkflow(ctx, p)
	return s.Status, err
}

// runWorkflow runs the product's worker with another workflow, as no build.
func (s *shop) runWorkflow(f any) (stop func()) {
	w := sdkworker.New(s.client, workflows.TaskQueueOrders, sdkworker.Options{})
	worker.RegisterOrders(other{w, f}, s.dependencies())
	return s.run(w)
}

func TestAnOrderThatEndedBeforeOrdersWereResultsIsAsked(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runWorkflow(oldWorkflow)
	o := s.order()
	o.place(order.Paid)
	o.act(order.Cancel, workflows.Command{}, order.Cancelled)
	require.NoError(t, s.client.GetWorkflow(t.Context(), o.placement.ID, "").Get(t.Context(), nil))
	stop()
	s.runUnversioned()

	again, err := o.ReadClosed(t.Context(), o.placement.ID)
	require.NoError(t, err)
	require.Equal(t, order.Cancelled, again.Status)
	require.Equal(t, order.Refunded, again.Refund.Status)
}

// An order whose workflow task keeps failing cannot say so itself.
func TestAnOrderThatNoWorkerCanGoOnWithIsFound(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runUnversioned()
	o := s.order()
	o.place(order.Paid)
	o.listed(orderclient.Filter{Open: true})
	page, _, err := o.List(t.Context(), orderclient.Filter{Stuck: true}, 10, nil)
	require.NoError(t, err)
	require.Empty(t, page)
	stop()
	undo := s.runWorkflow(timedOrder)
	o.signal(order.Accept, nil)

	for name, filter := range map[string]orderclient.Filter{
		"anything": {Stuck: true}, "the workflow": {StuckOn: orderclient.StuckOnWorkflow, Open: true},
	} {
		require.Equal(t, []string{orderclient.StuckOnWorkflow}, o.listed(filter).StuckOn, name)
	}
	require.EqualValues(t, 1, o.counted()[orderclient.StuckOnWorkflow])

	const reason = "NonDeterministicError: [TMPRL1100] "
	work, err := o.Work(t.Context(), o.placement.ID)
	require.NoError(t, err)
	require.Contains(t, work.Failing, reason)
	require.NotContains(t, work.Failing, "8210", "nothing personal")
	require.Equal(t, work.Failing, work.FailureOf(orderclient.StuckOnWorkflow))
	_, err = o.Read(t.Context(), o.placement.ID)
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(err))
	var failing *orderclient.Failing
	require.ErrorAs(t, err, &failing)
	require.Contains(t, failing.Reason, reason)

	t.Log("the build that understands it comes back")
	undo()
	s.runUnversioned()
	o.eventually(func(s order.Snapshot) bool { return s.Status == order.Accepted })
	require.Eventually(t, func() bool {
		page, _, err := o.List(t.Context(), orderclient.Filter{Stuck: true}, 10, nil)
		return err == nil && len(page) == 0
	}, patience, 50*time.Millisecond)
	work, err = o.Work(t.Context(), o.placement.ID)
	require.NoError(t, err)
	require.Empty(t, work.Failing)
	require.True(t, work.Open)
	o.handOver()
}

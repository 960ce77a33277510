package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// detect looks for stuck orders, as a process does that has just started.
func (l *liveOrder) detect() orderclient.Detected {
	l.Helper()
	found, err := l.NewDetector(l.placement.Terms).Detect(l.Context())
	require.NoError(l, err)
	require.Empty(l, found.Unsearchable)
	return found
}

// counted counts the stuck orders.
func (l *liveOrder) counted() map[string]int64 {
	l.Helper()
	counts, err := l.CountStuck(l.Context(), l.detect())
	require.NoError(l, err)
	return counts
}

// stuckOn returns what the order is listed as stuck on; nil when it is not listed.
func (l *liveOrder) stuckOn() []string {
	l.Helper()
	page, _, err := l.List(l.Context(), orderclient.Filter{Stuck: true, Detected: l.detect()}, 1000, nil)
	require.NoError(l, err)
	i := slices.IndexFunc(page, func(one orderclient.Listed) bool { return one.ID == l.placement.ID })
	if i < 0 {
		return nil
	}
	return page[i].StuckOn
}

// becomes waits until the order is stuck on this, alone; on nothing if on is "".
func (l *liveOrder) becomes(on string) {
	l.Helper()
	require.Eventually(l, func() bool {
		stuck := l.stuckOn()
		return on == "" && stuck == nil || slices.Equal(stuck, []string{on})
	}, patience, 100*time.Millisecond, "stuck on %q", on)
}

func (l *liveOrder) terminate() {
	l.Helper()
	require.NoError(l, l.temporal.TerminateWorkflow(l.Context(), l.placement.ID, "", "by mistake"))
}

func (l *liveOrder) reset() error {
	_, err := l.Reset(l.Context(), "default", l.placement.ID, workflows.Operation{Actor: "Mina", Reason: "back again"})
	return err
}

// unchanged requires that the order is still in the status.
func (l *liveOrder) unchanged(want order.Status) {
	l.Helper()
	s, err := l.Read(l.Context(), l.placement.ID)
	require.NoError(l, err)
	require.Equal(l, want, s.Status)
}

func TestATerminatedOrderIsStuckUntilItIsReset(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.runUnversioned()
	l := s.order()
	l.place(order.Paid)
	l.eventually(func(s order.Snapshot) bool { return s.PickupNumber != nil })
	l.becomes("")
	require.ErrorContains(t, l.reset(), "its workflow is running")
	l.terminate()

	l.becomes(orderclient.StuckOnTerminated)
	require.EqualValues(t, 1, l.counted()[orderclient.StuckOnTerminated])
	found := l.listed(orderclient.Filter{StuckOn: orderclient.StuckOnTerminated, Detected: l.detect()})
	require.WithinDuration(t, time.Now(), found.StuckSince[orderclient.StuckOnTerminated], patience)
	work, err := l.Work(t.Context(), l.placement.ID)
	require.NoError(t, err)
	require.Regexp(t, `^was terminated by .+: by mistake$`, work.FailureOf(orderclient.StuckOnTerminated))

	ended, err := l.Reset(t.Context(), "default", l.placement.ID, workflows.Operation{Actor: "Mina", Reason: "back again"})
	require.NoError(t, err)
	require.Equal(t, work.Ended, ended)
	l.eventually(func(s order.Snapshot) bool { return s.Status == order.Paid })
	l.becomes("")
	require.Zero(t, l.counted()[orderclient.StuckOnTerminated])
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	l.act(order.MarkReady, workflows.Command{}, order.Ready)
	l.act(order.PickUp, workflows.Command{}, order.PickedUp)
	l.end(order.PickedUp)
	require.Equal(t, []string{"charge 5000"}, l.world.moneyMoved())
	require.ErrorContains(t, l.reset(), "has ended by itself")
	l.unchanged(order.PickedUp)
	l.becomes("")
}

// An order can be terminated with money on its way, and after it is over.
func TestWhatATerminatedOrderOwesDecidesWhetherItIsStuck(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.runUnversioned()

	t.Run("a refund that is due", func(t *testing.T) {
		t.Parallel()
		l := s.order()
		l.T = t
		l.world.failWith("refund", first(1000))
		l.place(order.Paid)
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		l.terminate()
		l.becomes(orderclient.StuckOnTerminated)
		l.world.mend("refund")
		require.NoError(t, l.reset())
		l.end(order.Cancelled)
		l.becomes("")
		require.Equal(t, []string{"charge 5000", "refund 5000"}, l.world.moneyMoved())
	})

	t.Run("a text alone", func(t *testing.T) {
		t.Parallel()
		l := s.order()
		l.T = t
		l.world.failWith("text", first(1000))
		l.place(order.Paid)
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		l.eventually(func(s order.Snapshot) bool { return s.Refund != nil && s.Refund.Status == order.Refunded })
		l.terminate()
		l.listed(orderclient.Filter{Since: time.Now().Add(-time.Hour), Statuses: []order.Status{workflows.StatusOpen}})
		require.Eventually(t, func() bool { return !l.listed(orderclient.Filter{}).Open }, patience, 50*time.Millisecond)
		require.Nil(t, l.stuckOn())
	})

	t.Run("a charge that may have been made", func(t *testing.T) {
		t.Parallel()
		l := s.order()
		l.T = t
		l.world.confirming = true
		l.place(order.PaymentPending)
		l.terminate()
		l.becomes(orderclient.StuckOnTerminated)
		l.world.confirm("yes")
		require.NoError(t, l.reset())
		l.eventually(func(s order.Snapshot) bool { return s.Status == order.Paid || s.Status == order.PaymentPending })
		l.becomes("")
	})
}

// Whoever terminates an order that no worker has taken up loses nobody's money.
func TestAnOrderThatWasTerminatedBeforeItBeganIsNotStuckAndNotReset(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	l := s.order()
	l.start()
	l.terminate()

	require.Eventually(t, func() bool { return !l.listed(orderclient.Filter{}).Open }, patience, 50*time.Millisecond)
	require.Nil(t, l.stuckOn())
	require.ErrorContains(t, l.reset(), "before a worker had taken it up: nothing was charged")
}

// start starts the order's workflow and does not wait.
func (l *liveOrder) start() {
	l.Helper()
	options := client.StartWorkflowOptions{
		ID: l.placement.ID, TaskQueue: workflows.TaskQueueOrders,
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.OrderStatus.ValueSet(workflows.StatusOpen)),
	}
	_, err := l.temporal.ExecuteWorkflow(l.Context(), options, workflows.WorkflowType, l.placement)
	require.NoError(l, err)
}

// A workflow that fails by itself would be a mistake of ours; the order is brought
// back when that is mended.
func TestAnOrderWhoseWorkflowHasFailedIsResetWhenThatIsMended(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runWorkflow(func(ctx workflow.Context, _ order.Placement) (order.Snapshot, error) {
		if err := workflow.Sleep(ctx, time.Millisecond); err != nil {
			return order.Snapshot{}, err
		}
		return order.Snapshot{}, workflow.ErrDeadlineExceeded
	})
	l := s.order()
	l.start()
	l.becomes(orderclient.StuckOnTerminated)
	work, err := l.PendingWork(t.Context(), l.placement.ID)
	require.NoError(t, err)
	require.Contains(t, work.Ended, "has failed: ")
	stop()

	s.runWorkflow(func(ctx workflow.Context, _ order.Placement) (order.Snapshot, error) {
		return order.Snapshot{}, workflow.Sleep(ctx, time.Millisecond)
	})
	require.NoError(t, l.reset())
	require.NoError(t, l.temporal.GetWorkflow(t.Context(), l.placement.ID, "").Get(t.Context(), nil))
	l.becomes("")
}

// pause pauses an activity of the order, once it is pending.
func (l *liveOrder) pause(activity string) {
	l.Helper()
	require.Eventually(l, func() bool {
		_, err := l.temporal.WorkflowService().PauseActivity(l.Context(), &workflowservice.PauseActivityRequest{
			Namespace: "default", Execution: &common.WorkflowExecution{WorkflowId: l.placement.ID},
			Activity: &workflowservice.PauseActivityRequest_Type{Type: activity}, Identity: "Jun", Reason: "ask the bank",
		})
		return err == nil
	}, patience, 50*time.Millisecond)
}

func TestAnOrderWithAPausedActivityIsStuck(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.runUnversioned()
	l := s.order()
	l.world.failWith("refund", first(1000))
	l.place(order.Paid)
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.pause("Refund")

	l.becomes(orderclient.StuckOnPaused)
	require.EqualValues(t, 1, l.counted()[orderclient.StuckOnPaused])
	work, err := l.PendingWork(t.Context(), l.placement.ID)
	require.NoError(t, err)
	require.Equal(t, "Refund is paused by Jun: ask the bank", work.FailureOf(orderclient.StuckOnPaused))
	require.WithinDuration(t, time.Now(), work.StuckSince(orderclient.StuckOnPaused), patience)

	t.Log("and goes on with an operator's retry, as with unpausing it")
	l.world.mend("refund")
	_, err = l.Operate(t.Context(), l.placement.ID, workflows.UpdateRetry, workflows.Operation{Actor: "Jun"})
	require.NoError(t, err)
	l.end(order.Cancelled)
	l.becomes("")
}

// Somebody has paused the charge until after the payment deadline, which its window, that
// stands still, cannot tell: an operator's retry gives it up, and whatever it has taken is
// undone.
func TestARetryGivesUpAChargeThatWasPausedBeyondItsDeadline(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.runUnversioned()
	l := s.order()
	l.placement.Terms.PayWithin = 6 * time.Second
	l.world.failWith("charge", first(1000))
	placing := make(chan error, 1)
	go func() {
		_, err := l.Place(t.Context(), l.placement)
		placing <- err
	}()
	l.pause("Charge")
	require.Eventually(t, func() bool { return slices.Contains(l.stuckOn(), orderclient.StuckOnOverdue) }, 2*patience, time.Second)
	require.Contains(t, l.stuckOn(), orderclient.StuckOnPaused)

	_, err := l.Operate(t.Context(), l.placement.ID, workflows.UpdateRetry, workflows.Operation{Actor: "Jun"})
	require.NoError(t, err)
	l.end(order.PaymentFailed)
	l.becomes("")
	<-placing
}

// The server goes on saying that an activity is paused which was cancelled.
func TestAnOrderWhosePausedActivityIsGoneIsNotStuck(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.runUnversioned()
	l := s.order()
	l.world.failWith("text", first(1000))
	l.place(order.Paid)
	l.pause("SendText")
	l.becomes(orderclient.StuckOnPaused)
	_, err := l.Operate(t.Context(), l.placement.ID, workflows.UpdateGiveUpText, workflows.Operation{Actor: "Jun"})
	require.NoError(t, err)
	l.becomes("")
	require.Zero(t, l.counted()[orderclient.StuckOnPaused])
}

// The last worker of a build may go while orders that are pinned to it are open.
func TestAnOrderOfABuildWithoutAWorkerIsStuckUntilItIsMoved(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runBuild("1")
	s.promote("1")
	old := s.orderOn("1")
	s.runBuild("2")
	s.promote("2")
	fresh := s.orderOn("2")
	old.becomes("")
	stop()

	old.becomes(orderclient.StuckOnNoWorker)
	require.Nil(t, fresh.stuckOn())
	require.EqualValues(t, 1, old.counted()[orderclient.StuckOnNoWorker])
	require.Equal(t, deployment+":1", old.listed(orderclient.Filter{StuckOn: orderclient.StuckOnNoWorker, Detected: old.detect()}).Build)

	require.Equal(t, order.CodeInvalid, order.ErrorCode(old.Move(t.Context(), old.placement.ID, "of nobody")))
	require.NoError(t, old.Move(t.Context(), old.placement.ID, "2"))
	old.eventually(func(s order.Snapshot) bool { return s.Status == order.Paid })
	old.act(order.Accept, workflows.Command{}, order.Accepted)
	old.becomes("")
	old.handOver()
	require.Equal(t, order.CodeTooLate, order.ErrorCode(old.Move(t.Context(), old.placement.ID, "2")))
}

// An order whose customer has still to confirm the payment is on its build as well.
func TestAnUnpaidOrderOfABuildWithoutAWorkerIsStuck(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runBuild("1")
	s.promote("1")
	s.orderOn("1").act(order.Cancel, workflows.Command{}, order.Cancelled)
	l := s.order()
	l.world.confirming = true
	l.place(order.PaymentPending)
	l.becomes("")
	stop()
	s.runBuild("2")
	s.promote("2")

	l.becomes(orderclient.StuckOnNoWorker)
}

// With no worker at all, every order waits.
func TestWithoutAnyWorkerOpenOrdersAreStuck(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runUnversioned()
	l := s.order()
	l.place(order.Paid)
	l.becomes("")
	stop()
	l.becomes(orderclient.StuckOnNoWorker)
	require.ErrorContains(t, l.Move(t.Context(), l.placement.ID, "2"), "the order is on no build")
	s.runUnversioned()
	l.becomes("")
}

// A deadline can pass without the workflow hearing of it.
func TestAnOrderThatStaysBeyondItsDeadlineIsOverdue(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runUnversioned()
	l, healthy := s.order(), s.order()
	l.placement.Terms.AcceptWithin = 2 * time.Second
	paid := l.place(order.Paid).Timeline[0].At
	healthy.place(order.Paid)
	stop()

	require.Eventually(t, func() bool { return slices.Contains(l.stuckOn(), orderclient.StuckOnOverdue) }, 2*patience, time.Second)
	require.NotContains(t, healthy.stuckOn(), orderclient.StuckOnOverdue)
	found := l.listed(orderclient.Filter{StuckOn: orderclient.StuckOnOverdue, Detected: l.detect()})
	require.WithinDuration(t, paid.Add(2*time.Second), found.StuckSince[orderclient.StuckOnOverdue], time.Second)
	require.EqualValues(t, 1, l.counted()[orderclient.StuckOnOverdue])
	again := l.NewDetector(l.placement.Terms)
	for range 2 { // the second time from what the first has learned
		detected, err := again.Detect(t.Context())
		require.NoError(t, err)
		require.Contains(t, l.listed(orderclient.Filter{StuckOn: orderclient.StuckOnOverdue, Detected: detected}).StuckOn, orderclient.StuckOnOverdue)
	}

	s.runUnversioned()
	l.end(order.Expired)
	l.becomes("")
}

// Servers before those search attributes are asked for nothing of them.
func TestAnOlderServerIsAskedForWhatItKnows(t *testing.T) {
	t.Parallel()
	older := &mocks.Client{}
	older.On("CountWorkflow", mock.Anything, mock.Anything).Return(nil, serviceerror.NewInvalidArgument("no such search attribute"))
	older.On("ListWorkflow", mock.Anything, mock.Anything).Return(&workflowservice.ListWorkflowExecutionsResponse{}, nil)

	found, err := orderclient.NewClient(older, nil).NewDetector(order.Terms{}).Detect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{orderclient.StuckOnWorkflow, orderclient.StuckOnPaused, orderclient.StuckOnNoWorker}, found.Unsearchable)
}

package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// resetToTask resets the order's workflow to a completed workflow task: the first one, or
// the last.
func (l *liveOrder) resetToTask(last bool, exclude ...enums.ResetReapplyExcludeType) {
	l.Helper()
	var task int64
	for _, event := range l.history().GetEvents() {
		if event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED && (last || task == 0) {
			task = event.GetEventId()
		}
	}
	_, err := l.temporal.ResetWorkflowExecution(l.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace:                 "default",
		WorkflowExecution:         &common.WorkflowExecution{WorkflowId: l.placement.ID},
		Reason:                    "a test",
		WorkflowTaskFinishEventId: task,
		RequestId:                 l.placement.ID + time.Now().String(),
		ResetReapplyExcludeTypes:  exclude,
	})
	require.NoError(l, err)
}

// result waits for the order's end.
func (l *liveOrder) result() (s order.Snapshot) {
	l.Helper()
	require.NoError(l, l.temporal.GetWorkflow(l.Context(), l.placement.ID, "").Get(l.Context(), &s))
	return s
}

// Resetting an order that has ended to its first task moves no money, no points, no
// coffee, whether or not the server applies its commands again.
func TestAFinishedOrderThatIsResetStaysAsItWas(t *testing.T) {
	t.Parallel()
	ends := map[order.Status]func(*liveOrder){
		order.PickedUp: func(l *liveOrder) {
			l.act(order.Accept, workflows.Command{}, order.Accepted)
			l.act(order.MarkReady, workflows.Command{}, order.Ready)
			l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		},
		order.Cancelled: func(l *liveOrder) { l.act(order.Cancel, workflows.Command{}, order.Cancelled) },
	}
	for status, finish := range ends {
		for name, exclude := range map[string][]enums.ResetReapplyExcludeType{
			"with its commands":    nil,
			"without its commands": {enums.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL, enums.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE},
		} {
			t.Run(string(status)+" "+name, func(t *testing.T) {
				t.Parallel()
				l := setupLive(t)
				l.placement.Terms.AcceptWithin = 2 * time.Second
				l.place(order.Paid)
				finish(l)
				ended := l.result()
				ledgers := l.world.ledgers()

				l.resetToTask(false, exclude...)

				s := l.result()
				require.Equal(t, status, s.Status)
				require.Equal(t, ended.Refund, s.Refund)
				require.Equal(t, append(notes(ended), order.NoteReset), notes(s))
				require.Equal(t, ledgers, l.world.ledgers())
			})
		}
	}
}

// startAgain starts the order's workflow once more under its own ID, as the Web UI does.
func (l *liveOrder) startAgain() {
	l.Helper()
	_, err := l.temporal.ExecuteWorkflow(l.Context(), client.StartWorkflowOptions{
		ID: l.placement.ID, TaskQueue: workflows.TaskQueueOrders,
	}, workflows.WorkflowType, l.placement)
	require.NoError(l, err)
}

// An order that has ended is started once more under its own ID.
func TestAFinishedOrderThatIsStartedAgainStaysAsItWas(t *testing.T) {
	t.Parallel()
	for name, price := range map[string]int64{"a paid one": 2000, "one without cost": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setupLive(t)
			l.placement.Items = []order.Line{{Product: "IceAmericano", Qty: 1, Price: order.Money{Amount: price, Currency: "KRW"}}}
			l.placement.Terms.AcceptWithin = 2 * time.Second
			l.place(order.Paid)
			l.act(order.Accept, workflows.Command{}, order.Accepted)
			l.handOver()
			ledgers := l.world.ledgers()

			l.startAgain()

			s := l.result()
			require.Equal(t, order.PickedUp, s.Status)
			require.Contains(t, notes(s), order.NoteStartedAgain)
			require.Equal(t, ledgers, l.world.ledgers())
		})
	}
}

// An order that is still at work is reset to its first task: its commands are applied
// again once the payment is known, in the order in which they came.
func TestCommandsThatAreAppliedAgainWaitForThePayment(t *testing.T) {
	t.Parallel()
	t.Run("updates", func(t *testing.T) {
		t.Parallel()
		l := setupLive(t)
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{}, order.Accepted)
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.resetToTask(false)
		l.eventually(func(s order.Snapshot) bool { return s.Status == order.Ready })
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		s := l.result()
		require.Contains(t, notes(s), order.NoteReset)
		require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.PickedUp}, statuses(s))
		require.Equal(t, []string{"charge 5000"}, l.world.ledgers().money)
		require.Equal(t, []string{"credit 250"}, l.world.ledgers().points)
	})
	t.Run("signals", func(t *testing.T) {
		t.Parallel()
		l := setupLive(t)
		l.place(order.Paid)
		l.signal(order.Accept, nil)
		l.eventually(func(s order.Snapshot) bool { return s.Status == order.Accepted })
		l.signal(order.Cancel, nil)
		l.signal(order.MarkReady, nil)
		l.eventually(func(s order.Snapshot) bool { return s.Status == order.Ready })
		l.resetToTask(false)
		l.eventually(func(s order.Snapshot) bool { return s.Status == order.Ready })
		l.signal(order.PickUp, nil)
		require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.PickedUp}, statuses(l.result()))
	})
	t.Run("a cancel and its settlement", func(t *testing.T) {
		t.Parallel()
		l := setupLive(t)
		l.world.failWith("refund", refuse("the card is closed"))
		l.world.failWith("text", first(1000))
		l.place(order.Paid)
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		_, err := l.Operate(t.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "bank 77"})
		require.NoError(t, err)
		l.world.mend("refund")
		l.world.mend("text")

		l.resetToTask(false)

		s := l.result()
		require.Equal(t, order.Cancelled, s.Status)
		require.True(t, s.Settled)
		require.Equal(t, []string{"charge 5000"}, l.world.ledgers().money, "what is settled is never paid again")
	})
}

// A terminated order goes on where it was after a reset to its last completed task.
func TestATerminatedOrderGoesOnAfterAReset(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	l.quiet()
	require.NoError(t, l.temporal.TerminateWorkflow(t.Context(), l.placement.ID, "", "a mistake"))

	l.resetToTask(true)

	l.eventually(func(s order.Snapshot) bool { return s.Status == order.Accepted })
	l.act(order.Reject, workflows.Command{}, order.Rejected)
	s := l.result()
	require.Equal(t, order.Refunded, s.Refund.Status, "it had not ended: the money goes back")
	require.Contains(t, notes(s), order.NoteReset)
}

// A charge whose answer was lost is still to be found when the order is terminated: the
// customer gets the money back after the reset all the same.
func TestAResetGivesBackWhatAFailedPaymentHadTaken(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.placement.Terms.PayWithin = 4 * time.Second
	l.world.loseWith("charge", first(1000))
	l.world.failWith("void", first(1000))
	l.place(order.PaymentFailed)
	l.terminate()
	l.world.mend("void")

	l.resetToTask(true)

	s := l.result()
	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, order.Refunded, s.Refund.Status)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, l.world.ledgers().money)
}

// A paid order goes on where it was when it is reset to its first task, and earns what it
// would have earned.
func TestAPaidOrderThatIsResetEarnsItsPoints(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	l.quiet()
	l.resetToTask(false)
	l.eventually(func(s order.Snapshot) bool {
		return s.Status == order.Paid && slices.Contains(notes(s), order.NoteReset)
	})
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	l.handOver()
	require.EqualValues(t, 250, l.result().Points)
	require.Equal(t, []string{"credit 250"}, l.world.ledgers().points)
	require.Equal(t, []string{"charge 5000"}, l.world.ledgers().money)
}

// A picked-up order that is reset to before it was ready gives no money back.
func TestAResetIntoTheMiddleOfAFinishedOrderGivesNoMoneyBack(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	l.quiet()
	length := l.events()
	l.handOver()
	_, err := l.temporal.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace:         "default",
		WorkflowExecution: &common.WorkflowExecution{WorkflowId: l.placement.ID},
		Reason:            "a test", RequestId: "middle" + l.placement.ID,
		WorkflowTaskFinishEventId: l.lastTaskBefore(length),
		ResetReapplyExcludeTypes:  []enums.ResetReapplyExcludeType{enums.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL, enums.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE},
	})
	require.NoError(t, err)

	l.act(order.Reject, workflows.Command{}, order.Rejected)
	l.eventually(func(s order.Snapshot) bool { return len(s.StuckOn) == 1 })
	require.Equal(t, []string{"charge 5000"}, l.world.ledgers().money)
	_, err = l.Operate(t.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "nothing is due"})
	require.NoError(t, err)
	require.Equal(t, []string{"charge 5000"}, l.world.ledgers().money)
	require.Equal(t, order.Rejected, l.result().Status)
}

// lastTaskBefore returns the last completed workflow task of the first events.
func (l *liveOrder) lastTaskBefore(length int) (task int64) {
	l.Helper()
	for _, event := range l.history().GetEvents()[:length] {
		if event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			task = event.GetEventId()
		}
	}
	return task
}

// An order that is over waits for a text when it is reset to its first task, without its
// commands: what was picked up is not refunded, what was settled is not paid.
func TestAnOrderThatIsOverStaysSoWhenItIsResetBeforeItsLastText(t *testing.T) {
	t.Parallel()
	all := []enums.ResetReapplyExcludeType{enums.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL, enums.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE}
	for name, c := range map[string]struct {
		finish func(*liveOrder)
		want   order.Status
		money  []string
	}{
		"picked up": {func(l *liveOrder) {
			l.act(order.Accept, workflows.Command{}, order.Accepted)
			l.act(order.MarkReady, workflows.Command{}, order.Ready)
			l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		}, order.PickedUp, []string{"charge 5000"}},
		"refunded": {func(l *liveOrder) {
			l.act(order.Cancel, workflows.Command{}, order.Cancelled)
			l.eventually(func(s order.Snapshot) bool { return s.Refund.Status == order.Refunded })
		}, order.Cancelled, []string{"charge 5000", "refund 5000"}},
		"settled": {func(l *liveOrder) {
			l.world.failWith("refund", refuse("the card is closed"))
			l.act(order.Reject, workflows.Command{}, order.Rejected)
			_, err := l.Operate(t.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "bank 77"})
			require.NoError(l, err)
		}, order.Rejected, []string{"charge 5000"}},
	} {
		for how, exclude := range map[string][]enums.ResetReapplyExcludeType{"with its commands": nil, "without its commands": all} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				l := setupLive(t)
				l.world.failWith("text", first(1000))
				l.placement.Terms.AcceptWithin = 3 * time.Second
				l.place(order.Paid)
				c.finish(l)
				l.resetToTask(false, exclude...)
				l.world.mend("text")
				l.world.mend("refund")

				s := l.result()

				require.Equal(t, c.want, s.Status)
				require.Equal(t, c.money, l.world.ledgers().money)
			})
		}
	}
}

// The first attempt to charge fails, so that the next one is asked again: that an order
// was started once more under its own ID shows all the same.
func TestAFinishedOrderThatIsStartedAgainStaysAsItWasAlsoWhenTheFirstAttemptFails(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.placement.Terms.AcceptWithin = 2 * time.Second
	l.place(order.Paid)
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	l.handOver()
	tried := l.world.tried("charge")
	l.world.failWith("charge", first(tried+1))

	l.startAgain()

	require.Equal(t, order.PickedUp, l.result().Status)
	require.Equal(t, []string{"charge 5000"}, l.world.ledgers().money)
}

// An order's notes are full when it is reset to its last task: the note of the reset takes
// the place of none of them, so that its history replays.
func TestAnOrderWithManyNotesGoesOnAfterAReset(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	for n := range order.MaxNotes + 2 {
		l.signal(order.PickUp, workflows.Command{Actor: "somebody"})
		l.eventually(func(s order.Snapshot) bool { return len(notes(s)) >= min(n+1, order.MaxNotes) })
	}
	l.terminate()

	l.resetToTask(true)

	l.act(order.Accept, workflows.Command{}, order.Accepted)
	s, err := l.Read(t.Context(), l.placement.ID)
	require.NoError(t, err)
	require.Len(t, notes(s), order.MaxNotes+1)
}

// Hundreds of signals came before a reset: their notes are bounded, and the order goes on.
func TestManySignalsThatAreAppliedAgainLeaveFewNotes(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	for range 300 {
		l.signal(order.PickUp, workflows.Command{Actor: "somebody"})
	}
	l.resetToTask(false)
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	s, err := l.Read(t.Context(), l.placement.ID)
	require.NoError(t, err)
	require.LessOrEqual(t, len(notes(s)), 2*order.MaxNotes)
}

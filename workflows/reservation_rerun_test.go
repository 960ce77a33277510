package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// setupScarce returns an order on the real server that spends points and uses a coupon.
func setupScarce(t *testing.T) *liveOrder {
	t.Helper()
	l := setupLive(t)
	scarce := withScarce(t)
	l.placement.Items, l.placement.Discounts = scarce.Items, scarce.Discounts
	return l
}

// An order that has ended and is run again, in whatever way, reserves nothing and releases nothing, and is
// not charged.
func TestAnOrderThatIsRunAgainReservesNothingAgain(t *testing.T) {
	t.Parallel()
	commands := []enums.ResetReapplyExcludeType{enums.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL, enums.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE}
	ends := map[order.Status]func(*liveOrder){
		order.PickedUp: func(l *liveOrder) {
			l.place(order.Paid)
			l.act(order.Accept, workflows.Command{}, order.Accepted)
			l.handOver()
		},
		order.Cancelled: func(l *liveOrder) {
			l.place(order.Paid)
			l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		},
		order.PaymentFailed: func(l *liveOrder) {
			l.world.refused = order.RefusedPoints
			l.place(order.PaymentFailed)
			l.result()
			l.world.refused = ""
		},
	}
	for status, finish := range ends {
		for name, again := range map[string]func(*liveOrder){
			"by a reset":         func(l *liveOrder) { l.resetToTask(false, commands...) },
			"by another start":   (*liveOrder).startAgain,
			"with its commands":  func(l *liveOrder) { l.resetToTask(false) },
			"by two more starts": func(l *liveOrder) { l.startAgain(); l.result(); l.startAgain() },
		} {
			t.Run(string(status)+" "+name, func(t *testing.T) {
				t.Parallel()
				l := setupScarce(t)
				l.placement.Terms.AcceptWithin = 2 * time.Second
				finish(l)
				l.result()
				ledgers := l.world.ledgers()

				again(l)

				require.Equal(t, status, l.result().Status)
				require.Equal(t, ledgers, l.world.ledgers())
			})
		}
	}
}

// An order that was handed over is reset to before that, and rejected then: the member gets no points
// back for what was drunk, as no money goes back.
func TestAResetReleasesNothingOfAnOrderThatWasHandedOver(t *testing.T) {
	t.Parallel()
	l := setupScarce(t)
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
	_, err = l.Operate(t.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "nothing is due"})
	require.NoError(t, err)
	require.Contains(t, notes(l.result()), order.NoteRefused)
	require.Equal(t, []string{"reserve 2000 points, coupon HELLO", "keep"}, l.world.ledgers().scarce)
	require.Equal(t, []string{"charge 2000"}, l.world.ledgers().money)
}

// An order was terminated while it was paid for, and what it had reserved was released since. It comes
// back by a reset, and is not charged.
func TestAnOrderThatHasLostItsReservationIsNotCharged(t *testing.T) {
	t.Parallel()
	l := setupScarce(t)
	l.world.failWith("charge", func(int) error { return &order.Error{Code: order.CodeUnavailable, Message: "down"} })
	l.start()
	l.eventually(func(order.Snapshot) bool { return l.world.tried("charge") > 1 })
	l.terminate()
	require.NoError(t, l.world.Release(t.Context(), order.Reservation{OrderID: l.placement.ID}))
	l.world.mend("charge")

	l.resetToTask(false)

	s := l.result()
	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, order.RefusedReleased, s.FailureCode)
	require.Empty(t, l.world.ledgers().money)
}

// The database is away for longer than a customer waits when an order is reset to before its payment: it
// must not end, since the earlier run may have been paid.
func TestAnOrderThatIsResetWaitsForItsReservation(t *testing.T) {
	t.Parallel()
	l := setupScarce(t)
	l.world.failWith("charge", func(int) error { return &order.Error{Code: order.CodeUnavailable, Message: "down"} })
	l.start()
	l.eventually(func(order.Snapshot) bool { return l.world.tried("charge") > 0 })
	until := time.Now().Add(7 * time.Second)
	l.world.failWith("reserve", down(time.Now, until))
	l.world.mend("charge")

	l.resetToTask(false)

	l.eventually(func(s order.Snapshot) bool { return s.Status == order.Paid })
	require.True(t, time.Now().After(until))
	require.Equal(t, []string{"reserve 2000 points, coupon HELLO"}, l.world.ledgers().scarce)
	require.Equal(t, []string{"charge 2000"}, l.world.ledgers().money)
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.result()
}

package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestTheCustomerCancelsUntilTheStoreAccepts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{Reason: "wrong store"})

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Cancelled}, statuses(s))
	require.Equal(t, order.Cancelled, b.answers["cancel"].snapshot.Status)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
	require.Equal(t, []string{"paid", "cancelled", "refunded"}, b.world.texts)
}

func TestACancelAfterAcceptIsRefusedBeforeItEntersTheHistory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happyEnding(time.Minute)
	b.update(90*time.Second, "cancel", order.Cancel, workflows.Command{})

	s := b.run()

	require.True(t, b.answers["cancel"].rejected)
	requireCode(t, order.CodeTooLate, order.Accepted, b.answers["cancel"].err)
	require.Equal(t, order.PickedUp, s.Status)
	require.Equal(t, []string{"charge 5000"}, b.world.money)
}

func TestACancelDuringThePaymentIsHonouredWhenTheOutcomeIsKnown(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(*bundle){
		"as an update": func(b *bundle) {
			b.update(10*time.Second, "cancel", order.Cancel, workflows.Command{CommandID: "c1", Reason: "in a hurry"})
		},
		"as a signal": func(b *bundle) {
			b.signal(10*time.Second, order.Cancel, workflows.Command{CommandID: "c1", Reason: "in a hurry"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.world.fail["charge"] = down(b.env.Now, b.start.Add(time.Minute))
			send(b)
			b.look(20*time.Second, func(s order.Snapshot) {
				require.Equal(t, order.PaymentPending, s.Status)
				require.True(t, s.CancelRequested)
			})

			s := b.run()

			require.Equal(t, []order.Status{order.Paid, order.Cancelled}, statuses(s))
			require.Equal(t, "in a hurry", s.Timeline[1].Reason)
			require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
			require.Empty(t, b.world.board, "a cancelled order never reaches the board")
		})
	}
}

func TestACancelDuringAPaymentThatFailsEndsAsAFailedPayment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["charge"] = down(b.env.Now, b.start.Add(time.Hour))
	b.update(10*time.Second, "cancel", order.Cancel, workflows.Command{})

	s := b.run()

	require.Equal(t, order.PaymentPending, b.answers["cancel"].snapshot.Status)
	require.Equal(t, order.PaymentFailed, s.Status)
	require.Empty(t, b.world.money)
}

func TestAnOrderThatIsCancelledWhileTheDatabaseIsAwayNeverReachesTheBoard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["project"] = down(b.env.Now, b.start.Add(time.Hour))
	b.update(10*time.Minute, "cancel", order.Cancel, workflows.Command{})

	s := b.run()

	require.Equal(t, order.Cancelled, s.Status)
	require.Empty(t, b.world.board)
	require.Nil(t, s.PickupNumber)
}

func TestAnOrderThatIsAcceptedWhileTheDatabaseIsAwayGetsItsPickupNumber(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["project"] = down(b.env.Now, b.start.Add(3*time.Minute))
	b.happyEnding(time.Minute)

	s := b.run()

	require.Equal(t, "A-1", *s.PickupNumber)
}

func TestTemporalsOwnCancelMeansCancelWhileThatIsAllowed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at(time.Minute, b.env.CancelWorkflow)

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Cancelled}, statuses(s))
	require.Equal(t, workflows.ActorTemporal, s.Timeline[1].Actor)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
	require.Equal(t, []string{"paid", "cancelled", "refunded"}, b.world.texts)
}

func TestTemporalsOwnCancelIsOnlyRecordedLater(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{
		"while the order is made": 90 * time.Second, "while it waits for the customer": 150 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.happyEnding(time.Minute)
			b.at(after, b.env.CancelWorkflow)

			s := b.run()

			require.Equal(t, order.PickedUp, s.Status)
			require.Equal(t, []string{order.NoteRefused}, notes(s))
			require.Equal(t, []string{"paid", "accepted", "ready", "picked_up"}, b.world.texts)
			require.Equal(t, []string{"charge 5000"}, b.world.money)
		})
	}
}

func TestTemporalsOwnCancelDuringThePaymentIsRemembered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["charge"] = down(b.env.Now, b.start.Add(time.Minute))
	b.at(0, func() { b.updateNow("place", workflows.UpdatePlace) })
	b.at(10*time.Second, b.env.CancelWorkflow)

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Cancelled}, statuses(s))
	require.NoError(t, b.answers["place"].err)
	require.Equal(t, order.Cancelled, b.answers["place"].snapshot.Status)
}

// requireCode asserts that err is an order.Error of the code, naming the status
// that won.
func requireCode(t rapid.TB, code order.Code, status order.Status, err error) {
	t.Helper()
	var e *order.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, code, e.Code)
	require.Equal(t, status, e.OrderStatus)
}

package workflows_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// toConfirm is an order whose customer has to confirm the payment.
func toConfirm(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	b.world.confirming = true
	b.at(0, func() { b.updateNow("place", workflows.UpdatePlace) })
	return b
}

// report sends an event of the payment provider.
func (b *bundle) report(after time.Duration, event order.PaymentEvent) {
	b.at(after, func() { b.env.SignalWorkflow(workflows.SignalPaymentEvent, event) })
}

// moved is the news that the payment has moved on.
var moved = order.PaymentEvent{ID: "evt_1", OrderID: "ord_test", Kind: order.PaymentMoved}

func TestWhoeverPlacesIsToldAtOnceWhatToConfirm(t *testing.T) {
	t.Parallel()
	b := toConfirm(t)
	b.look(time.Second, func(s order.Snapshot) {
		require.Equal(t, order.PaymentPending, s.Status)
		require.Equal(t, &order.PaymentAction{Type: "use_stripe_sdk", ClientSecret: "pay_1_secret"}, s.PaymentAction)
		require.Equal(t, s, b.world.model, "the page reads it from the read model")
		require.Equal(t, s.PaymentAction, b.answers["place"].snapshot.PaymentAction)
	})
	b.at(10*time.Second, func() { b.world.confirm("yes") })
	b.report(10*time.Second, moved)
	b.look(11*time.Second, func(s order.Snapshot) {
		require.Equal(t, order.Paid, s.Status)
		require.Nil(t, s.PaymentAction, "nobody needs the secret any more")
		require.NotContains(t, mustJSON(t, b.world.model), "secret")
	})
	b.happyEnding(time.Minute)

	s := b.run()

	require.Equal(t, order.PickedUp, s.Status)
	require.Equal(t, []string{"charge 5000"}, b.world.money)
	require.Equal(t, 1, b.world.attempts["look"])
}

func TestTheEventItselfIsNotBelieved(t *testing.T) {
	t.Parallel()
	b := toConfirm(t)
	for second := range 5 {
		b.report(time.Duration(second+1)*time.Second, moved)
	}
	b.look(10*time.Second, func(s order.Snapshot) { require.Equal(t, order.PaymentPending, s.Status) })

	s := b.run()

	require.Equal(t, order.PaymentFailed, s.Status)
	require.Empty(t, b.world.money)
}

func TestAConfirmationWhoseEventIsLostIsFoundByLooking(t *testing.T) {
	t.Parallel()
	b := toConfirm(t)
	b.at(5*time.Second, func() { b.world.confirm("yes") })
	b.look(20*time.Second, func(s order.Snapshot) { require.Equal(t, order.Paid, s.Status) })
	b.happyEnding(time.Minute)

	require.Equal(t, order.PickedUp, b.run().Status)
}

func TestAConfirmationThatFailsDeclinesTheOrder(t *testing.T) {
	t.Parallel()
	b := toConfirm(t)
	b.at(5*time.Second, func() { b.world.confirm("no") })
	b.report(6*time.Second, moved)
	b.look(7*time.Second, func(s order.Snapshot) { require.Equal(t, order.PaymentFailed, s.Status) })

	s := b.run()

	require.Equal(t, "authentication_failed", s.FailureCode)
	require.Nil(t, s.PaymentAction)
	require.Zero(t, b.world.attempts["void"])
}

func TestAPaymentThatNobodyConfirmsIsVoidedAtTheDeadline(t *testing.T) {
	t.Parallel()
	b := toConfirm(t)

	s := b.run()

	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, workflows.FailurePaymentTimeout, s.FailureCode)
	require.Equal(t, 1, b.world.attempts["void"])
	require.WithinDuration(t, b.start.Add(2*time.Minute), s.Timeline[0].At, 3*time.Second)
	require.Less(t, b.world.attempts["look"], 8)
}

// A provider that has long lists is asked for the one payment.
func TestLooksAndVoidNameThePaymentThatIsOpen(t *testing.T) {
	t.Parallel()
	b := toConfirm(t)

	require.Equal(t, order.PaymentFailed, b.run().Status)

	require.Greater(t, len(b.world.known), 2)
	require.Empty(t, b.world.known[0])
	for _, reference := range b.world.known[1:] {
		require.Equal(t, "pay_1", reference)
	}
}

func TestAConfirmationAtTheLastMomentIsRefunded(t *testing.T) {
	t.Parallel()
	b := toConfirm(t)
	b.at(2*time.Minute-2*time.Second-time.Millisecond, func() { b.world.fail["charge"] = first(1000); b.world.confirm("yes") })

	s := b.run()

	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
}

func TestACustomerMayCancelInsteadOfConfirming(t *testing.T) {
	t.Parallel()
	b := toConfirm(t)
	b.update(20*time.Second, "cancel", order.Cancel, workflows.Command{})
	b.look(21*time.Second, func(s order.Snapshot) { require.Equal(t, order.PaymentFailed, s.Status) })

	s := b.run()

	require.Equal(t, order.PaymentPending, b.answers["cancel"].snapshot.Status)
	require.Equal(t, workflows.FailurePaymentCancelled, s.FailureCode)
	require.Equal(t, 1, b.world.attempts["void"])
	require.Empty(t, b.world.money)
}

func TestALongWaitForTheCustomerIsNotStuckAndCostsFewLooks(t *testing.T) {
	t.Parallel()
	b := toConfirm(t)
	b.placement.Terms.PayWithin = 2 * time.Hour
	b.look(time.Hour, func(s order.Snapshot) { require.Empty(t, s.StuckOn) })
	b.at(90*time.Minute, func() { b.world.confirm("yes") })
	b.look(96*time.Minute, func(s order.Snapshot) { require.Equal(t, order.Paid, s.Status) })
	b.happyEnding(100 * time.Minute)

	b.run()

	require.Less(t, b.world.attempts["look"], 30)
}

func TestWhatHappensBehindTheOrdersBackIsNotedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dispute := order.PaymentEvent{ID: "dp_1/created", OrderID: "ord_test", Kind: order.PaymentDisputed, Reason: "dispute dp_1: fraudulent"}
	refund := order.PaymentEvent{ID: "re_1", OrderID: "ord_test", Kind: order.PaymentRefunded, Reason: "re_1: 1500 KRW"}
	for second, event := range []order.PaymentEvent{refund, dispute, refund, dispute, moved} {
		b.report(time.Duration(30+second)*time.Second, event)
	}
	b.happyEnding(time.Minute)

	s := b.run()

	require.Equal(t, order.PickedUp, s.Status)
	require.Equal(t, []string{order.NotePaymentRefund, order.NotePaymentDispute}, notes(s))
	require.Equal(t, order.ActorGateway, s.Timeline[1].Actor)
}

func TestAPaymentEventThatCannotBeReadChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at(10*time.Second, func() { b.env.SignalWorkflow(workflows.SignalPaymentEvent, "nonsense") })
	b.at(20*time.Second, func() { b.env.SignalWorkflow(workflows.SignalPaymentEvent, map[string]any{"kind": "lottery"}) })
	b.happyEnding(time.Minute)

	s := b.run()

	require.Equal(t, []string{order.NoteUnreadable, order.NoteUnreadable}, notes(s))
	require.Equal(t, order.PickedUp, s.Status)
}

// An event in the very task in which the order ends is noted before the end.
func TestAnEventAtTheLastMomentIsNoted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement.Phone, b.placement.MembershipNumber = "", ""
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
	b.world.lose["project"] = func(int) error { return nil }
	b.at(time.Minute, func() {
		b.env.SignalWorkflow(workflows.SignalPaymentEvent, order.PaymentEvent{ID: "dp_1", Kind: order.PaymentDisputed})
	})

	require.Contains(t, notes(b.run()), order.NotePaymentDispute)
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return string(data)
}

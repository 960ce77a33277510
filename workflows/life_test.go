package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestAnOrderIsPaidAcceptedMadeAndPickedUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at(0, func() { b.updateNow("place", workflows.UpdatePlace) })
	b.update(time.Minute, "accept", order.Accept, workflows.Command{ETAMinutes: 5, Actor: "Mina"})
	b.update(5*time.Minute, "ready", order.MarkReady, workflows.Command{})
	b.update(9*time.Minute, "pick-up", order.PickUp, workflows.Command{})

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.PickedUp}, statuses(s))
	require.Equal(t, order.Paid, b.answers["place"].snapshot.Status)
	require.Equal(t, order.Accepted, b.answers["accept"].snapshot.Status)
	require.Equal(t, "Mina", s.Timeline[1].Actor)
	require.Equal(t, "A-1", *s.PickupNumber)
	require.Equal(t, 5, *s.ETAMinutes)
	require.EqualValues(t, 250, s.Points)
	require.Equal(t, []string{"charge 5000"}, b.world.money)
	require.Equal(t, []string{"credit 250"}, b.world.points)
	require.Equal(t, []string{"A-1"}, b.world.board)
	require.Equal(t, []string{"paid", "accepted", "ready", "picked_up"}, b.world.texts)
}

func TestTheSameLifeBySignals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.signal(time.Minute, order.Accept, workflows.Command{ETAMinutes: 5})
	b.signal(2*time.Minute, order.MarkReady, nil)
	b.signal(3*time.Minute, order.PickUp, workflows.Command{})

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.PickedUp}, statuses(s))
	require.Equal(t, []string{"paid", "accepted", "ready", "picked_up"}, b.world.texts)
}

func TestACustomerWithoutPhoneAndMembershipGetsNeitherTextsNorPoints(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement.Phone, b.placement.MembershipNumber = "", ""
	b.happyEnding(time.Minute)

	s := b.run()

	require.Zero(t, s.Points)
	require.Empty(t, b.world.texts)
	require.Empty(t, b.world.points)
}

func TestADeclinedCardEndsTheOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.declined = "insufficient_funds"
	b.at(0, func() { b.updateNow("place", workflows.UpdatePlace) })

	s := b.run()

	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, "insufficient_funds", s.FailureCode)
	require.Equal(t, order.PaymentFailed, b.answers["place"].snapshot.Status)
	require.Nil(t, s.Refund)
	require.Empty(t, b.world.money)
	require.Empty(t, b.world.texts)
	require.Zero(t, b.world.attempts["void"])
}

func TestARejectedOrderIsRefunded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.update(time.Minute, "reject", order.Reject, workflows.Command{Reason: "out of milk"})

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Rejected}, statuses(s))
	require.Equal(t, "out of milk", s.Timeline[1].Reason)
	require.Equal(t, &order.RefundSum{Status: order.Refunded, Amount: 5000, Currency: "KRW"}, s.Refund)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
	require.Equal(t, []string{"paid", "rejected", "refunded"}, b.world.texts)
	require.Equal(t, []string{"take back"}, b.world.points, "a credit that nobody knows of is barred")
}

func TestAnAcceptedOrderThatIsRejectedGivesThePointsBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.update(time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(2*time.Minute, "reject", order.Reject, workflows.Command{Reason: "the machine broke"})

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Rejected}, statuses(s))
	require.Zero(t, s.Points)
	require.Equal(t, []string{"credit 250", "take back"}, b.world.points)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
	require.Equal(t, []string{"paid", "accepted", "rejected", "refunded"}, b.world.texts)
}

func TestAnOrderThatTheStoreLeavesUnansweredExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Expired}, statuses(s))
	require.Equal(t, b.start.Add(30*time.Minute), s.Timeline[1].At)
	require.Equal(t, order.ActorClock, s.Timeline[1].Actor)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
	require.Equal(t, []string{"paid", "expired", "refunded"}, b.world.texts)
}

func TestAnOrderThatNobodyPicksUpIsUnclaimedAndKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.update(time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(2*time.Minute, "ready", order.MarkReady, workflows.Command{})

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.Unclaimed}, statuses(s))
	require.Equal(t, b.start.Add(12*time.Hour+2*time.Minute), s.Timeline[3].At)
	require.Nil(t, s.Refund)
	require.Equal(t, []string{"charge 5000"}, b.world.money)
	require.Equal(t, []string{"paid", "accepted", "ready", "unclaimed"}, b.world.texts)
}

// One timer serves both deadlines, whichever of them is the earlier.
func TestEachDeadlineIsKeptToTheMinute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ accept, pickup time.Duration }{
		"the next is later, and the timer fires before it": {5 * time.Minute, time.Hour},
		"the next is earlier than the timer":               {time.Hour, 5 * time.Minute},
		"the timer fires while nothing has a deadline":     {90 * time.Second, 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.placement.Terms.AcceptWithin, b.placement.Terms.PickupWithin = c.accept, c.pickup
			b.update(time.Minute, "accept", order.Accept, workflows.Command{})
			b.update(2*time.Minute, "ready", order.MarkReady, workflows.Command{})

			s := b.run()

			require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.Unclaimed}, statuses(s))
			require.Equal(t, b.start.Add(2*time.Minute+c.pickup), s.Timeline[3].At)
		})
	}
}

func TestAnOrderWithoutItemsNeverStarts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement.Items = nil

	b.execute()

	require.ErrorContains(t, b.env.GetWorkflowError(), "at least one item")
}

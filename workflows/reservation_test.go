package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// withScarce is [placement] of 5,000 with a coupon of 1,000 on the latte, 2,000 points, and 2,000 to pay.
func withScarce(t require.TestingT) order.Placement {
	p := placement()
	bill := order.Bill{Lines: p.Items}
	require.NoError(t, bill.Deduct(order.Discount{Kind: order.DiscountCoupon, Code: "HELLO", Amount: 1000},
		func(l order.Line) bool { return l.Product == "CafeLatte" }))
	require.NoError(t, bill.Deduct(order.Discount{Kind: order.DiscountPoints, Amount: 2000, Points: 2000}, func(order.Line) bool { return true }))
	p.Discounts = bill.Discounts
	return p
}

// reserves has the order placed with what is scarce.
func (l *liveOrder) reserves() {
	scarce := withScarce(l)
	l.placement.Items, l.placement.Discounts = scarce.Items, scarce.Discounts
}

func TestWhatIsScarceIsReservedBeforeTheCharge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement = withScarce(t)
	b.update(time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(2*time.Minute, "ready", order.MarkReady, workflows.Command{})
	b.update(3*time.Minute, "pick-up", order.PickUp, workflows.Command{})
	s := b.run()
	require.Equal(t, order.PickedUp, s.Status)
	done := b.world.ledgers()
	require.Equal(t, []string{"reserve 2000 points, coupon HELLO"}, done.scarce)
	require.Equal(t, []string{"charge 2000"}, done.money)
	require.Equal(t, []string{"credit 100"}, done.points, "points are earned on money")
}

func TestWhatCannotBeReservedIsNotCharged(t *testing.T) {
	t.Parallel()
	for _, refused := range []string{order.RefusedPoints, order.RefusedCouponUsedUp, order.RefusedSlot} {
		t.Run(refused, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.placement, b.world.refused = withScarce(t), refused
			s := b.run()
			require.Equal(t, order.PaymentFailed, s.Status)
			require.Equal(t, refused, s.FailureCode)
			require.Empty(t, b.world.ledgers().money)
			require.Zero(t, b.world.tried("charge"))
			require.Equal(t, []string{"release"}, b.world.ledgers().scarce)
		})
	}
}

// While the database is away the order ends within the time that its customer waits, and what may
// have been reserved is released when it is back.
func TestWhatCannotBeReservedInTimeIsReleased(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement = withScarce(t)
	b.world.loseWith("reserve", down(b.env.Now, b.start.Add(time.Hour)))
	b.world.failWith("release", down(b.env.Now, b.start.Add(time.Hour)))
	b.look(9*time.Second, func(s order.Snapshot) {
		require.Equal(t, order.PaymentFailed, s.Status)
		require.Equal(t, order.RefusedUnavailable, s.FailureCode)
	})
	b.look(30*time.Minute, func(s order.Snapshot) { require.Equal(t, []string{workflows.StuckOnReservation}, s.StuckOn) })
	b.run()
	require.Equal(t, []string{"reserve 2000 points, coupon HELLO", "release"}, b.world.ledgers().scarce)
	require.Empty(t, b.world.ledgers().money)
}

func TestWhatIsUndoneIsReleased(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement = withScarce(t)
	b.update(time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(2*time.Minute, "reject", order.Reject, workflows.Command{})
	s := b.run()
	require.Equal(t, order.Rejected, s.Status)
	require.EqualValues(t, 2000, s.Refunds[0].Points)
	require.Equal(t, []string{"reserve 2000 points, coupon HELLO", "release"}, b.world.ledgers().scarce)
	require.Equal(t, []string{"charge 2000", "refund 2000"}, b.world.ledgers().money)
}

func TestADeclinedPaymentReleasesWhatWasReserved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement, b.world.declined = withScarce(t), "card_declined"
	require.Equal(t, order.PaymentFailed, b.run().Status)
	require.Equal(t, []string{"reserve 2000 points, coupon HELLO", "release"}, b.world.ledgers().scarce)
}

// Of a latte that cost 3,000, with a coupon of 1,000 and half of the rest in points, 1,000 go back in
// money and 1,000 in points.
func TestWhatIsTakenOffGivesPointsBackInProportion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement = withScarce(t)
	b.update(time.Minute, "adjust", order.Adjust, workflows.Command{Lines: []order.LineQty{{Line: 2, Qty: 1}}})
	b.update(2*time.Minute, "cancel", order.Cancel, workflows.Command{})
	s := b.run()
	require.Equal(t, order.Cancelled, s.Status)
	require.Equal(t, []string{"reserve 2000 points, coupon HELLO", "return 1000", "release"}, b.world.ledgers().scarce)
	require.Equal(t, []string{"charge 2000", "refund 1000", "refund 1000"}, b.world.ledgers().money)
	require.Zero(t, s.KeptPoints())
}

// A customer cancels while nothing can be reserved yet: the order is paid for when it can, undone at
// once, and everything goes back.
func TestACancelWhileReservingUndoesTheOrder(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]string{"that succeeds": "", "that is refused": order.RefusedSlot} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.placement, b.world.refused = withScarce(t), refused
			b.world.failWith("reserve", down(b.env.Now, b.start.Add(3*time.Second)))
			b.update(time.Second, "cancel", order.Cancel, workflows.Command{})
			s := b.run()
			require.Zero(t, s.KeptPoints()*int64(len(s.Refunds)))
			done := b.world.ledgers()
			if refused != "" {
				require.Equal(t, order.PaymentFailed, s.Status)
				require.Equal(t, []string{"release"}, done.scarce)
				require.Empty(t, done.money)
				return
			}
			require.Equal(t, order.Cancelled, s.Status)
			require.Equal(t, []string{"reserve 2000 points, coupon HELLO", "release"}, done.scarce)
			require.Equal(t, []string{"charge 2000", "refund 2000"}, done.money)
		})
	}
}

package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// paidWithPoints is [placement] of 5,000, paid with points alone.
func paidWithPoints(t require.TestingT) order.Placement {
	p := placement()
	bill := order.Bill{Lines: p.Items}
	require.NoError(t, bill.SpendPoints(5000, 0))
	p.Discounts = bill.Discounts
	return p
}

// An order that costs nothing after the points is paid at once, also where customers pay on a page, and
// nothing of it is money.
func TestAnOrderThatIsPaidWithPointsAloneMovesNoMoney(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do     func(b *bundle)
		status order.Status
		scarce []string
	}{
		"picked up": {func(b *bundle) {
			b.update(time.Minute, "accept", order.Accept, workflows.Command{})
			b.update(2*time.Minute, "ready", order.MarkReady, workflows.Command{})
			b.update(3*time.Minute, "pick-up", order.PickUp, workflows.Command{})
		}, order.PickedUp, nil},
		"cancelled": {func(b *bundle) {
			b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
		}, order.Cancelled, []string{"release"}},
		"adjusted and rejected": {func(b *bundle) {
			b.update(time.Minute, "adjust", order.Adjust, workflows.Command{Lines: []order.LineQty{{Line: 1, Qty: 1}}})
			b.update(2*time.Minute, "reject", order.Reject, workflows.Command{})
		}, order.Rejected, []string{"return 1000", "release"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.placement = paidWithPoints(t)
			b.placement.PaymentMethod = order.MethodRedirect
			b.world.failWith("charge", refuse("no provider is asked"))
			b.world.failWith("refund", refuse("no provider is asked"))
			c.do(b)
			s := b.run()
			require.Equal(t, c.status, s.Status)
			require.Nil(t, s.PaymentAction)
			require.Empty(t, s.StuckOn)
			require.Empty(t, b.world.ledgers().money)
			require.Zero(t, s.Points)
			require.Equal(t, append([]string{"reserve 5000 points"}, c.scarce...), b.world.ledgers().scarce)
			require.Equal(t, c.status == order.PickedUp, s.KeptPoints() == 5000)
			if c.status != order.PickedUp {
				require.Zero(t, s.KeptPoints())
				require.Equal(t, order.Refunded, s.Refund.Status)
			}
		})
	}
}

// Points of what was taken off are still on their way when somebody resets the order: the next run gives them back.
func TestPointsThatWereToGoBackGoBackAfterAReset(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]bool{"to its first task": false, "to its last": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setupLive(t)
			l.reserves()
			l.world.failWith("return", first(1000))
			l.place(order.Paid)
			l.act(order.Adjust, workflows.Command{Lines: []order.LineQty{{Line: 2, Qty: 1}}}, order.Paid)
			l.terminate()
			l.world.mend("return")

			l.resetToTask(last)

			l.eventually(func(order.Snapshot) bool { return len(l.world.ledgers().scarce) == 2 })
			l.act(order.Accept, workflows.Command{}, order.Accepted)
			l.handOver()
			l.result()
			require.Equal(t, []string{"reserve 2000 points, coupon HELLO", "return 1000"}, l.world.ledgers().scarce)
			require.Equal(t, []string{"charge 2000", "refund 1000"}, l.world.ledgers().money)
		})
	}
}

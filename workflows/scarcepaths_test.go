package workflows_test

import (
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// scarcePaths are those of orders with something that is reserved first.
var scarcePaths = []path{
	{"picked_up_with_points_and_coupon", false, func(l *liveOrder) {
		l.reserves()
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{ETAMinutes: 5, Actor: "Mina"}, order.Accepted)
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		l.end(order.PickedUp)
	}},
	{"points_short", false, func(l *liveOrder) {
		l.reserves()
		l.world.refused = order.RefusedPoints
		l.place(order.PaymentFailed)
		l.end(order.PaymentFailed)
	}},
	{"adjusted_and_cancelled_with_points", false, func(l *liveOrder) {
		l.reserves()
		l.place(order.Paid)
		l.act(order.Adjust, workflows.Command{Reason: "sold_out", Lines: []order.LineQty{{Line: 1, Qty: 1}}}, order.Paid)
		l.eventually(func(s order.Snapshot) bool { return s.Refund != nil && s.Refund.Status == order.Refunded })
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		l.end(order.Cancelled)
	}},
	{"refunded_after_the_end_with_points", false, func(l *liveOrder) {
		l.reserves()
		l.pickUp()
		l.refund(wrongDrink())
		l.endOfRefund(1)
	}},
}

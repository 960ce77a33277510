package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// RefundedTwiceMetric counts refunds that the provider has made although an operator
// had settled them by other means.
const RefundedTwiceMetric = "cafeforme_refunded_twice"

// followRefunds does what follows from the order's refunds, which were these before: the
// customer is told, and what a part of the order has cost and earned goes back at once. What
// is left of an order that is undone goes back with its other compensations.
func (r *orderRun) followRefunds(ctx workflow.Context, before []order.Refund) {
	for i, refund := range r.order.Refunds() {
		due := i >= len(before)
		made := refund.Status == order.Refunded && (due || before[i].Status == order.RefundPending)
		if due && refund.Partial() || made && !refund.Partial() {
			r.sendText(ctx, refund.Text())
		}
		if due && refund.Partial() {
			r.adjustPoints(ctx, refund.Number)
			r.refundDue()
		}
	}
}

// refundDue gives back what the customer is owed and is not under way yet. A refund that the
// provider refuses for good waits for the operator, who settles it by other means.
func (r *orderRun) refundDue() {
	for _, refund := range r.order.Refunds() {
		if queue := r.refundQueue(refund.Number); refund.Status == order.RefundPending && queue.idle() {
			queue.add(r.refundEffect(refund))
		}
	}
}

// refundQueue returns the queue of the refund of that number.
func (r *orderRun) refundQueue(number int) *deliveryQueue {
	for len(r.refunds) < number {
		r.refunds = append(r.refunds, newDeliveryQueue(r, StuckOnRefund))
	}
	return r.refunds[number-1]
}

// refundKey is the idempotency key of the refund of that number.
func (r *orderRun) refundKey(number int) string {
	if number == 1 { // as it was when there could be no other
		return r.placement.ID + "/refund"
	}
	return fmt.Sprintf("%s/refund/%d", r.placement.ID, number)
}

// refundEffect gives the refund's money back, unless an operator has settled it.
func (r *orderRun) refundEffect(refund order.Refund) *effect {
	settled := func() bool { return !r.order.OwesRefund(refund.Number) }
	attempt := func(ctx workflow.Context, window time.Duration) error {
		s := r.order.Snapshot()
		due := int64(0) // the same at every attempt: an attempt that is out may be repeated much later
		for _, each := range s.Refunds[:refund.Number] {
			due += each.Amount
		}
		request := order.RefundRequest{
			OrderID: r.placement.ID, IdempotencyKey: r.refundKey(refund.Number), Refund: refund.Number, Provider: s.Provider, Reset: r.reset,
			ChargeKey: r.chargeKey(), Reference: r.chargeReference, PlacedAt: s.PlacedAt,
			Amount: order.Money{Amount: refund.Amount, Currency: refund.Currency}, Due: due,
		}
		var result order.RefundResult
		if err := durably(ctx, "Refund the customer", window, paymentActivities.Refund, request, &result); err != nil {
			return err
		}
		if settled() { // while this attempt was out
			workflow.GetMetricsHandler(ctx).Counter(RefundedTwiceMetric).Inc(1)
			r.note(ctx, order.Entry{Note: order.NoteSettledAndRefunded, Actor: order.ActorGateway,
				Reason: "refunded by the provider too: " + result.Reference})
			return nil
		}
		r.must(ctx, order.Event{Name: order.RefundMade, Refund: refund.Number})
		return nil
	}
	return &effect{attempt: attempt, pointless: settled}
}

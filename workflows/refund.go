package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

// RefundedTwiceMetric counts refunds that the provider has made although an operator
// had settled them by other means.
const RefundedTwiceMetric = "cafeforme_refunded_twice"

// RefundID is the workflow ID of a [RefundWorkflow]: of the order's refund of that number.
func RefundID(orderID string, number int) string { return fmt.Sprintf("%s/refund/%d", orderID, number) }

// OrderOf returns the ID of the order that a workflow, its own or that of a refund, has.
func OrderOf(workflowID string) string {
	id, _, _ := strings.Cut(workflowID, "/")
	return id
}

// GiveBack is what of an order is to be given back after its end: lines, or an amount.
type GiveBack struct {
	// Refund is the number that the refund is to have: of two that are asked for under one
	// number, one is made.
	Refund int `json:"refund"`
	// Lines are the pieces that are given back, or Amount is, in minor units.
	Lines  []order.LineQty `json:"lines,omitempty"`
	Amount int64           `json:"amount,omitempty"`
	// Actor is who gives it back, and Reason says why.
	Actor  string `json:"actor,omitempty"`
	Reason string `json:"reason,omitempty"`
	// CommandID makes a repeated request the same request.
	CommandID string `json:"command_id,omitempty"`
}

// Event returns what is asked to happen.
func (g GiveBack) Event() order.Event {
	return order.Event{
		Name: order.GiveBack, Refund: g.Refund, Lines: g.Lines, Amount: g.Amount,
		Actor: g.Actor, Reason: g.Reason, CommandID: g.CommandID,
	}
}

// validate checks the limits of the input.
func (g GiveBack) validate() error {
	return Command{Actor: g.Actor, Reason: g.Reason, CommandID: g.CommandID, Lines: g.Lines}.validate()
}

// Refund is the input of [RefundWorkflow].
type Refund struct {
	// Order is the order as its workflow, or that of its last refund, has left it.
	Order order.Snapshot `json:"order"`
	// Terms are those of new orders; the share that a member earns is the order's own.
	Terms    order.Terms `json:"terms"`
	GiveBack GiveBack    `json:"give_back"`
}

// RefundWorkflow gives money of an order back after the order's end, and returns the order as it
// is then. Its ID is [RefundID] of its order and its refund. It has the order while it runs, as
// [OrderWorkflow] had it, and is all that the order does: the read model, the provider, the
// points and the customer hear of the refund, an order that is stuck on it is found and freed in
// the same way, and the next refund waits for its turn.
//
// It fails, having done nothing, when its ID is another, and when the order as it is cannot be
// refunded like this.
func RefundWorkflow(ctx workflow.Context, in Refund) (order.Snapshot, error) {
	if err := requireID(ctx, RefundID(in.Order.ID, in.GiveBack.Refund)); err != nil {
		return order.Snapshot{}, err
	}
	r := newRefundRun(ctx, in)
	if err := r.listen(ctx, nil); err != nil {
		return order.Snapshot{}, err
	}
	if err := r.order.Check(in.GiveBack.Event()); err != nil {
		return order.Snapshot{}, failure.EncodeFinal(err)
	}
	ctx = r.ctx

	r.must(ctx, in.GiveBack.Event())
	return r.finish(ctx)
}

// newRefundRun takes the order up where its workflow has left it. What the member was credited
// with by then is what the order is worth.
func newRefundRun(ctx workflow.Context, in Refund) *orderRun {
	restored := order.Restore(in.Order, in.Terms.PointsRate)
	restored.SetStuckOn(nil)
	s := restored.Snapshot()
	r := newRun(ctx, restored, order.Placement{ID: s.ID, MembershipNumber: s.MembershipNumber, Terms: in.Terms})
	r.refundWorkflow, r.credited, r.endedAt = in.GiveBack.Refund, &s.Points, s.EndedAt()
	return r
}

// followRefunds does what follows from the order's refunds, which were these before: the
// customer is told, and what a part of the order has cost and earned goes back at once. What
// is left of an order that is undone goes back with its other compensations.
func (r *orderRun) followRefunds(ctx workflow.Context, before []order.Refund) {
	for i, refund := range r.order.Refunds() {
		due := i >= len(before)
		if refund.Told() && (due || !before[i].Told()) {
			r.sendText(ctx, refund.Text())
		}
		if due && refund.Partial() {
			r.adjustPoints(ctx, refund.Number)
			r.returnPoints(ctx, refund)
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
			OrderID: r.placement.ID, IdempotencyKey: r.refundKey(refund.Number), Refund: refund.Number, Cause: refund.Cause, Provider: s.Provider, Reset: r.reset,
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

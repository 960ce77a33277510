package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// OrderWorkflow carries one order from its placement to its end, and returns
// the order as it ended: it can be read then without a worker. Its ID is the
// order's ID.
//
// Each step returns at once when the order has moved past it, so that several
// commands in one workflow task need no special case.
func OrderWorkflow(ctx workflow.Context, placement order.Placement) (order.Snapshot, error) {
	if err := requireID(ctx, placement.ID); err != nil {
		return order.Snapshot{}, err
	}
	r, err := newOrderRun(ctx, placement)
	if err != nil {
		return order.Snapshot{}, err
	}
	if err := r.listen(ctx, order.Commands()); err != nil {
		return order.Snapshot{}, err
	}
	ctx = r.ctx

	r.reserve(ctx)
	r.pay(ctx)
	r.waitUntilDue(ctx)
	r.offer(ctx)
	r.reward(ctx)
	r.prepare(ctx)
	r.handOver(ctx)
	r.undo(ctx)
	return r.finish(ctx)
}

// orderRun is one running order: the state machine, the terms it was placed
// under, and the queues on which its effects go out.
type orderRun struct {
	// ctx is disconnected from the workflow's own: when somebody cancels the
	// workflow, that is a command like any other, and no effect is lost.
	ctx workflow.Context
	// workflowCtx is the workflow's own, which says whether somebody has.
	workflowCtx workflow.Context
	order       *order.Order
	terms       order.Terms
	// placement is kept for the charge.
	placement order.Placement
	// begun is when a worker took the order up, which is later than it was placed
	// when none was there. The payment deadline counts from it: an outage of ours
	// takes nothing of the time to pay.
	begun time.Time
	// since is when the order got its status.
	since time.Time
	// chargeReference is the payment's name at the provider.
	chargeReference string
	// openReference is its name while the customer has to act for it, for the next look at it.
	openReference string
	// interruptCharge ends the round of charging under way; nil between rounds.
	interruptCharge workflow.CancelFunc
	// chargeNudged: an operator wants the charge tried again now.
	chargeNudged bool
	// reset: an operator has reset the workflow to an earlier point of its history.
	reset bool
	// refundWorkflow is the number of the refund whose workflow this is; zero for the order's own.
	refundWorkflow int
	// adjustedBefore: an earlier run of the workflow has carried out what is carried out now,
	// if it takes anything off the order.
	adjustedBefore bool
	// done: an earlier run of the workflow has ended the order, with nothing left to do.
	done bool
	// restored: an earlier run of the workflow has left the order beyond its payment.
	restored bool
	// early are the requests that wait for the payment's outcome, in the order in
	// which they came.
	early []earlyRequest
	// credited is how many points the member was to be credited with, as things stand; nil
	// before that is known.
	credited *int64
	// forfeited: the member's points could not be credited.
	forfeited bool
	// endedAt is when the order got a status that stays; zero before.
	endedAt time.Time
	// signals are the kinds of signals that the order understands, arrivals those that have
	// come and were not taken yet.
	signals  []signalKind
	arrivals *arrivals
	// signalsReceived counts the signals.
	signalsReceived int
	// paymentNews: the payment provider has reported something of the payment.
	paymentNews bool
	// returned is what the customer's browser has brought back from the provider's page.
	returned string
	// paymentEvents are the facts that the provider has reported and that have
	// left a note.
	paymentEvents []string
	// projected is the version that the read model has. It is behind while that is not
	// the order's, because it cannot be written quickly.
	projected int64
	behind    bool
	// searchable is the value of OrderStatus.
	searchable string
	// deadlineTimer wakes the order at its deadlines.
	deadlineTimer deadlineTimer

	compensations compensations
	// void undoes a payment whose outcome is unknown. The charge itself is on
	// no queue.
	void *deliveryQueue
	// refunds has a queue for each refund, by their numbers: one that is stuck holds up no
	// other.
	refunds []*deliveryQueue
	// reservation releases what the order has reserved.
	reservation *deliveryQueue
	points      *deliveryQueue
	texts       *deliveryQueue
	readModel   *deliveryQueue
}

func newOrderRun(ctx workflow.Context, placement order.Placement) (*orderRun, error) {
	o, err := order.New(placement, workflow.GetInfo(ctx).WorkflowStartTime.UTC())
	if err != nil {
		return nil, err
	}
	r := newRun(ctx, o, placement)
	r.entered(ctx, o.Status())
	return r, nil
}

// newRun returns the run of an order as it is now.
func newRun(ctx workflow.Context, o *order.Order, placement order.Placement) *orderRun {
	r := &orderRun{
		order: o, terms: placement.Terms, placement: placement,
		begun: workflow.Now(ctx), searchable: StatusOpen, reset: wasReset(ctx),
	}
	r.noteReset(ctx)
	r.ctx, _ = workflow.NewDisconnectedContext(ctx)
	r.void = newDeliveryQueue(r, StuckOnPayment)
	r.reservation = newDeliveryQueue(r, StuckOnReservation)
	r.points = newDeliveryQueue(r, StuckOnPoints)
	r.texts = newDeliveryQueue(r, StuckOnSMS)
	r.readModel = newDeliveryQueue(r, StuckOnReadModel)
	return r
}

// pay charges the customer until the outcome is known or the payment deadline
// has passed; an outcome that is still unknown then is undone.
func (r *orderRun) pay(ctx workflow.Context) {
	if r.order.Status() != order.PaymentPending || r.restored {
		return
	}
	r.describe(ctx)
	r.compensations.register(r.releasePayment)
	result, err := r.charge(ctx)
	switch {
	case err == nil && result.Earlier != nil:
		r.restore(ctx, *result.Earlier)
	case err == nil && !result.Declined:
		r.chargeReference = result.Reference
		r.must(ctx, order.Event{Name: order.PaymentSucceeded})
	case err == nil:
		r.compensations.forgetLast()
		r.must(ctx, order.Event{Name: order.PaymentRefused, FailureCode: result.DeclineCode})
	default:
		if nothingCharged(err) {
			r.compensations.forgetLast()
		}
		r.must(ctx, order.Event{Name: order.PaymentRefused, FailureCode: FailureCode(err)})
	}
	r.applyEarly(ctx, result)
}

// offer waits for the store, on whose board the paid order is, for the customer or for the
// acceptance deadline.
func (r *orderRun) offer(ctx workflow.Context) {
	if r.order.Status() != order.Paid {
		return
	}
	r.compensations.register(r.takeBackPoints)
	if r.leaves(ctx, order.Paid, workflow.Now(ctx).Add(r.terms.AcceptWithin)) {
		return
	}
	r.must(ctx, order.Event{Name: order.AcceptanceLapsed})
}

// reward credits the member's points once the store has accepted. There are none
// for an order that was never accepted, or is undone already.
func (r *orderRun) reward(ctx workflow.Context) {
	points := r.order.Snapshot().Points
	r.credited = &points
	if r.done || points == 0 {
		return
	}
	r.creditPoints(ctx, points)
}

// prepare waits while the store makes the order. It has no deadline: the
// customer is coming, and only the store knows.
func (r *orderRun) prepare(ctx workflow.Context) {
	r.await(ctx, func() bool { return r.order.Status() != order.Accepted })
}

// handOver waits for the customer until the pick-up deadline.
func (r *orderRun) handOver(ctx workflow.Context) {
	if r.order.Status() != order.Ready {
		return
	}
	if r.leaves(ctx, order.Ready, r.pickUpBy(workflow.Now(ctx))) {
		return
	}
	r.must(ctx, order.Event{Name: order.PickUpLapsed})
}

// undo runs the compensations of an order that nobody will drink.
func (r *orderRun) undo(ctx workflow.Context) {
	switch r.order.Status() {
	case order.PaymentFailed, order.Rejected, order.Cancelled, order.Expired:
		r.compensations.run(ctx)
	}
}

// finish waits until every effect is delivered or skipped, every caller has an
// answer and every signal is taken. No handler waits for anything but the payment, so
// once is enough.
func (r *orderRun) finish(ctx workflow.Context) (order.Snapshot, error) {
	r.await(ctx, func() bool { return r.idle() && workflow.AllHandlersFinished(ctx) && !r.signalsWait() })
	r.searchAs(ctx, string(r.order.Status()))
	return r.order.Snapshot(), nil
}

// leaves waits until the order has left the status, and reports false when it
// is still there at the deadline.
func (r *orderRun) leaves(ctx workflow.Context, status order.Status, deadline time.Time) bool {
	left := func() bool { return r.order.Status() != status }
	for !left() && workflow.Now(ctx).Before(deadline) {
		r.deadlineTimer.set(ctx, deadline, "Deadline")
		r.await(ctx, func() bool { return left() || r.deadlineTimer.fired() })
	}
	return left()
}

// await waits for the condition, without a deadline.
func (r *orderRun) await(ctx workflow.Context, condition func() bool) {
	if err := workflow.Await(ctx, condition); err != nil {
		panic(err) // the context is disconnected: nobody can cancel it
	}
}

// apply lets the event happen and everything that follows from it at once: the
// text, the read model, and the search attribute of a stuck order. A repeat changes
// nothing.
func (r *orderRun) apply(ctx workflow.Context, event order.Event) error {
	status, version, refunds := r.order.Status(), r.order.Version(), r.order.Refunds()
	if err := r.order.Apply(event, workflow.Now(ctx)); err != nil {
		return err
	}
	if r.order.Version() == version {
		return nil
	}
	if now := r.order.Status(); now != status {
		if r.searchable != StatusOpen {
			r.searchAs(ctx, string(now))
		}
		r.left(ctx, status)
		r.entered(ctx, now)
		if now.Terminal() {
			r.endedAt = workflow.Now(ctx)
		}
		if now.Told() {
			r.sendText(ctx, order.TextKind(now))
		}
		r.texts.dropPointless()
	}
	r.followRefunds(ctx, refunds)
	if cancel, ok := r.order.RequestedCancel(); ok && r.order.Status() == order.PaymentPending {
		r.early = append(r.early, earlyRequest{carryOut: func(ctx workflow.Context) { r.honour(ctx, cancel) }})
	}
	r.publish(ctx)
	return nil
}

// awaitWithin waits for the condition for as long as given at most, on a timer with
// that summary.
func (r *orderRun) awaitWithin(ctx workflow.Context, within time.Duration, summary string, condition func() bool) {
	if within <= 0 || condition() {
		return
	}
	timerCtx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	timer := workflow.NewTimerWithOptions(timerCtx, within, workflow.TimerOptions{Summary: summary})
	r.await(ctx, func() bool { return timer.IsReady() || condition() })
}

// must applies an event of the workflow's own making. That it is refused would
// be a mistake in this package: it fails the workflow task, so that the order
// waits, visibly, for the version that mends it.
func (r *orderRun) must(ctx workflow.Context, event order.Event) {
	if err := r.apply(ctx, event); err != nil {
		panic(err)
	}
}

// deliveryQueues lists the queues in the order in which people read them.
func (r *orderRun) deliveryQueues() []*deliveryQueue {
	queues := append([]*deliveryQueue{r.void}, r.refunds...)
	return append(queues, r.reservation, r.points, r.texts, r.readModel)
}

// idle reports whether nothing is left to deliver.
func (r *orderRun) idle() bool {
	for _, l := range r.deliveryQueues() {
		if !l.idle() {
			return false
		}
	}
	return true
}

// compensations are what undoes the steps taken so far. Each is registered
// before its step, so that a step whose outcome is unknown is undone as well.
type compensations struct{ steps []func(workflow.Context) }

func (c *compensations) register(step func(workflow.Context)) { c.steps = append(c.steps, step) }

func (c *compensations) forget() { c.steps = nil }

// forgetLast drops the compensation of a step that has left nothing to undo.
func (c *compensations) forgetLast() { c.steps = c.steps[:len(c.steps)-1] }

// run hands every compensation to its queue, the last step's first.
func (c *compensations) run(ctx workflow.Context) {
	for i := len(c.steps) - 1; i >= 0; i-- {
		c.steps[i](ctx)
	}
	c.forget()
}

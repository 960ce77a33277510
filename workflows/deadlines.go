package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// waitUntilDue waits until it is time to offer an order for later to the store, as long before it is
// picked up as the store takes for it. Until then it can be cancelled, rejected and adjusted, and it
// does not expire. One whose time has passed already is offered at once.
func (r *orderRun) waitUntilDue(ctx workflow.Context) {
	if !r.order.Waits() {
		return
	}
	for due := r.dueAt(); r.order.Waits() && workflow.Now(ctx).Before(due); {
		r.deadlineTimer.set(ctx, due, "Offer to the store")
		r.await(ctx, func() bool { return !r.order.Waits() || r.deadlineTimer.fired() })
	}
	r.offerIfDue(ctx)
}

// dueAt is when an order for later is offered to the store.
func (r *orderRun) dueAt() time.Time { return r.placement.PickupAt.Add(-r.terms.PrepareWithin) }

// isDue reports whether the order waits for its offer to the store, whose time has come.
func (r *orderRun) isDue() bool { return r.order.Waits() && !workflow.Now(r.ctx).Before(r.dueAt()) }

// offerIfDue offers the order to the store if its time has come, and tells its customer. Whoever comes
// first does so: the timer, or the store's command, which the server applies again after a reset.
func (r *orderRun) offerIfDue(ctx workflow.Context) {
	if r.isDue() {
		r.must(ctx, order.Event{Name: order.Offer})
		r.since = workflow.Now(ctx)
		r.sendText(ctx, order.TextReminder)
	}
}

// pickUpBy is when the order gives up waiting for its customer, which it has done since then: not sooner
// than if it had begun when the order was to be picked up.
func (r *orderRun) pickUpBy(since time.Time) time.Time {
	if at := r.placement.PickupAt; at != nil && at.After(since) {
		since = *at
	}
	return since.Add(r.terms.PickupWithin)
}

// waitsToBeDue says, in a sentence, what an order for later waits for that was paid at a time.
func (r *orderRun) waitsToBeDue(paid string) string {
	return fmt.Sprintf("Paid %s. For later, %s. Offered to the store %s.", paid, r.day(*r.placement.PickupAt), r.day(r.dueAt()))
}

// day shows a time with its day as people at the store read it.
func (r *orderRun) day(t time.Time) string { return r.terms.Local(t).Format("Mon 2 Jan 15:04") }

// pickUpDay returns the store's day on which the order is picked up: today's, unless it is for later.
func (r *orderRun) pickUpDay(today string) string {
	if at := r.placement.PickupAt; at != nil {
		return max(r.terms.Local(*at).Format(time.DateOnly), today)
	}
	return today
}

// deadlineTimer wakes the order for its deadlines, on one timer at a time. The timer of a
// deadline that was met runs on, and is the next deadline's first: most orders
// are picked up before it fires, and end without a timer more, or one to cancel.
type deadlineTimer struct {
	timer  workflow.Future
	cancel workflow.CancelFunc
	at     time.Time
}

// set sees to it that the timer fires at the deadline or before; whoever waits
// for a deadline that has not come by then sets it again. The summary says what it is for.
func (a *deadlineTimer) set(ctx workflow.Context, deadline time.Time, summary string) {
	if a.timer != nil && !a.timer.IsReady() {
		if !a.at.After(deadline) {
			return
		}
		a.cancel()
	}
	ctx, a.cancel = workflow.WithCancel(ctx)
	a.at = deadline
	a.timer = workflow.NewTimerWithOptions(ctx, deadline.Sub(workflow.Now(ctx)), workflow.TimerOptions{Summary: summary})
}

// fired reports whether the timer has fired since it was set.
func (a *deadlineTimer) fired() bool { return a.timer.IsReady() }

package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// describe keeps the workflow's current details: a sentence that says what the
// order waits for. It names no person.
func (r *orderRun) describe(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, r.details())
}

func (r *orderRun) details() string {
	sentences := []string{r.waitingFor()}
	if pending := r.pendingQueues(func(l *deliveryQueue) bool { return !l.idle() && !l.stuck }); pending != "" {
		sentences = append(sentences, "Under way: "+pending+".")
	}
	if stuck := r.pendingQueues(func(l *deliveryQueue) bool { return l.stuck }); stuck != "" {
		sentences = append(sentences, "Stuck on: "+stuck+".")
	}
	if at := r.order.Store(); at != order.MainStore {
		sentences = append(sentences, "Store: "+at+".")
	}
	return strings.Join(sentences, " ")
}

func (r *orderRun) pendingQueues(which func(*deliveryQueue) bool) string {
	var names []string
	for _, l := range r.deliveryQueues() {
		if which(l) {
			names = append(names, l.name)
		}
	}
	return strings.Join(slices.Compact(names), ", ")
}

// waitingFor says since when the order has been where it is, and what it waits
// for.
func (r *orderRun) waitingFor() string {
	s := r.order.Snapshot()
	since := s.PlacedAt
	for _, entry := range s.Timeline {
		if entry.Note == "" {
			since = entry.At
		}
	}
	at, begun, payBy := r.clock(since), r.clock(r.begun), r.clock(r.payBy())
	switch s.Status {
	case order.PaymentPending:
		if r.order.AwaitsAction() {
			return fmt.Sprintf("Placed %s. Waiting for the customer to confirm the payment, gives up %s.", at, payBy)
		}
		return fmt.Sprintf("Placed %s. Waiting for the payment since %s, gives up %s.", at, begun, payBy)
	case order.Paid:
		if s.Waits() {
			return r.waitsToBeDue(at)
		}
		if s.OfferedAt != nil {
			since = *s.OfferedAt
		}
		return fmt.Sprintf("Paid %s. Waiting for the store since %s, gives up %s.", at, r.clock(since), r.clock(since.Add(r.terms.AcceptWithin)))
	case order.Accepted:
		return fmt.Sprintf("Accepted %s. Waiting for the store to make it since %s.", at, at)
	case order.Ready:
		return fmt.Sprintf("Ready %s. Waiting for the customer since %s, gives up %s.", at, at, r.clock(r.pickUpBy(since)))
	default:
		return ended(s, at)
	}
}

// ended says how the order ended, and what became of its money.
func ended(s order.Snapshot, at string) string {
	name := strings.ReplaceAll(string(s.Status), "_", " ")
	sentence := fmt.Sprintf("%s %s.", strings.ToUpper(name[:1])+name[1:], at)
	switch {
	case s.Refund == nil:
		return sentence
	case s.Refund.Status == order.Refunded:
		return sentence + " Refunded."
	default:
		return sentence + " Waiting for the refund."
	}
}

// clock shows a time as people at the store read it.
func (r *orderRun) clock(t time.Time) string {
	return r.terms.Local(t).Format("15:04")
}

// publish tells people what the order waits for now, and the read model what
// it looks like.
func (r *orderRun) publish(ctx workflow.Context) {
	r.describe(ctx)
	r.project()
}

// searchAs gives the search attribute OrderStatus a value.
func (r *orderRun) searchAs(ctx workflow.Context, status string) {
	if r.searchable != status {
		r.upsert(ctx, OrderStatus.ValueSet(status))
		r.searchable = status
	}
}

func (r *orderRun) upsert(ctx workflow.Context, attributes ...temporal.SearchAttributeUpdate) {
	if err := workflow.UpsertTypedSearchAttributes(ctx, attributes...); err != nil {
		panic(err) // only an empty update is refused
	}
}

// publishStuck makes what the order is stuck on searchable and readable.
func (r *orderRun) publishStuck(ctx workflow.Context) {
	var stuck []string
	for _, l := range r.deliveryQueues() {
		if l.stuck {
			stuck = append(stuck, l.name)
		}
	}
	stuck = slices.Compact(stuck)
	r.order.SetStuckOn(stuck)
	if len(stuck) == 0 {
		r.searchable = StatusOpen
		r.upsert(ctx, StuckOn.ValueUnset(), OrderStatus.ValueSet(r.searchable))
	} else {
		r.searchable = string(r.order.Status())
		r.upsert(ctx, StuckOn.ValueSet(stuck), OrderStatus.ValueSet(r.searchable))
	}
	r.publish(ctx)
}

package order

import (
	"fmt"
	"slices"
	"time"
)

// Event is something that happens to an order. All fields but Name are
// optional.
type Event struct {
	Name  EventName
	Actor string
	// Reason says why, for people.
	Reason string
	// ETAMinutes is how long the store will take, with Accept.
	ETAMinutes int
	// CommandID makes a repeated command the same command.
	CommandID string
	// FailureCode says why a payment failed, with PaymentRefused.
	FailureCode string
}

// Apply lets event happen at the given time. A command whose effect stands
// already changes nothing and is no error; [Order.Version] tells the two apart.
// An event that is not in the table is refused with [CodeTooLate] or
// [CodeTooEarly] and the status that won.
func (o *Order) Apply(event Event, at time.Time) error {
	edge, err := o.edgeFor(event)
	if err != nil || edge.kind == repeats {
		return err
	}
	before := o.data.Status
	o.data.Status = edge.to
	o.settle(before, event)
	o.data.Version++
	if event.CommandID != "" {
		o.commands = append(o.commands, event.CommandID)
	}
	if edge.kind == moves || event.Name == ChargeFound || event.Name == ForceRefund {
		o.data.Timeline = append(o.data.Timeline, entryFor(edge, event, at))
	}
	return nil
}

// Check reports what [Order.Apply] would answer, without applying event.
func (o *Order) Check(event Event) error {
	_, err := o.edgeFor(event)
	return err
}

// edgeFor returns the edge that event would take now.
func (o *Order) edgeFor(event Event) (edge, error) {
	if event.CommandID != "" && slices.Contains(o.commands, event.CommandID) {
		return edge{kind: repeats}, nil
	}
	found, ok := findEdge(o.data.Status, event.Name)
	if !ok {
		return edge{}, refusal(o.data.Status, event.Name)
	}
	if o.stands(event) {
		found.kind = repeats
	}
	return found, nil
}

// stands reports whether the fact that a records-edge would record is known.
func (o *Order) stands(event Event) bool {
	switch event.Name {
	case Cancel, ForceRefund:
		return o.data.Status == PaymentPending && o.data.CancelRequested
	case ChargeFound:
		return o.data.Refund != nil
	case RefundMade:
		return o.data.Refund == nil || o.data.Refund.Status == Refunded
	}
	return false
}

// settle brings money, points and the time of readiness in line with an event
// that has just moved the order on from the status before.
func (o *Order) settle(before Status, event Event) {
	switch event.Name {
	case PaymentSucceeded:
		o.data.Charged = o.data.Total.Amount
	case PaymentRefused:
		o.data.FailureCode = event.FailureCode
	case ChargeFound:
		o.data.Charged = o.data.Total.Amount
		o.owe()
	case Accept:
		o.data.Points = o.earned()
		if event.ETAMinutes > 0 {
			o.data.ETAMinutes = &event.ETAMinutes
		}
	case Reject, Cancel, AcceptanceLapsed, ForceRefund:
		if before == PaymentPending {
			o.rememberCancel(event)
			return
		}
		o.data.Points = 0
		o.owe()
	case RefundMade:
		o.data.Refund = &Refund{Status: Refunded, Amount: o.data.Refund.Amount, Currency: o.data.Refund.Currency}
	}
}

// rememberCancel keeps a cancel until the payment's outcome is known. It loses
// its command ID, which is used up by now.
func (o *Order) rememberCancel(event Event) {
	event.CommandID = ""
	o.cancel = &event
	o.data.CancelRequested = true
}

// owe makes everything that was charged due for refund.
func (o *Order) owe() {
	o.data.Refund = &Refund{Status: RefundPending, Amount: o.data.Charged, Currency: o.data.Total.Currency}
}

// earned returns the points that the order's member earns with it.
func (o *Order) earned() int64 {
	if o.data.MembershipNumber == "" {
		return 0
	}
	return o.pointsRate.Of(o.data.Total.Amount)
}

func entryFor(edge edge, event Event, at time.Time) Entry {
	entry := Entry{Status: edge.to, At: at, Actor: event.Actor, Reason: event.Reason}
	if entry.Actor == "" {
		entry.Actor = edge.by
	}
	if edge.kind == records {
		entry.Note = string(event.Name)
	}
	return entry
}

func refusal(status Status, event EventName) error {
	if comesLater(status, event) {
		return &Error{Code: CodeTooEarly, OrderStatus: status,
			Message: fmt.Sprintf("too early to %s: the order is %s", event, status)}
	}
	return &Error{Code: CodeTooLate, OrderStatus: status,
		Message: fmt.Sprintf("too late to %s: the order is %s", event, status)}
}

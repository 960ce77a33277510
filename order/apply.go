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
	// CommandID makes a repeated command the same command: once a command of this
	// name and ID has changed something, its repetitions succeed and change
	// nothing, whatever happened since.
	CommandID string
	// FailureCode says why a payment failed, with PaymentRefused.
	FailureCode string
	// Lines are what is taken off, with Adjust, and what is given back, with GiveBack.
	Lines []LineQty
	// Amount is what is given back, in minor units, with a GiveBack that names no lines.
	Amount int64
	// Refund is the number of the refund that was made, with RefundMade and SettleRefund; zero
	// for the first that is pending, and for all that are. With GiveBack it is the number that
	// the refund is to have, so that of two that are asked for at once one is made; zero for the
	// next.
	Refund int
}

// Apply lets event happen at the given time. A command whose effect stands
// already changes nothing and is no error; [Order.Version] tells the two apart.
// An event that is not in the table is refused with [CodeTooLate] or
// [CodeTooEarly] and the status that won, and changes nothing.
//
// After a [PaymentSucceeded] the caller applies [Order.RequestedCancel] before
// anything else can happen to the order: that cancel came first.
func (o *Order) Apply(event Event, at time.Time) error {
	edge, err := o.edgeFor(event)
	if err != nil || edge.kind == repeats {
		return err
	}
	before := o.data.Status
	o.data.Status = edge.to
	o.settle(before, event, at)
	o.data.Version++
	if event.CommandID != "" {
		o.commands = append(o.commands, command{event.Name, event.CommandID})
	}
	if edge.kind != records {
		o.data.Timeline = append(o.data.Timeline, entryFor(edge, event, at))
	}
	return nil
}

// Check reports what [Order.Apply] would answer, without applying event.
func (o *Order) Check(event Event) error {
	_, err := o.edgeFor(event)
	return err
}

// Repeats reports whether the effect of event stands already, so that applying it
// would change nothing.
func (o *Order) Repeats(event Event) bool {
	edge, err := o.edgeFor(event)
	return err == nil && edge.kind == repeats
}

// edgeFor returns the edge that event would take now.
func (o *Order) edgeFor(event Event) (found edge, err error) {
	if event.CommandID != "" && slices.Contains(o.commands, command{event.Name, event.CommandID}) {
		return edge{kind: repeats}, nil
	}
	found, ok := findEdge(o.data.Status, event.Name)
	if nothingDue := event.Name == RefundMade && o.data.Refund == nil; !ok || nothingDue {
		return edge{}, o.refusal(event.Name)
	}
	if event.Name == SettleRefund && !o.settleable(event) {
		return edge{}, o.refusal(event.Name)
	}
	if o.stands(event) {
		found.kind = repeats
		return found, nil
	}
	switch event.Name {
	case Accept, AcceptanceLapsed:
		err = o.checkOffered(event.Name)
	case Adjust:
		err = o.checkAdjust(event)
	case GiveBack:
		err = o.checkGiveBack(event)
	}
	return found, err
}

// settleable reports whether an operator may say, or has said, that the customer has the
// money by other means: what is pending, or of an order that is undone whatever may come to
// light.
func (o *Order) settleable(event Event) bool {
	if was, there := o.data.RefundOf(event.Refund); event.Refund != 0 {
		return there && (was.Status == RefundPending || was.Settled)
	}
	if !o.data.Status.Undone() {
		return o.Owes()
	}
	return o.data.Settled || !o.data.refunded()
}

// stands reports whether the fact that event would record is known already.
func (o *Order) stands(event Event) bool {
	switch event.Name {
	case Cancel, ForceRefund:
		return o.data.Status == PaymentPending && o.data.CancelRequested
	case ChargeFound:
		return len(o.data.Refunds) > 0
	case Offer:
		return o.data.WasOffered()
	case GiveBack:
		return o.givenBack(event)
	case RefundMade:
		return !o.OwesRefund(o.numberOf(event))
	case SettleRefund:
		was, there := o.data.RefundOf(event.Refund)
		return o.data.Settled || there && was.Settled
	default:
		return false
	}
}

// settle brings money, points and the time of readiness in line with an event
// that has just taken the order on from the status before.
func (o *Order) settle(before Status, event Event, at time.Time) {
	switch event.Name {
	case PaymentSucceeded:
		o.data.Charged, o.data.PaymentAction = o.data.Total.Amount, nil
	case PaymentRefused:
		o.data.FailureCode, o.data.PaymentAction = event.FailureCode, nil
	case ChargeFound:
		o.data.Charged = o.data.Total.Amount
		o.oweRest(event, at)
	case Offer:
		o.data.OfferedAt = &at
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
		o.oweRest(event, at)
	case Adjust:
		amount, points := o.worth(event.Lines)
		o.owe(amount, points, event.Lines, event, at)
		o.earnLess()
	case GiveBack:
		amount, points := o.backOf(event)
		o.owe(amount, points, event.Lines, event, at)
		o.earnLess()
	case RefundMade:
		o.refundMade(o.numberOf(event))
	case SettleRefund:
		o.settleRefunds(event.Refund)
		o.data.Settled = o.data.Status.Undone() && !o.Owes()
	}
}

// rememberCancel keeps a cancel until the payment's outcome is known. It loses
// its command ID, under which it would count as its own repetition.
func (o *Order) rememberCancel(event Event) {
	event.CommandID = ""
	o.cancel = &event
	o.data.CancelRequested = true
}

// earned returns the points that the order's member earns with what the store keeps.
func (o *Order) earned() int64 {
	if o.data.MembershipNumber == "" {
		return 0
	}
	return o.data.PointsRate.Of(o.data.Kept())
}

// earnLess brings the points in line with what the store still keeps, unless they were
// forfeited.
func (o *Order) earnLess() { o.data.Points = min(o.data.Points, o.earned()) }

func entryFor(edge edge, event Event, at time.Time) Entry {
	entry := Entry{Status: edge.to, At: at, Actor: tidy(event.Actor), Reason: tidy(event.Reason)}
	if entry.Actor == "" {
		entry.Actor = edge.by
	}
	if edge.kind == notes {
		entry.Note = string(event.Name)
	}
	return entry
}

// refusal returns why event cannot happen to the order as it stands.
func (o *Order) refusal(event EventName) error {
	status := o.data.Status
	code, when := CodeTooLate, "late"
	if comesLater(status, event) || event == RefundMade && status == PaymentFailed {
		code, when = CodeTooEarly, "early"
	}
	return &Error{Code: code, OrderStatus: status,
		Message: fmt.Sprintf("%q comes too %s: the order is %s", event, when, status)}
}

// Closed answers a command for an order whose workflow is over: nil when the
// command's effect stands, and otherwise CodeTooLate with the status that won.
// Nothing can happen to such an order any more, even if it was ended from
// outside in a status that would allow the command.
func Closed(s Snapshot, command EventName) error {
	edge, err := (&Order{data: s}).edgeFor(Event{Name: command})
	if err == nil && edge.kind == repeats {
		return nil
	}
	return &Error{Code: CodeTooLate, OrderStatus: s.Status,
		Message: fmt.Sprintf("%q comes too late: the order is %s", command, s.Status)}
}

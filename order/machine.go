package order

import "slices"

// Status is where an order stands. The values are public: clients see them.
type Status string

// Every status of an order.
const (
	PaymentPending Status = "payment_pending"
	PaymentFailed  Status = "payment_failed"
	Paid           Status = "paid"
	Accepted       Status = "accepted"
	Ready          Status = "ready"
	PickedUp       Status = "picked_up"
	Rejected       Status = "rejected"
	Cancelled      Status = "cancelled"
	Expired        Status = "expired"
	Unclaimed      Status = "unclaimed"
)

// Statuses lists every status, in the order of an order's life.
func Statuses() []Status {
	return []Status{
		PaymentPending, PaymentFailed, Paid, Accepted, Ready, PickedUp,
		Rejected, Cancelled, Expired, Unclaimed,
	}
}

// EventName names what can happen to an order.
type EventName string

// The commands: what people ask for. Each is also the name of a signal and of
// an update of the order's workflow.
const (
	Accept    EventName = "accept"
	Reject    EventName = "reject"
	Cancel    EventName = "cancel"
	MarkReady EventName = "ready"
	PickUp    EventName = "pick-up"
	// Adjust takes lines off an order, or a part of one, which cannot be made after all.
	Adjust EventName = "adjust"
)

// GiveBack gives lines or an amount of an order back that is over. It is no command: the order's
// workflow has ended by then, as a rule.
const GiveBack EventName = "refund"

// The other events: what the payment gateway reports, the clock brings and an
// operator decides.
const (
	PaymentSucceeded EventName = "paid"
	// Offer: the time has come to offer an order for later to the store.
	Offer            EventName = "offer"
	PaymentRefused   EventName = "payment_failed"
	ChargeFound      EventName = "charge_found"
	RefundMade       EventName = "refunded"
	AcceptanceLapsed EventName = "expire"
	PickUpLapsed     EventName = "unclaimed"
	ForceRefund      EventName = "force-refund"
	// SettleRefund: an operator has given the money back by other means, or has found
	// that none was taken.
	SettleRefund EventName = "settle-refund"
)

// Commands lists the commands. New ones come last: see package workflows.
func Commands() []EventName { return []EventName{Accept, Reject, Cancel, MarkReady, PickUp, Adjust} }

// Events lists every event.
func Events() []EventName {
	return append(Commands(),
		PaymentSucceeded, PaymentRefused, ChargeFound, RefundMade, AcceptanceLapsed, PickUpLapsed, ForceRefund, SettleRefund, GiveBack, Offer)
}

// Who makes an event happen, when the event does not name an actor itself.
const (
	ActorCustomer = "customer"
	ActorStore    = "store"
	ActorGateway  = "payment gateway"
	ActorClock    = "clock"
	ActorOperator = "operator"
	// ActorTemporal is Temporal's own cancellation.
	ActorTemporal = "temporal"
)

// kind says what an edge of the machine does.
type kind int

const (
	// moves changes the status.
	moves kind = iota
	// records keeps the status and records a fact: a cancel that waits for the
	// payment's outcome, money that was given back.
	records
	// notes records a fact and shows it in the timeline: a decision or a
	// discovery that people will ask about.
	notes
	// repeats keeps everything: the effect of the command stands already.
	repeats
)

// edge is one thing that may happen to an order. The actor by is who makes it
// happen, unless the event names someone.
type edge struct {
	from  Status
	event EventName
	to    Status
	by    string
	kind  kind
}

// edges is the state machine: whatever is not in this table is refused.
var edges = []edge{
	{PaymentPending, PaymentSucceeded, Paid, ActorGateway, moves},
	{PaymentPending, PaymentRefused, PaymentFailed, ActorGateway, moves},
	{PaymentPending, Cancel, PaymentPending, ActorCustomer, records},
	{PaymentPending, ForceRefund, PaymentPending, ActorOperator, notes},
	{PaymentFailed, ChargeFound, PaymentFailed, ActorGateway, notes},
	{PaymentFailed, RefundMade, PaymentFailed, ActorGateway, records},
	{PaymentFailed, SettleRefund, PaymentFailed, ActorOperator, records},

	{Paid, Offer, Paid, ActorClock, notes},
	{Paid, Accept, Accepted, ActorStore, moves},
	{Paid, Reject, Rejected, ActorStore, moves},
	{Paid, Cancel, Cancelled, ActorCustomer, moves},
	{Paid, AcceptanceLapsed, Expired, ActorClock, moves},
	{Paid, ForceRefund, Cancelled, ActorOperator, moves},
	{Paid, Adjust, Paid, ActorStore, notes},
	{Paid, RefundMade, Paid, ActorGateway, records},
	{Paid, SettleRefund, Paid, ActorOperator, records},

	{Accepted, MarkReady, Ready, ActorStore, moves},
	{Accepted, Reject, Rejected, ActorStore, moves},
	{Accepted, ForceRefund, Cancelled, ActorOperator, moves},
	{Accepted, Adjust, Accepted, ActorStore, notes},
	{Accepted, RefundMade, Accepted, ActorGateway, records},
	{Accepted, SettleRefund, Accepted, ActorOperator, records},
	{Accepted, Accept, Accepted, ActorStore, repeats},

	{Ready, PickUp, PickedUp, ActorStore, moves},
	{Ready, PickUpLapsed, Unclaimed, ActorClock, moves},
	{Ready, ForceRefund, Cancelled, ActorOperator, moves},
	{Ready, RefundMade, Ready, ActorGateway, records},
	{Ready, SettleRefund, Ready, ActorOperator, records},
	{Ready, Accept, Ready, ActorStore, repeats},
	{Ready, MarkReady, Ready, ActorStore, repeats},

	{PickedUp, GiveBack, PickedUp, ActorStore, notes},
	{PickedUp, RefundMade, PickedUp, ActorGateway, records},
	{PickedUp, SettleRefund, PickedUp, ActorOperator, records},
	{PickedUp, Accept, PickedUp, ActorStore, repeats},
	{PickedUp, MarkReady, PickedUp, ActorStore, repeats},
	{PickedUp, PickUp, PickedUp, ActorStore, repeats},

	{Rejected, RefundMade, Rejected, ActorGateway, records},
	{Rejected, SettleRefund, Rejected, ActorOperator, records},
	{Rejected, Reject, Rejected, ActorStore, repeats},
	{Rejected, ForceRefund, Rejected, ActorOperator, repeats},

	{Cancelled, RefundMade, Cancelled, ActorGateway, records},
	{Cancelled, SettleRefund, Cancelled, ActorOperator, records},
	{Cancelled, Cancel, Cancelled, ActorCustomer, repeats},
	{Cancelled, ForceRefund, Cancelled, ActorOperator, repeats},

	{Expired, RefundMade, Expired, ActorGateway, records},
	{Expired, SettleRefund, Expired, ActorOperator, records},
	{Expired, ForceRefund, Expired, ActorOperator, repeats},

	{Unclaimed, GiveBack, Unclaimed, ActorStore, notes},
	{Unclaimed, RefundMade, Unclaimed, ActorGateway, records},
	{Unclaimed, SettleRefund, Unclaimed, ActorOperator, records},
	{Unclaimed, Accept, Unclaimed, ActorStore, repeats},
	{Unclaimed, MarkReady, Unclaimed, ActorStore, repeats},
}

// findEdge returns the edge that event takes from status.
func findEdge(status Status, event EventName) (edge, bool) {
	i := slices.IndexFunc(edges, func(e edge) bool { return e.from == status && e.event == event })
	if i < 0 {
		return edge{}, false
	}
	return edges[i], true
}

// Terminal reports whether no event can change the status any more. Money can
// still move: a refund that is due, a charge found after the payment failed.
func (s Status) Terminal() bool {
	return !slices.ContainsFunc(edges, func(e edge) bool { return e.from == s && e.kind == moves })
}

// Undone reports whether an order in the status gives all its money back.
func (s Status) Undone() bool {
	return s == PaymentFailed || s == Rejected || s == Cancelled || s == Expired
}

// OnBoard reports whether orders in the status are on the store's board, each under a
// pick-up number.
func (s Status) OnBoard() bool { return s == Paid || s == Accepted || s == Ready }

// Valid reports whether s is one of [Statuses].
func (s Status) Valid() bool { return slices.Contains(Statuses(), s) }

// comesLater reports whether an order in status can still reach a status in
// which event changes something.
func comesLater(status Status, event EventName) bool {
	for _, e := range edges {
		if e.from != status || e.kind != moves {
			continue
		}
		if next, ok := findEdge(e.to, event); ok && next.kind != repeats {
			return true
		}
		if comesLater(e.to, event) {
			return true
		}
	}
	return false
}

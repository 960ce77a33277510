// Package audit compares what the workflows say of orders with what everybody
// else has of them: the read model, the payment ledger, the points ledger and
// the phone. The comparing is pure: [Order] and [Orders] look at collected
// [Facts] and at nothing else.
package audit

import (
	"maps"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// Part is one of the things that an order's workflow is compared with.
type Part string

// The parts of an audit.
const (
	PartWorkflow  Part = "workflow"
	PartReadModel Part = "read model"
	PartMoney     Part = "money"
	PartPoints    Part = "points"
	PartTexts     Part = "texts"
	// PartReservations are points, uses of coupons and room in slots.
	PartReservations Part = "reservations"
)

// Facts is everything that is known of one order.
type Facts struct {
	OrderID string
	// Workflow is the order as its workflow answers; nil when Temporal has no
	// such order (any more).
	Workflow *order.Snapshot
	// Unreadable is why the order cannot be read: workers cannot go on with it, or none
	// answers. Workflow is nil then, and nothing else of the order is compared.
	Unreadable string
	// Open: the workflow is running, so that effects may still be under way.
	Open bool
	// ReadModel is the order as the read model has it; nil for not at all.
	ReadModel *readmodel.Stored
	// Money is the order's lines of the payment ledger.
	Money []payment.Movement
	// Points is the order's lines of the points ledger.
	Points []order.PointsEntry
	// Reservation is what the order has reserved; nil for nothing.
	Reservation *order.StoredReservation
	// Texts is what was sent, one entry for each text.
	Texts []Text
	// Unseen lists the parts that were not looked at, and so are not compared.
	Unseen []Part
}

// Store returns the store whose order it is; empty when nobody knows.
func (f Facts) Store() string {
	switch {
	case f.Workflow != nil:
		return f.Workflow.StoreOrMain()
	case f.ReadModel != nil:
		return f.ReadModel.StoreOrMain()
	default:
		return ""
	}
}

// Text is one text that was sent to the order's customer.
type Text struct {
	OrderID string         `json:"order_id"`
	Kind    order.TextKind `json:"kind"`
	At      time.Time      `json:"at"`
}

// seen reports whether the part was looked at.
func (f Facts) seen(part Part) bool { return !slices.Contains(f.Unseen, part) }

// movements returns the movements of a kind.
func (f Facts) movements(kind string) []payment.Movement {
	var all []payment.Movement
	for _, m := range f.Money {
		if m.Kind == kind {
			all = append(all, m)
		}
	}
	return all
}

// Kind names what kind of difference it is. The values are stable.
type Kind string

// The kinds of differences.
const (
	// Lost: money was taken or an order was seen, and Temporal has no such order.
	Lost Kind = "lost"
	// EndedEarly: the workflow was ended from outside before the order was over.
	EndedEarly Kind = "ended_early"
	// Unreadable: no worker can go on with the order, or none answers for it.
	Unreadable Kind = "unreadable"

	DoubleCharged  Kind = "double_charged"
	NotCharged     Kind = "not_charged"
	ChargedNotDue  Kind = "charged_not_due"
	Unrefunded     Kind = "unrefunded"
	DoubleRefunded Kind = "double_refunded"
	RefundedNotDue Kind = "refunded_not_due"
	// SettledAndRefunded: an operator has settled the refund by other means, and the
	// provider has made it as well.
	SettledAndRefunded Kind = "settled_and_refunded"
	WrongAmount        Kind = "wrong_amount"

	PointsMissing Kind = "points_missing"
	PointsNotDue  Kind = "points_not_due"

	// PointsUnspent: the order is cheaper by points that its member still has.
	PointsUnspent Kind = "points_unspent"
	// PointsUnreturned: points that were spent are due back, and are not back.
	PointsUnreturned     Kind = "points_unreturned"
	PointsReturnedNotDue Kind = "points_returned_not_due"

	// ReservationMissing: the order is made, or was, and what it needs is not reserved.
	ReservationMissing Kind = "reservation_missing"
	ReservationDiffers Kind = "reservation_differs"
	ReservationNotDue  Kind = "reservation_not_due"
	// Unreleased: the order is undone, and what it had reserved is not given back.
	Unreleased              Kind = "unreleased"
	ReservationWithoutOrder Kind = "reservation_without_order"
	CouponMiscounted        Kind = "coupon_miscounted"
	SlotMiscounted          Kind = "slot_miscounted"

	TextMissing    Kind = "text_missing"
	DuplicatedText Kind = "duplicated_text"
	TextNotDue     Kind = "text_not_due"

	ReadModelMissing Kind = "read_model_missing"
	ReadModelDiffers Kind = "read_model_differs"
)

// Difference is one thing about an order that is not as its workflow says.
type Difference struct {
	OrderID string `json:"order_id"`
	// Of is what is not as it should be, if that is no order: a coupon, or a slot.
	Of   string `json:"of,omitempty"`
	Part Part   `json:"part"`
	Kind Kind   `json:"kind"`
	// Detail is a sentence for the person who looks into it.
	Detail string `json:"detail"`
}

// Report is the outcome of an audit.
type Report struct {
	Orders int `json:"orders"`
	// Open orders are not over: what is still due for them is no difference.
	Open int `json:"open"`
	// Stuck are the open orders that have an effect failing for too long.
	Stuck int `json:"stuck"`
	// Owed is what customers have paid and will get neither drinks nor their money back
	// for, as things stand: one sum for each currency, in minor units.
	Owed []order.Money `json:"owed"`
	// Reserved is what the orders have reserved.
	Reserved    Reserved     `json:"reserved"`
	Differences []Difference `json:"differences"`
}

// Count returns how many differences of a kind there are.
func (r Report) Count(kind Kind) int {
	n := 0
	for _, d := range r.Differences {
		if d.Kind == kind {
			n++
		}
	}
	return n
}

// Orders audits many orders.
func Orders(all []Facts) Report {
	report := Report{Orders: len(all), Differences: []Difference{}}
	owed := map[string]int64{}
	for _, facts := range all {
		if facts.Open {
			report.Open++
		}
		if facts.Open && facts.Workflow != nil && len(facts.Workflow.StuckOn) > 0 {
			report.Stuck++
		}
		report.Reserved.add(facts.Reservation)
		a := compare(facts)
		report.Differences = append(report.Differences, a.found...)
		if amount, currency := a.owed(); amount > 0 {
			owed[currency] += amount
		}
	}
	report.Owed = make([]order.Money, 0, len(owed))
	for _, currency := range slices.Sorted(maps.Keys(owed)) {
		report.Owed = append(report.Owed, order.Money{Amount: owed[currency], Currency: currency})
	}
	return report
}

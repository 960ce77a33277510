package order

import (
	"fmt"
	"slices"
	"time"
)

// RefundStatus is how far a refund has come.
type RefundStatus string

// A refund is pending from the moment it is due, and refunded once the payment
// provider has confirmed it or an operator has settled it.
const (
	RefundPending RefundStatus = "pending"
	Refunded      RefundStatus = "refunded"
)

// RefundSum is all the money that an order gives back, in minor units: pending while any
// of its refunds is.
type RefundSum struct {
	Status   RefundStatus `json:"status"`
	Amount   int64        `json:"amount"`
	Currency string       `json:"currency"`
}

// Refund is money on its way back to the customer, in minor units: all that is left of the
// charge, or a part of it.
type Refund struct {
	// Number counts the refunds of an order, from 1. Each is made once.
	Number   int          `json:"refund"`
	Status   RefundStatus `json:"status"`
	Amount   int64        `json:"amount"`
	Currency string       `json:"currency"`
	// Points are those of the points spent that go back with it.
	Points int64 `json:"points,omitempty"`
	// Cause is the event that made it due.
	Cause EventName `json:"cause,omitempty"`
	// Reason says why, in the words of the store.
	Reason string `json:"reason,omitempty"`
	// CommandID is that of the GiveBack, which is repeated under it long after its end.
	CommandID string `json:"command_id,omitempty"`
	// Lines are what is not made, or given back; none where it is an amount.
	Lines []LineQty `json:"lines"`
	At    time.Time `json:"at"`
	// Settled: an operator has given the money back by other means.
	Settled bool `json:"settled,omitempty"`
}

// Money returns what of the refund is money.
func (r Refund) Money() Money { return Money{Amount: r.Amount, Currency: r.Currency} }

// LineQty is some pieces of a line of an order.
type LineQty struct {
	Line int `json:"line"`
	Qty  int `json:"qty"`
}

// Left returns how many pieces of the line are not refunded.
func (l Line) Left() int { return l.Qty - l.RefundedQty }

// RefundTotal returns what all refunds add up to, made and pending, in minor units.
func (s Snapshot) RefundTotal() (amount int64) {
	for _, refund := range s.Refunds {
		amount += refund.Amount
	}
	return amount
}

// Kept returns what of the charge is the store's, as things stand, in minor units.
func (s Snapshot) Kept() int64 { return s.Charged - s.RefundTotal() }

// Bill returns what the order was to cost.
func (s Snapshot) Bill() Bill { return Bill{s.Items, s.Discounts} }

// KeptPoints returns how many of the points that its member has spent have not gone back.
func (s Snapshot) KeptPoints() int64 {
	points := s.Bill().SpentPoints()
	for _, refund := range s.Refunds {
		points -= refund.Points
	}
	return points
}

// Pending returns the refunds that have not been made.
func (s Snapshot) Pending() (pending []Refund) {
	for _, refund := range s.Refunds {
		if refund.Status == RefundPending {
			pending = append(pending, refund)
		}
	}
	return pending
}

func (s Snapshot) refunded() bool { return s.Refund != nil && s.Refund.Status == Refunded }

// Refunds returns the order's refunds, in the order in which they became due.
func (o *Order) Refunds() []Refund { return slices.Clone(o.data.Refunds) }

// Partial reports whether the refund is of a part of the order, which goes on or is over, and
// not of all that was left of one that is undone.
func (r Refund) Partial() bool { return r.Cause == Adjust || r.Cause == GiveBack }

// Told reports whether the customer is to be told of the refund by now: of what is taken off an
// order at once, of any other money when it has been given back.
func (r Refund) Told() bool { return r.Cause == Adjust || r.Status == Refunded }

// RefundOf returns the refund of that number, and false when the order has none.
func (s Snapshot) RefundOf(number int) (Refund, bool) {
	all := s.WithRefundList().Refunds
	i := slices.IndexFunc(all, func(r Refund) bool { return r.Number == number })
	if i < 0 {
		return Refund{}, false
	}
	return all[i], true
}

// PendingRefunds returns how many refunds have not been made.
func (o *Order) PendingRefunds() int { return len(o.data.Pending()) }

// Owes reports whether the customer is to get money back, and has not got it.
func (o *Order) Owes() bool { return len(o.data.Pending()) > 0 }

// OwesRefund reports whether the refund of that number is still to be made.
func (o *Order) OwesRefund(number int) bool {
	return slices.ContainsFunc(o.data.Pending(), func(r Refund) bool { return r.Number == number })
}

// Refunded reports whether the customer has got back all that was due, if anything was.
func (o *Order) Refunded() bool { return o.data.refunded() }

// UndoneBy returns the refund that gave back what was left of an order that is undone, and
// false for any other order.
func (s Snapshot) UndoneBy() (Refund, bool) {
	if !s.Status.Undone() || len(s.Refunds) == 0 {
		return Refund{}, false
	}
	return s.Refunds[len(s.Refunds)-1], true
}

// checkAdjust fails with [CodeInvalid] unless the lines of the event can be taken off the
// order, and leave something of it.
func (o *Order) checkAdjust(event Event) error {
	if err := o.checkLines(event.Lines); err != nil {
		return err
	}
	left := 0
	for _, line := range o.data.Items {
		left += line.Left()
	}
	for _, taken := range event.Lines {
		left -= taken.Qty
	}
	if left == 0 {
		return linesError("nothing would be left of the order: reject it instead")
	}
	return nil
}

// checkLines fails with [CodeInvalid] unless the order has these pieces still.
func (o *Order) checkLines(lines []LineQty) error {
	if len(lines) == 0 {
		return linesError("lines must name what is taken off")
	}
	named := map[int]bool{}
	for _, l := range lines {
		i := o.lineIndex(l.Line)
		switch {
		case i < 0:
			return linesError(fmt.Sprintf("the order has no line %d", l.Line))
		case named[l.Line]:
			return linesError(fmt.Sprintf("line %d is named twice", l.Line))
		case l.Qty < 1 || l.Qty > o.data.Items[i].Left():
			return linesError(fmt.Sprintf("of line %d there are %d left", l.Line, o.data.Items[i].Left()))
		}
		named[l.Line] = true
	}
	return nil
}

func linesError(message string) error {
	return &Error{Code: CodeInvalid, Field: "lines", Message: message}
}

// lineIndex returns where the line of that number is; below zero when there is none.
func (o *Order) lineIndex(number int) int {
	if number < 1 || number > len(o.data.Items) {
		return -1
	}
	return number - 1 // lines count from 1, also those of before they had their numbers
}

// worth returns what these pieces have cost: money in minor units, and points.
func (o *Order) worth(lines []LineQty) (amount, points int64) { return o.data.Bill().worth(lines) }

// owe makes an amount and points due for refund, for these pieces, because of the event.
func (o *Order) owe(amount, points int64, lines []LineQty, because Event, at time.Time) {
	for _, l := range lines {
		o.data.Items[o.lineIndex(l.Line)].RefundedQty += l.Qty
	}
	refund := Refund{
		Number: len(o.data.Refunds) + 1, Status: RefundPending, Amount: amount, Points: points, Currency: o.data.Total.Currency,
		Cause: because.Name, Reason: tidy(because.Reason), Lines: append([]LineQty{}, lines...), At: at,
	}
	if because.Name == GiveBack {
		refund.CommandID = because.CommandID
	}
	o.data.Refunds = append(o.data.Refunds, refund)
	o.sumUp()
}

// oweRest makes all that is left of the charge due for refund, unless an operator has
// settled it before: what is settled is never paid again.
func (o *Order) oweRest(because Event, at time.Time) {
	lines := []LineQty{}
	for i, line := range o.data.Items {
		if line.Left() > 0 {
			lines = append(lines, LineQty{Line: i + 1, Qty: line.Left()})
		}
	}
	o.owe(o.data.Kept(), o.data.KeptPoints(), lines, Event{Name: because.Name}, at)
	if o.data.Settled {
		o.settleRefunds(0)
	}
}

// numberOf returns the number of the refund that a RefundMade is of.
func (o *Order) numberOf(event Event) int {
	if pending := o.data.Pending(); event.Refund == 0 && len(pending) > 0 {
		return pending[0].Number
	}
	return event.Refund
}

// refundMade records that the refund of that number has reached the customer.
func (o *Order) refundMade(number int) {
	for i := range o.data.Refunds {
		if o.data.Refunds[i].Number == number {
			o.data.Refunds[i].Status = Refunded
		}
	}
	o.sumUp()
}

// settleRefunds records that the customer has got the refund of that number by other means; all
// that are pending for zero.
func (o *Order) settleRefunds(number int) {
	for i := range o.data.Refunds {
		if r := o.data.Refunds[i]; r.Status == RefundPending && (number == 0 || r.Number == number) {
			o.data.Refunds[i].Status, o.data.Refunds[i].Settled = Refunded, true
		}
	}
	o.sumUp()
}

// sumUp brings the sum of the refunds in line with them.
func (o *Order) sumUp() {
	if len(o.data.Refunds) == 0 {
		return
	}
	sum := RefundSum{Status: Refunded, Amount: o.data.RefundTotal(), Currency: o.data.Total.Currency}
	if o.Owes() {
		sum.Status = RefundPending
	}
	o.data.Refund = &sum
}

// WithRefundList returns the snapshot with its refunds as a list, which orders of before
// there was one have as a sum alone.
func (s Snapshot) WithRefundList() Snapshot {
	if s.Refund == nil || len(s.Refunds) > 0 {
		return s
	}
	s.Refunds = []Refund{{
		Number: 1, Status: s.Refund.Status, Amount: s.Refund.Amount, Currency: s.Refund.Currency, Lines: []LineQty{}, At: s.EndedAt(), Settled: s.Settled,
	}}
	return s
}

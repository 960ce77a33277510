package order

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// RefundWithin is how long after its end an order can be refunded.
const RefundWithin = 30 * 24 * time.Hour

// EndedAt returns when the order got the status that it has.
func (s Snapshot) EndedAt() time.Time {
	at := s.PlacedAt
	for _, entry := range s.Timeline {
		if entry.Note == "" {
			at = entry.At
		}
	}
	return at
}

// CheckRefundTime fails with [CodeTooLate] when the order has ended too long ago for a refund.
func (s Snapshot) CheckRefundTime(now time.Time) error {
	if s.Status.Terminal() && now.After(s.EndedAt().Add(RefundWithin)) {
		return &Error{Code: CodeTooLate, OrderStatus: s.Status, Message: fmt.Sprintf(
			"%q comes too late: the order is %s since more than %d days", GiveBack, s.Status, int(RefundWithin/(24*time.Hour)))}
	}
	return nil
}

// Refundable reports whether orders in the status are over, and may be refunded: of those that
// are undone everything has gone back.
func (s Status) Refundable() bool {
	_, ok := findEdge(s, GiveBack)
	return ok
}

// NextRefund returns the number of the order's next refund.
func (s Snapshot) NextRefund() int { return len(s.Refunds) + 1 }

// RepeatedWithin is how long a refund that names neither its number nor a command is taken for
// the last one, asked for again by somebody who got no answer.
const RepeatedWithin = 5 * time.Minute

// RefundNumberFor returns the number that the refund which the event asks for is to have where it names
// none: the next, or that of the last where it is the same, for the same reason, and was asked for
// within [RepeatedWithin].
func (s Snapshot) RefundNumberFor(event Event, now time.Time) int {
	if last := len(s.Refunds) - 1; last >= 0 && event.CommandID == "" {
		r := s.Refunds[last]
		same := r.Cause == GiveBack && r.isOf(event) && r.Reason == tidy(event.Reason)
		if same && now.Sub(r.At) < RepeatedWithin {
			return r.Number
		}
	}
	return s.NextRefund()
}

// givenBack reports whether the refund that the event asks for is among those of the order:
// under its command ID, whatever has happened since; or the same, under its number or under way.
func (o *Order) givenBack(event Event) bool {
	return slices.ContainsFunc(o.data.Refunds, func(r Refund) bool {
		sameCommand := event.CommandID != "" && r.CommandID == event.CommandID
		sameNumber := r.Number == event.Refund || r.Status == RefundPending
		return r.Cause == GiveBack && (sameCommand || sameNumber && r.isOf(event))
	})
}

// isOf reports whether the refund is of the lines, or of the amount, that the event names.
func (r Refund) isOf(event Event) bool {
	if len(event.Lines) == 0 {
		return len(r.Lines) == 0 && r.Amount == event.Amount
	}
	return slices.Equal(byLine(r.Lines), byLine(event.Lines))
}

func byLine(lines []LineQty) []LineQty {
	return slices.SortedFunc(slices.Values(lines), func(a, b LineQty) int { return cmp.Compare(a.Line, b.Line) })
}

// checkGiveBack fails unless the money that the event names can be given back: with
// [CodeTooLate] when nothing was charged, with [CodeRefundPending] while another refund is under
// way, or was asked for first, and otherwise with [CodeInvalid] and the field that is to blame.
func (o *Order) checkGiveBack(event Event) error {
	switch next := o.data.NextRefund(); {
	case o.data.Charged == 0 && o.data.Bill().SpentPoints() == 0:
		return o.noRefund(CodeTooLate, "nothing was charged")
	case o.Owes(), event.Refund != 0 && event.Refund < next:
		return o.noRefund(CodeRefundPending, "another refund was asked for first")
	case event.Refund > next:
		return &Error{Code: CodeInvalid, Field: "refund", Message: fmt.Sprintf("the next refund of the order is %d", next)}
	case len(event.Lines) > 0 && event.Amount != 0:
		return amountError("lines and amount exclude each other")
	case len(event.Lines) > 0:
		return o.checkLinesBack(event.Lines)
	case event.Amount < 1:
		return amountError("lines or an amount above 0 must say what is given back")
	case event.Amount > o.data.Kept():
		return amountError(fmt.Sprintf("%d of the charge are left to give back", o.data.Kept()))
	}
	return nil
}

// noRefund is the error of a refund for which the order's state is to blame.
func (o *Order) noRefund(code Code, why string) error {
	return &Error{Code: code, OrderStatus: o.data.Status, Message: fmt.Sprintf("%s: the order is %s", why, o.data.Status)}
}

func (o *Order) checkLinesBack(lines []LineQty) error {
	if err := o.checkLines(lines); err != nil {
		return err
	}
	switch amount, points := o.worth(lines); {
	case amount == 0 && points == 0:
		return linesError("the lines have cost nothing")
	case o.data.Kept() == 0 && o.data.KeptPoints() == 0:
		return amountError("nothing of the charge is left to give back")
	}
	return nil
}

func amountError(message string) error {
	return &Error{Code: CodeInvalid, Field: "amount", Message: message}
}

// backOf returns how much the event gives back, never more than is left: what the lines have cost,
// or an amount and its share of the points that were spent. However often amounts are given back,
// their points are the share of all of them together, so that nothing is lost by rounding. With the
// last of the money go the last of the points.
func (o *Order) backOf(event Event) (amount, points int64) {
	kept, keptPoints := o.data.Kept(), o.data.KeptPoints()
	if event.Amount == 0 {
		amount, points = o.worth(event.Lines)
		return min(amount, kept), min(points, keptPoints)
	}
	if event.Amount == kept {
		return kept, keptPoints
	}
	before := o.data.amountsBack()
	shareOf := func(money int64) int64 { return mulDiv(o.data.Bill().SpentPoints(), money, o.data.Charged) }
	return event.Amount, min(shareOf(before+event.Amount)-shareOf(before), keptPoints)
}

// amountsBack returns what of the money was given back as amounts, not for lines.
func (s Snapshot) amountsBack() (amount int64) {
	for _, refund := range s.Refunds {
		if refund.Cause == GiveBack && len(refund.Lines) == 0 {
			amount += refund.Amount
		}
	}
	return amount
}

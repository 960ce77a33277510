package order

import (
	"fmt"
	"math/bits"
	"slices"
)

// DiscountKind says what has made an order cheaper.
type DiscountKind string

// An order is cheaper by a coupon, and by the points that its member spends.
const (
	DiscountCoupon DiscountKind = "coupon"
	DiscountPoints DiscountKind = "points"
)

// Discount is what an order costs less, in minor units, shared out over its lines.
type Discount struct {
	Kind DiscountKind `json:"kind"`
	// Code is the coupon's.
	Code   string `json:"code,omitempty"`
	Amount int64  `json:"amount"`
	// Points are those that the member spends.
	Points int64 `json:"points,omitempty"`
	// Shares are what of the amount each line has, in the order of the lines.
	Shares []int64 `json:"shares"`
}

// Bill is what lines cost, less what is deducted from them.
type Bill struct {
	Lines     []Line
	Discounts []Discount
}

// Deduct takes the discount's amount off the bill, from the lines that it is for, each by its share
// of what they still cost, by the largest remainder. It fails with [CodeInvalid] when they cost
// less than that, or the amount is negative.
func (b *Bill) Deduct(d Discount, isFor func(Line) bool) error {
	due := make([]int64, len(b.Lines))
	for i, line := range b.Lines {
		if isFor(line) {
			due[i] = b.Due(i)
		}
	}
	if d.Amount < 0 || d.Amount > sum(due) {
		return &Error{Code: CodeInvalid, Field: string(d.Kind), Message: fmt.Sprintf("at most %d can be deducted", sum(due))}
	}
	d.Shares = ShareOut(d.Amount, due)
	b.Discounts = append(slices.Clone(b.Discounts), d)
	return nil
}

// Due returns what the line at index i costs, less its shares of the discounts.
func (b Bill) Due(i int) int64 {
	due := b.Lines[i].Price.Amount * int64(b.Lines[i].Qty)
	for _, d := range b.Discounts {
		due -= d.Shares[i]
	}
	return due
}

// due returns what all lines cost, less the discounts.
func (b Bill) due() (due int64) {
	for i := range b.Lines {
		due += b.Due(i)
	}
	return due
}

// Total returns what is to be paid. It fails with [CodeInvalid] as [Total] does, and when a discount
// is not shared out over the lines.
func (b Bill) Total() (Money, error) {
	total, err := Total(b.Lines)
	if err != nil {
		return Money{}, err
	}
	for _, d := range b.Discounts {
		if len(d.Shares) != len(b.Lines) || sum(d.Shares) != d.Amount || slices.Min(d.Shares) < 0 || d.Points < 0 {
			return Money{}, &Error{Code: CodeInvalid, Field: "discounts", Message: "a discount must be shared out over the lines"}
		}
		total.Amount -= d.Amount
	}
	for i := range b.Lines {
		if len(b.Discounts) > 0 && b.Due(i) < 0 {
			return Money{}, &Error{Code: CodeInvalid, Field: "discounts", Message: "a line must not cost less than nothing"}
		}
	}
	return total, nil
}

// SpentPoints returns the points that the member spends.
func (b Bill) SpentPoints() (points int64) {
	for _, d := range b.Discounts {
		points += d.Points
	}
	return points
}

// PointsOf returns the points that are spent on the line at index i.
func (b Bill) PointsOf(i int) (points int64) {
	for _, d := range b.Discounts {
		if d.Points > 0 {
			points += ShareOut(d.Points, d.Shares)[i]
		}
	}
	return points
}

// worth returns what these pieces have cost: money in minor units, and points. However the
// pieces of a line are taken, one after the other, they come to what the line has cost.
func (b Bill) worth(lines []LineQty) (amount, points int64) {
	for _, l := range lines {
		i := l.Line - 1
		line := b.Lines[i]
		of := func(whole int64) int64 {
			return part(whole, line.RefundedQty+l.Qty, line.Qty) - part(whole, line.RefundedQty, line.Qty)
		}
		amount += of(b.Due(i))
		points += of(b.PointsOf(i))
	}
	return amount, points
}

// part returns the share of so many pieces out of all, rounded down.
func part(whole int64, pieces, all int) int64 { return mulDiv(whole, int64(pieces), int64(all)) }

// ShareOut shares an amount out by the weights, none of which is negative, so that the shares add up
// to it: each gets its part rounded down, and what is left goes, one each, to those that lost
// most by rounding, the first of them first (the method of the largest remainder). Without any
// weight there is nothing to share out.
func ShareOut(amount int64, weights []int64) []int64 {
	shares, all := make([]int64, len(weights)), sum(weights)
	if all == 0 {
		return shares
	}
	lost, left := make([]int64, len(weights)), amount
	for i, weight := range weights {
		shares[i] = mulDiv(amount, weight, all)
		hi, lo := bits.Mul64(uint64(amount), uint64(weight)) //nolint:gosec // neither is negative
		lost[i] = int64(bits.Rem64(hi, lo, uint64(all)))     //nolint:gosec // it is below all
		left -= shares[i]
	}
	for ; left > 0; left-- {
		most := 0
		for i := range lost {
			if lost[i] > lost[most] {
				most = i
			}
		}
		shares[most], lost[most] = shares[most]+1, -1
	}
	return shares
}

// mulDiv returns a*b/c rounded down, for a and b that are not negative and b at most c.
func mulDiv(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))   //nolint:gosec // neither is negative
	quotient, _ := bits.Div64(hi, lo, uint64(c)) //nolint:gosec // c is above zero
	return int64(quotient)                       //nolint:gosec // it is at most a
}

func sum(amounts []int64) (total int64) {
	for _, amount := range amounts {
		total += amount
	}
	return total
}

func cloneDiscounts(discounts []Discount) []Discount {
	discounts = slices.Clone(discounts)
	for i := range discounts {
		discounts[i].Shares = slices.Clone(discounts[i].Shares)
	}
	return discounts
}

package order

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
)

// PointsKind says which way points went.
type PointsKind string

// Points are credited when the store accepts, and taken back when the accepted
// order is undone.
const (
	PointsCredit   PointsKind = "credit"
	PointsTakeBack PointsKind = "take_back"
	// PointsSpend is of points that the member spends on an order; what is left of them goes back
	// with PointsRelease when it is undone.
	PointsSpend   PointsKind = "spend"
	PointsRelease PointsKind = "release"
)

// PointsReturn is the kind of the entry that gives back what of the points spent a refund of a
// part of the order gives back.
func PointsReturn(refund int) PointsKind { return PointsKind(fmt.Sprintf("return/%d", refund)) }

// PointsAdjust is the kind of the entry that takes back what a refund of a part of the order
// has earned. Each refund has one of its own.
func PointsAdjust(refund int) PointsKind { return PointsKind(fmt.Sprintf("adjust/%d", refund)) }

// Base returns the kind without the number of a refund: "adjust" of "adjust/1".
func (k PointsKind) Base() PointsKind {
	base, _, _ := strings.Cut(string(k), "/")
	return PointsKind(base)
}

// PointsEntry is one line of the points ledger. Order and kind together are its
// idempotency key. Points are positive for credits and negative when taken
// back; a member's balance is the sum of all entries. A member's account leaves the
// OrderID out for an order that somebody else has placed under the number.
type PointsEntry struct {
	OrderID          string     `json:"order_id"`
	MembershipNumber string     `json:"membership_number"`
	Kind             PointsKind `json:"kind"`
	Points           int64      `json:"points"`
	At               time.Time  `json:"at"`
}

// LeastPoints is how many points a member spends at least.
const LeastPoints = 100

// PointValues are what a point is worth that is spent, by currency: 10,000 is one minor unit, and so
// is a currency that is not named.
type PointValues map[string]BasisPoints

// In returns what a point is worth in the currency.
func (v PointValues) In(currency string) BasisPoints {
	if value, named := v[currency]; named {
		return value
	}
	return oneMinorUnit
}

const oneMinorUnit BasisPoints = 10_000

// PointsFor returns the most points, each worth b, that can be spent on an amount: they are worth it,
// or as much of it as whole points are, and one point less would be worth less. The amount is
// not negative, and b is above zero.
func (b BasisPoints) PointsFor(amount int64) int64 {
	amount = min(amount, math.MaxInt64/int64(oneMinorUnit)-1)
	most := ((amount+1)*int64(oneMinorUnit) - 1) / int64(b)
	return b.fewest(b.Of(most))
}

// fewest returns how few points, each worth b, are worth the amount.
func (b BasisPoints) fewest(amount int64) int64 {
	return (amount*int64(oneMinorUnit) + int64(b) - 1) / int64(b)
}

// SpendPoints takes off the bill what the points are worth, each the value. It takes no more points than
// that amount needs. It fails with [CodeInvalid] and the field "points" when they are fewer than
// [LeastPoints], or worth more than what is due.
func (b *Bill) SpendPoints(points int64, value BasisPoints) error {
	value = cmp.Or(value, oneMinorUnit)
	most := value.PointsFor(b.due())
	switch {
	case points < LeastPoints:
		return pointsError(fmt.Sprintf("must be 0, or at least %d", LeastPoints))
	case most < LeastPoints:
		return pointsError(fmt.Sprintf("cannot be spent on this order: it comes to less than %d points are worth", LeastPoints))
	case points > most:
		return pointsError(fmt.Sprintf("must be at most %d: that is what is due", most))
	}
	amount := value.Of(points)
	spent := Discount{Kind: DiscountPoints, Amount: amount, Points: value.fewest(amount)}
	return b.Deduct(spent, func(Line) bool { return true })
}

func pointsError(message string) error {
	return &Error{Code: CodeInvalid, Field: "points", Message: "points " + message}
}

// SpendablePoints returns how many points, each worth the value, can be spent on what is due; zero
// where that is less than [LeastPoints].
func (b Bill) SpendablePoints(value BasisPoints) int64 {
	if most := cmp.Or(value, oneMinorUnit).PointsFor(b.due()); most >= LeastPoints {
		return most
	}
	return 0
}

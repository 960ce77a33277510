package order

import (
	"fmt"
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

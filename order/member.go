package order

import "time"

// Member is a customer who collects points.
type Member struct {
	MembershipNumber string
	Name             string
	// Phone is in E.164 form.
	Phone string
}

// CodeUse is what somebody proves a phone number with.
type CodeUse struct {
	// Nonce is what the code was asked for with, Code what the phone got.
	Nonce, Code string
	// MembershipNumber, when set, is whose phone it has to be.
	MembershipNumber string
	// Name is what the member is called from then on; empty for no change.
	Name string
}

// SignedIn is a member who has proved to be one.
type SignedIn struct {
	MembershipNumber string
	// Token proves it from now on, until it expires or is ended.
	Token string
	// New: there was no member with that phone before.
	New bool
}

// MemberSession is one of a member's tokens, as far as it can be shown.
type MemberSession struct {
	// ID names the session, and opens nothing.
	ID string
	// CreatedAt is when the member signed in, LastUsedAt within an hour when the token
	// was last used.
	CreatedAt, LastUsedAt time.Time
	// Current: it is the token that the list was asked for with.
	Current bool
}

// PointsKind says which way points went.
type PointsKind string

// Points are credited when the store accepts, and taken back when the accepted
// order is undone.
const (
	PointsCredit   PointsKind = "credit"
	PointsTakeBack PointsKind = "take_back"
)

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

// Package member has the customers who collect points, and how they sign in: by a one-time
// code that their phone gets. Their points are lines of the ledger, [order.PointsEntry],
// which orders write. Start at [Member].
package member

import (
	"time"

	"github.com/cafeforme/cafeforme/order"
)

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

// CodeText is the text by which a phone gets a one-time code.
type CodeText struct {
	// To is the phone in E.164 form.
	To       string
	Language order.Language
	// Brand is what the store is called in the language; empty for the default brand.
	Brand string
	Code  string
}

// SignedIn is a member who has proved to be one.
type SignedIn struct {
	MembershipNumber string
	// Token proves it from now on, until it expires or is ended.
	Token string
	// New: there was no member with that phone before.
	New bool
}

// Session is one of a member's tokens, as far as it can be shown.
type Session struct {
	// ID names the session, and opens nothing.
	ID string
	// CreatedAt is when the member signed in, LastUsedAt within an hour when the token
	// was last used.
	CreatedAt, LastUsedAt time.Time
	// Current: it is the token that the list was asked for with.
	Current bool
}

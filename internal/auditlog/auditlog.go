// Package auditlog says who changed what. The database keeps it, and lets nobody
// change it afterwards.
package auditlog

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Action is what was done.
type Action string

// The actions, of which the subject is a product, an entry of the catalog, the hash of a picture, the brand, the code of a coupon, the hours, a store, the name
// of somebody of the staff, or a membership number.
const (
	MenuItemPut     Action = "menu.put"
	MenuItemRemoved Action = "menu.remove"
	CatalogPut      Action = "catalog.put"
	CatalogReplaced Action = "catalog.replace"
	AvailabilitySet Action = "availability.set"
	HoursSet        Action = "hours.set"
	StorePut        Action = "store.put"
	ImageAdded      Action = "image.add"
	BrandSet        Action = "brand.set"
	BrandReplaced   Action = "brand.replace"
	CouponPut       Action = "coupon.put"
	CouponEnded     Action = "coupon.end"
	StaffAdded      Action = "staff.add"
	StaffSet        Action = "staff.set"
	StaffEnded      Action = "staff.end"
	TokenAdded      Action = "token.add"
	TokensRevoked   Action = "token.revoke"
	PasskeyAdded    Action = "passkey.add"
	PasskeyRemoved  Action = "passkey.remove"
	SignedIn        Action = "sign_in"
	SignInFailed    Action = "sign_in.failed"
	SessionEnded    Action = "session.end"
	SessionPlaced   Action = "session.place"
	SignedOut       Action = "sign_out"
	MemberErased    Action = "member.erase"
)

// Unknown is the actor of what nobody has said they did.
const Unknown = "unknown"

// Entry is one line of the log.
type Entry struct {
	At time.Time
	// Actor is the name of a member of the staff or an operator, or "customer" for a
	// member; of a sign-in that failed, the client's address, until it is forgotten.
	Actor  string
	Action Action
	// Store is whose entry it is; empty where all stores have a part in it.
	Store   string
	Subject string
	// Before and After are JSON, and empty where there was nothing, or is nothing now.
	Before, After string
}

// JSON returns a value for Before or After.
func JSON(value any) (string, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode for the audit log: %w", err)
	}
	return string(encoded), nil
}

type (
	actorKey         struct{}
	unconditionalKey struct{}
)

// Unconditionally says that what is done with the context replaces whatever there is: who does it has
// not said what they have seen of it.
func Unconditionally(ctx context.Context) context.Context {
	return context.WithValue(ctx, unconditionalKey{}, true)
}

// Unconditional reports whether that was said.
func Unconditional(ctx context.Context) bool { return ctx.Value(unconditionalKey{}) != nil }

// WithActor says who does what is done with the context.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// Actor returns who that is, or [Unknown].
func Actor(ctx context.Context) string {
	if actor, ok := ctx.Value(actorKey{}).(string); ok && actor != "" {
		return actor
	}
	return Unknown
}

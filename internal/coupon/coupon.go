// Package coupon has what a coupon is: how much it takes off an order, and which orders it is for. A
// [Coupon] is the document that the back office keeps; together with how often it is used it is a
// [State]. Start at [State.Deduct].
package coupon

import "regexp"

// Coupon is one coupon, as the back office keeps it. It takes off either an amount or a percentage.
type Coupon struct {
	// Code is what customers type, such as "SPRING-10".
	Code string `json:"code"`
	// Currency is the ISO 4217 code of what all of its amounts are in minor units of: the catalog's at the
	// time.
	Currency string `json:"currency"`
	// Amount is what it takes off, at most what the lines cost that it is for.
	Amount int64 `json:"amount,omitempty"`
	// Percent is how much of what those lines cost it takes off, at most MaxAmount where that is not 0.
	Percent   int   `json:"percent,omitempty"`
	MaxAmount int64 `json:"max_amount,omitempty"`
	// MinSubtotal is what an order has to cost, before anything is taken off; 0 for any.
	MinSubtotal int64 `json:"min_subtotal,omitempty"`
	// From and Until are the first and the last day on which it can be used ("2026-12-25"), in the time zone
	// of the store; empty for no such day.
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
	// Uses is how many orders can have it, UsesPerMember how many of each member; 0 for any number. With
	// UsesPerMember only members can use it.
	Uses          int64 `json:"uses,omitempty"`
	UsesPerMember int64 `json:"uses_per_member,omitempty"`
	// Stores are the slugs of those that take it; none for all of them.
	Stores []string `json:"stores,omitempty"`
	// Categories and Items are what it takes something off, the one as well as the other; none of both for
	// all that is sold. Items are products.
	Categories []string `json:"categories,omitempty"`
	Items      []string `json:"items,omitempty"`
	// Ended: it was taken out of use. What has used it keeps it.
	Ended bool `json:"ended,omitempty"`
}

// State is a coupon with how it stands.
type State struct {
	Coupon
	// Version is the document's: another one after every change of it.
	Version int64
	// Used is how many orders have it that were not undone.
	Used int64
}

var codeForm = regexp.MustCompile(`^[0-9A-Z_-]{3,40}$`)

// ValidCode reports whether a coupon can be called so.
func ValidCode(code string) bool { return codeForm.MatchString(code) }

// CodeForm says what [ValidCode] wants, and follows the name of a field.
const CodeForm = "must be 3 to 40 capital letters, digits, dashes and underscores"

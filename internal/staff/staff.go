// Package staff has who works at the stores, and what they may do there: an [Account] has a [Role]
// and stores. Its holder proves who they are by a token or, in a browser, by a [Passkey]; a browser
// that has done so has a [Session].
package staff

import (
	"regexp"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// Role is what somebody of the staff may do.
type Role string

// The roles, each of which may do what those before it may.
const (
	// Barista works the board, says what is sold out, and pauses ordering.
	Barista Role = "barista"
	// Manager keeps the menu, the hours, the refunds and the sales of their stores.
	Manager Role = "manager"
	// Owner may do everything, in all stores.
	Owner Role = "owner"
)

// Roles are all roles, those who may do least first.
func Roles() []Role { return []Role{Barista, Manager, Owner} }

// Valid reports whether there is such a role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Includes reports whether the role may do what the other one may. One that there is not may
// nothing, and nothing may it.
func (r Role) Includes(other Role) bool {
	mine, wanted := slices.Index(Roles(), r), slices.Index(Roles(), other)
	return wanted >= 0 && mine >= wanted
}

// The codes of changes that are refused.
const (
	// CodeNameTaken: there is somebody of that name.
	CodeNameTaken order.Code = "name_taken"
	// CodeLastOwner: nobody would be left who may do everything.
	CodeLastOwner order.Code = "last_owner"
)

// Account is somebody who works at the stores.
type Account struct {
	// Name is what they are called in timelines and in the audit log.
	Name string
	Role Role
	// Stores are the slugs of those that they work at; none for all of them.
	Stores    []string
	CreatedAt time.Time
}

// May reports whether the account's holder works at the store.
func (a Account) May(store string) bool { return worksAt(a.Stores, store) }

// Everywhere reports whether they work at all stores, also those that there are not yet.
func (a Account) Everywhere() bool { return len(a.Stores) == 0 }

// Covers reports whether the account works at every store that the other one works at.
func (a Account) Covers(other Account) bool {
	if a.Everywhere() || other.Everywhere() {
		return a.Everywhere()
	}
	return !slices.ContainsFunc(other.Stores, func(store string) bool { return !a.May(store) })
}

// Manages reports whether the account may see, make, change and end the other one: an owner all,
// a manager the baristas of no other stores than their own.
func (a Account) Manages(other Account) bool {
	return a.Role == Owner || a.Role == Manager && other.Role == Barista && a.Covers(other)
}

func worksAt(stores []string, store string) bool {
	return len(stores) == 0 || slices.Contains(stores, store)
}

// Listed is an account as far as it can be shown.
type Listed struct {
	Account
	// Tokens, Passkeys and Sessions are how many of each the account has.
	Tokens, Passkeys, Sessions int
}

// Session is a browser of the staff's that has signed in.
type Session struct {
	// Credential names what the session was begun with: the SHA-256 of a token in hexadecimal, or
	// what [Passkey.Credential] says. The session ends with it.
	Credential string
	// Name is whose it is, and what shows in lists of sessions.
	Name                 string
	CreatedAt, ExpiresAt time.Time
	// Store is the store that the browser stands in; empty for none.
	Store string
	// Stays: the browser is a device of the store rather than somebody's own. Whoever has
	// signed in there, it may only do what baristas may, in that store.
	Stays bool
}

// shownHash is how many characters of a session's hash people name it by.
const shownHash = 12

// SessionID returns what people name the session with that hash by. It lets nobody in.
func SessionID(hash string) string { return hash[:shownHash] }

// IsSessionID reports whether it has the form of one.
func IsSessionID(id string) bool { return sessionIDs.MatchString(id) }

var sessionIDs = regexp.MustCompile(`^[0-9a-f]{12}$`)

// ListedSession is a session as far as it can be shown.
type ListedSession struct {
	// ID names the session, and lets nobody in.
	ID string
	Session
}

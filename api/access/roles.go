package access

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Role is what somebody of the staff may do; see [staff.Role].
type Role = staff.Role

// The roles, each of which may do what those before it may.
const (
	Barista = staff.Barista
	Manager = staff.Manager
	Owner   = staff.Owner
)

// Staff is who of the staff sends a request, and what they may do.
type Staff struct {
	// Name is what they are called in timelines and in the audit log.
	Name string
	Role Role
	// Stores are the slugs of those that they work at; none for all of them.
	Stores []string
	// Here is the store that their browser stands in; empty for none.
	Here string
	// Environment: they have a token of the environment, and no account.
	Environment bool
	// Stays: they sit at a device of the store, which may do no more than baristas.
	Stays bool
	// credential is what they have proved who they are with; begun is the session of their browser,
	// and hash its hash, which is empty for a bearer token.
	credential string
	begun      staff.Session
	hash       string
}

// environmentOwner is who has a token of the environment.
func environmentOwner(name, credential string) Staff {
	return Staff{Name: name, Role: Owner, Environment: true, credential: credential}
}

// staffOf is the holder of an account.
func staffOf(a staff.Account, credential string) Staff {
	return Staff{Name: a.Name, Role: a.Role, Stores: a.Stores, credential: credential}
}

// at returns the staff in a browser with that session. A device that stays in a store is a barista's
// there, whoever has signed in: it is left alone.
func (s Staff) at(session staff.Session, hash string) Staff {
	s.begun, s.hash = session, hash
	if s.May(session.Store) {
		s.Here = session.Store
	}
	if session.Stays {
		s.Stays, s.Role, s.Stores = true, Barista, []string{session.Store}
	}
	return s
}

// Account returns what they may do as an account has it.
func (s Staff) Account() staff.Account {
	return staff.Account{Name: s.Name, Role: s.Role, Stores: s.Stores}
}

// SessionID names the session of their browser in lists; empty for a bearer token.
func (s Staff) SessionID() string {
	if s.hash == "" {
		return ""
	}
	return staff.SessionID(s.hash)
}

// May reports whether they work at the store.
func (s Staff) May(shop string) bool { return s.Account().May(shop) }

// Everywhere reports whether they work at all stores.
func (s Staff) Everywhere() bool { return s.Account().Everywhere() }

// Store returns the store that a request is about: the one that it names (?store=), or else the one
// where their browser stands, or the only one that they work at, or main. It fails with CodeNotFound
// when they do not work there, and with CodeInvalid when they work at several and have to say which.
func (s Staff) Store(r *http.Request) (string, error) {
	named := r.URL.Query().Get("store")
	switch {
	case named != "" && (!store.ValidSlug(named) || !s.May(named)):
		return "", transport.NotFound()
	case named != "":
		return named, nil
	case s.Here != "":
		return s.Here, nil
	case len(s.Stores) == 1:
		return s.Stores[0], nil
	case !s.May(order.MainStore):
		return "", transport.InvalidField("store", "must be one of "+strings.Join(s.Stores, ", "))
	}
	return order.MainStore, nil
}

// staffKey is where [StaffAuth.RequireRole] leaves the staff in the context.
type staffKey struct{}

// StaffOf returns who of the staff sends the request; nobody, who may do nothing, where no
// [StaffAuth.RequireRole] has let anybody in.
func StaffOf(r *http.Request) Staff {
	who, _ := r.Context().Value(staffKey{}).(Staff)
	return who
}

// StaffName returns the name of who of the staff sends the request.
func StaffName(r *http.Request) string {
	if who := StaffOf(r); who.Name != "" {
		return who.Name
	}
	return order.ActorStore
}

// forbidden refuses what the role may not do.
func forbidden(who Staff, needed Role) error {
	if who.Stays {
		return transport.Forbidden("this device stays in its store, and may only do what baristas may: sign in on another one")
	}
	return transport.Forbidden(fmt.Sprintf("this is for a role of %s; %s is %s", orMore(needed), who.Name, who.Role))
}

// orMore names the role, and those that include it.
func orMore(least Role) string {
	var may []string
	for _, role := range staff.Roles() {
		if role.Includes(least) {
			may = append(may, string(role))
		}
	}
	return strings.Join(may, " or ")
}

// Requires fails with [transport.CodeForbidden] unless who sends the request has the role, or one that
// includes it: for handlers in which it depends on the request.
func Requires(r *http.Request, least Role) error {
	if who := StaffOf(r); !who.Role.Includes(least) {
		return forbidden(who, least)
	}
	return nil
}

// Everywhere lets those in who have the role in all stores: what the handler changes is not one
// store's.
func Everywhere(next transport.HandlerFunc) transport.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := RequireEverywhere(r); err != nil {
			return err
		}
		return next(w, r)
	}
}

// RequireEverywhere fails with [transport.CodeForbidden] unless who sends the request works at all stores.
func RequireEverywhere(r *http.Request) error {
	if who := StaffOf(r); !who.Everywhere() {
		return transport.Forbidden(fmt.Sprintf("this is the same in all stores; %s works at %s", who.Name, strings.Join(slices.Sorted(slices.Values(who.Stores)), ", ")))
	}
	return nil
}

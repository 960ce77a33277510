package backoffice

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/staff"
)

// StaffEditor is what the staff's accounts are kept in.
type StaffEditor interface {
	// StaffAccounts lists the accounts by name.
	StaffAccounts(ctx context.Context, now time.Time) ([]staff.Listed, error)
	// AddStaff makes an account with its first token, or fails with [staff.CodeNameTaken].
	AddStaff(ctx context.Context, a staff.Account) (token string, err error)
	// EditStaff gives an account the role and the stores that edit says, or fails with CodeNotFound; and
	// with [staff.CodeLastOwner] when no owner would be left, unless last is set.
	EditStaff(ctx context.Context, name string, last bool, edit func(staff.Account) (staff.Account, error)) (staff.Account, error)
	// EndStaff ends an account with everything of it, unless allow fails, and fails as EditStaff does.
	EndStaff(ctx context.Context, name string, last bool, allow func(staff.Account) error) error
	// RenewStaffToken makes a token in place of all that the account's holder signs in with, unless
	// allow fails, or fails with CodeNotFound.
	RenewStaffToken(ctx context.Context, name string, now time.Time, allow func(staff.Account) error) (token string, err error)
	// StaffSessions lists where the staff is signed in, the latest first.
	StaffSessions(ctx context.Context, now time.Time) ([]staff.ListedSession, error)
	// EndStaffSessionByID ends a session unless allow fails, or fails with CodeNotFound.
	EndStaffSessionByID(ctx context.Context, id string, allow func(staff.Session) error) error
}

// StaffResource is the staff's resource /store/staff: who works at the stores.
type StaffResource struct {
	Accounts StaffEditor
	// Stores are those that somebody can work at.
	Stores StoreEditor
	Staff  *access.StaffAuth
	Now    func() time.Time
}

// Register adds the resource's routes.
func (s *StaffResource) Register(router *mux.Router) {
	transport.Get(router, "/store/staff", s.Staff.RequireRole(access.Manager, s.list))
	transport.Post(router, "/store/staff", s.Staff.RequireRole(access.Manager, s.add))
	transport.Put(router, "/store/staff/{name}", s.Staff.RequireRole(access.Manager, s.set))
	transport.Delete(router, "/store/staff/{name}", s.Staff.RequireRole(access.Manager, s.end))
	transport.Post(router, "/store/staff/{name}/token", s.Staff.RequireRole(access.Manager, s.renew))
	s.registerSessions(router)
}

// list is GET /store/staff.
func (s *StaffResource) list(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.Accounts.StaffAccounts(r.Context(), s.Now())
	if err != nil {
		return err
	}
	who, list := access.StaffOf(r), spec.StaffList{Staff: []spec.StaffMember{}}
	for _, a := range accounts {
		if sees(who, a.Account) {
			list.Staff = append(list.Staff, memberView(a))
		}
	}
	if who.Role == access.Owner {
		for _, name := range s.Staff.EnvironmentNames() {
			list.Staff = append(list.Staff, spec.StaffMember{
				Name: name, Role: spec.StaffRole(access.Owner), Stores: []string{}, Environment: true, Tokens: 1,
			})
		}
	}
	return transport.RespondJSON(w, r, http.StatusOK, list)
}

func memberView(a staff.Listed) spec.StaffMember {
	return spec.StaffMember{
		Name: a.Name, Role: spec.StaffRole(a.Role), Stores: append([]string{}, a.Stores...), CreatedAt: &a.CreatedAt,
		Tokens: a.Tokens, Passkeys: a.Passkeys, Sessions: a.Sessions,
	}
}

// sees reports whether they may know of the account.
func sees(who access.Staff, a staff.Account) bool {
	return who.Account().Manages(a) || isOwn(who, a.Name)
}

func isOwn(who access.Staff, name string) bool { return !who.Environment && who.Name == name }

// mayChange fails unless they may change the account. What they may not know of is not there.
func mayChange(who access.Staff, a staff.Account) error {
	switch {
	case who.Account().Manages(a):
		return nil
	case sees(who, a):
		return notManaged(who)
	}
	return transport.NotFound()
}

func notManaged(who access.Staff) error {
	return transport.Forbidden(fmt.Sprintf("%s is %s: managers keep the baristas of their own stores, and owners everybody", who.Name, who.Role))
}

// add is POST /store/staff.
func (s *StaffResource) add(w http.ResponseWriter, r *http.Request) error {
	var body spec.StaffRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	if err := staff.CheckName(body.Name); err != nil {
		return transport.InvalidField("name", "cannot be used: "+err.Error())
	}
	wanted, err := s.place(r, staff.Account{Name: body.Name, CreatedAt: s.Now()}, body.Role, body.Stores)
	if err != nil {
		return err
	}
	if slices.Contains(s.Staff.EnvironmentNames(), body.Name) {
		return transport.NewError(staff.CodeNameTaken, "a token of the environment has this name")
	}
	token, err := s.Accounts.AddStaff(r.Context(), wanted)
	if err != nil {
		return err
	}
	return respondToken(w, r, wanted, token)
}

func respondToken(w http.ResponseWriter, r *http.Request, a staff.Account, token string) error {
	return transport.RespondJSON(w, r, http.StatusCreated, spec.StaffToken{
		Name: a.Name, Role: spec.StaffRole(a.Role), Stores: append([]string{}, a.Stores...), Token: token,
	})
}

// place returns the account with the role and the stores that a request wants, if whoever sends it may
// give those.
func (s *StaffResource) place(r *http.Request, a staff.Account, role spec.StaffRole, stores *spec.StaffStores) (staff.Account, error) {
	a.Role, a.Stores = staff.Role(role), nil
	if stores != nil && len(*stores) > 0 {
		a.Stores = slices.Sorted(slices.Values(*stores))
	}
	known, err := s.knownStores(r.Context())
	if err != nil {
		return a, err
	}
	var c transport.FieldChecks
	c.That(a.Role.Valid(), "role", "must be barista, manager or owner")
	c.That(a.Role != access.Owner || a.Everywhere(), "stores", "must be empty: an owner works at all stores")
	c.That(len(slices.Compact(slices.Clone(a.Stores))) == len(a.Stores), "stores", "must not name a store twice")
	for i, slug := range a.Stores {
		c.That(slices.Contains(known, slug), fmt.Sprintf("stores[%d]", slices.Index(*stores, a.Stores[i])), "must be one of the stores")
	}
	if c.Err != nil {
		return a, c.Err
	}
	if who := access.StaffOf(r); !who.Account().Manages(a) {
		return a, notManaged(who)
	}
	return a, nil
}

// knownStores returns the slugs of all stores.
func (s *StaffResource) knownStores(ctx context.Context) (slugs []string, err error) {
	states, err := s.Stores.Stores(ctx)
	for _, state := range states {
		slugs = append(slugs, state.Store.Store)
	}
	return slugs, err
}

// set is PUT /store/staff/{name}.
func (s *StaffResource) set(w http.ResponseWriter, r *http.Request) error {
	var body spec.StaffPlaceRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	wanted, err := s.place(r, staff.Account{}, body.Role, body.Stores)
	if err != nil {
		return err
	}
	who, name := access.StaffOf(r), mux.Vars(r)["name"]
	_, err = s.Accounts.EditStaff(r.Context(), name, who.Environment, func(a staff.Account) (staff.Account, error) {
		if err := mayChange(who, a); err != nil {
			return a, err
		}
		a.Role, a.Stores = wanted.Role, wanted.Stores
		return a, nil
	})
	if err != nil {
		return err
	}
	return s.show(w, r, name)
}

// show answers with the account of that name.
func (s *StaffResource) show(w http.ResponseWriter, r *http.Request, name string) error {
	accounts, err := s.Accounts.StaffAccounts(r.Context(), s.Now())
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a.Name == name {
			return transport.RespondJSON(w, r, http.StatusOK, memberView(a))
		}
	}
	return transport.NotFound() // ended by somebody else meanwhile
}

// end is DELETE /store/staff/{name}.
func (s *StaffResource) end(w http.ResponseWriter, r *http.Request) error {
	who := access.StaffOf(r)
	err := s.Accounts.EndStaff(r.Context(), mux.Vars(r)["name"], who.Environment, func(a staff.Account) error { return mayChange(who, a) })
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// renew is POST /store/staff/{name}/token.
func (s *StaffResource) renew(w http.ResponseWriter, r *http.Request) error {
	var renewed staff.Account
	who := access.StaffOf(r)
	token, err := s.Accounts.RenewStaffToken(r.Context(), mux.Vars(r)["name"], s.Now(), func(a staff.Account) error {
		renewed = a
		return mayChange(who, a)
	})
	if err != nil {
		return err
	}
	return respondToken(w, r, renewed, token)
}

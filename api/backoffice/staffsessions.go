package backoffice

import (
	"context"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/staff"
)

func (s *StaffResource) registerSessions(router *mux.Router) {
	transport.Get(router, "/store/sessions", s.Staff.RequireRole(access.Barista, s.listSessions))
	transport.Delete(router, "/store/sessions/{session}", s.Staff.RequireRole(access.Barista, s.endSession))
}

// listSessions is GET /store/sessions.
func (s *StaffResource) listSessions(w http.ResponseWriter, r *http.Request) error {
	sessions, err := s.Accounts.StaffSessions(r.Context(), s.Now())
	if err != nil {
		return err
	}
	who := access.StaffOf(r)
	sees, err := s.seesSessions(r.Context(), who)
	if err != nil {
		return err
	}
	list := spec.StaffSessionList{Sessions: []spec.ListedStaffSession{}}
	for _, session := range sessions {
		if sees(session.Session) || session.ID == who.SessionID() {
			list.Sessions = append(list.Sessions, spec.ListedStaffSession{
				Session: session.ID, Name: session.Name, CreatedAt: session.CreatedAt, ExpiresAt: session.ExpiresAt,
				Store: spec.Optional(session.Store), Stays: session.Stays, Current: session.ID == who.SessionID(),
			})
		}
	}
	return transport.RespondJSON(w, r, http.StatusOK, list)
}

// seesSessions returns whether they may see a session, and end it: their own, and those of the accounts
// that they keep. At a device that stays in its store nobody sees any but the device's.
func (s *StaffResource) seesSessions(ctx context.Context, who access.Staff) (func(staff.Session) bool, error) {
	switch {
	case who.Stays:
		return func(staff.Session) bool { return false }, nil
	case who.Role == access.Owner:
		return func(staff.Session) bool { return true }, nil
	}
	kept := map[string]bool{}
	if who.Role.Includes(access.Manager) {
		accounts, err := s.Accounts.StaffAccounts(ctx, s.Now())
		if err != nil {
			return nil, err
		}
		for _, a := range accounts {
			kept[a.Name] = who.Account().Manages(a.Account)
		}
	}
	return func(session staff.Session) bool {
		return !s.Staff.OfEnvironment(session) && (kept[session.Name] || isOwn(who, session.Name))
	}, nil
}

// endSession is DELETE /store/sessions/{session}.
func (s *StaffResource) endSession(w http.ResponseWriter, r *http.Request) error {
	who, id := access.StaffOf(r), mux.Vars(r)["session"]
	sees, err := s.seesSessions(r.Context(), who)
	if err != nil {
		return err
	}
	err = s.Accounts.EndStaffSessionByID(r.Context(), id, func(session staff.Session) error {
		if !sees(session) && id != who.SessionID() {
			return transport.NotFound()
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

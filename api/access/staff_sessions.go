package access

import (
	"net/http"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/staff"
)

const (
	// shift is longer than anybody works: how long a session lasts, and how long somebody who
	// was let in before is let in while the database is away.
	shift = 12 * time.Hour
	// stay is how long a session lasts on a device that stays in its store. It may do little.
	stay = 90 * 24 * time.Hour
	// staysWithin is how soon after the sign-in a device has to be told to stay, so that nobody makes
	// three months of a session that was left open.
	staysWithin = 10 * time.Minute
)

// logIn is POST /store/login.
func (s *StaffAuth) logIn(w http.ResponseWriter, r *http.Request) error {
	var body spec.LogInRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	who, err := s.holder(r, HashSecret(body.Token), "the staff token is wrong")
	if err != nil {
		s.note(r, err)
		return err
	}
	return s.begin(w, r, who)
}

// begin begins a session for who has proved to be that, and answers the request.
func (s *StaffAuth) begin(w http.ResponseWriter, r *http.Request, who Staff) error {
	begun := staff.Session{Credential: who.credential, Name: who.Name, CreatedAt: s.now(), ExpiresAt: s.now().Add(shift)}
	replaced, change := s.sessionHash(r), s.changes.number(r.Context())
	session, err := s.kept.NewStaffSession(r.Context(), begun, replaced)
	if err != nil {
		return err
	}
	s.sessions.forget(replaced)
	s.sessions.put(HashSecret(session), change, begun)
	s.setCookie(w, r, session, int(shift.Seconds()))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// logOut is POST /store/logout. The browser loses its cookie in any case.
func (s *StaffAuth) logOut(w http.ResponseWriter, r *http.Request) error {
	s.setCookie(w, r, "", -1)
	if hash := s.sessionHash(r); hash != "" {
		s.sessions.forget(hash)
		if err := s.kept.EndStaffSession(r.Context(), hash); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// session is GET /store/session.
func (s *StaffAuth) session(w http.ResponseWriter, r *http.Request) error {
	return respondSession(w, r, StaffOf(r))
}

// place is PUT /store/session: where the browser stands, and whether it stays there. A device that
// stays can only be signed out: otherwise whoever stands before it could make it do more.
func (s *StaffAuth) place(w http.ResponseWriter, r *http.Request) error {
	var body spec.StaffSessionRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	who, stays := StaffOf(r), body.Stays != nil && *body.Stays
	switch {
	case who.Stays:
		return forbidden(who, Barista)
	case who.hash == "":
		return transport.Forbidden("only a browser that has signed in stands in a store: a token names the store in each request")
	case body.Store == "" || !who.May(body.Store):
		return transport.NotFound()
	case stays && s.now().Sub(who.begun.CreatedAt) > staysWithin:
		return transport.Forbidden("a device stays in its store only right after a sign-in: sign in again")
	}
	placed := who.begun
	placed.Store, placed.Stays = body.Store, stays
	if stays {
		placed.ExpiresAt = s.now().Add(stay)
	}
	change := s.changes.number(r.Context())
	if err := s.kept.PlaceStaffSession(r.Context(), who.hash, placed); err != nil {
		return AsUnauthorized(err, "a valid staff token is required")
	}
	s.sessions.put(who.hash, change, placed)
	s.setCookie(w, r, s.sessionSecret(r), int(placed.ExpiresAt.Sub(s.now()).Seconds()))
	return respondSession(w, r, who.at(placed, who.hash))
}

func respondSession(w http.ResponseWriter, r *http.Request, who Staff) error {
	return transport.RespondJSON(w, r, http.StatusOK, spec.StaffSession{
		Name: who.Name, Role: spec.StaffRole(who.Role), Stores: append([]string{}, who.Stores...), Store: spec.Optional(who.Here),
		Stays: who.Stays, Environment: who.Environment,
	})
}

package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/order"
)

// sessionLength is longer than a shift.
const sessionLength = 12 * time.Hour

// Staff keeps the staff's tokens and the sessions of their browsers, by the
// SHA-256 of each, in hexadecimal.
type Staff interface {
	// StaffName returns whose token has the hash, or CodeUnauthorized.
	StaffName(ctx context.Context, hash string) (name string, err error)
	// NewStaffSession begins a session for the holder of the token with the hash,
	// under that name, and returns the secret that the browser keeps. It ends the
	// session with the hash replaced, if there is one.
	NewStaffSession(ctx context.Context, hash, name, replaced string, now, expires time.Time) (session string, err error)
	// StaffSession returns the hash of the token that the session with the hash
	// was begun with, and when it expires. It fails with CodeUnauthorized when
	// there is no such session now.
	StaffSession(ctx context.Context, hash string, now time.Time) (tokenHash string, expires time.Time, err error)
	// EndStaffSession ends the session with the hash, if there is one.
	EndStaffSession(ctx context.Context, hash string) error
}

// StaffConfig is what telling the staff from everybody else needs.
type StaffConfig struct {
	// Tokens are tokens that let the staff in whatever the database says, by the names
	// of their holders.
	Tokens map[string]string
	// Staff keeps the other tokens, and the sessions of browsers.
	Staff Staff
	// Failed counts wrong tokens; nobody does when nil.
	Failed *FailedSignIns
	// HTTPS says that browsers come over HTTPS, whatever this process is spoken to in.
	HTTPS bool
	// RateLimit is how many wrong secrets a client may send per minute; 0 is any number.
	RateLimit int
	// Client tells clients apart.
	Client func(*http.Request) string
	// Now is the clock.
	Now func() time.Time
}

// staff tells the staff from everybody else, and one of them from another: by
// the bearer token, or by a session that a browser was given for it. It knows
// nothing but the hashes of both.
type staff struct {
	// given holds the tokens of the environment: names, by hash.
	given map[string]string
	// kept holds the others, and all sessions.
	kept Staff
	// guesses counts what is wrong, by client.
	guesses *limiter
	client  func(*http.Request) string
	// failed is told of what is wrong; nobody is when nil.
	failed *FailedSignIns

	names    *memory[string]
	sessions *memory[begunSession]
	https    bool
	now      func() time.Time
}

// begunSession is a session of a browser: good until it expires, as long as the
// token is that it was begun with.
type begunSession struct {
	tokenHash string
	expires   time.Time
}

func newStaff(c StaffConfig) *staff {
	s := &staff{
		given: map[string]string{}, kept: c.Staff, https: c.HTTPS, now: c.Now, guesses: newLimiter(c.RateLimit, c.Now), client: c.Client,
		failed: c.Failed, names: newMemory[string](c.Now), sessions: newMemory[begunSession](c.Now),
	}
	for name, token := range c.Tokens {
		if token != "" {
			s.given[hashOf(token)] = name
		}
	}
	return s
}

func (s *staff) Register(router *mux.Router) {
	post(router, loginPath, s.logIn)
	post(router, "/store/logout", s.logOut)
	get(router, "/store/session", s.only(s.session))
}

// staffKey is where [staff.only] leaves the name in the context.
type staffKey struct{}

// only lets the staff in. [staffName] tells whom.
func (s *staff) only(next action) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		name, err := s.who(r)
		if err != nil {
			s.note(r, err)
			return err
		}
		ctx := auditlog.WithActor(r.Context(), name)
		return next(w, r.WithContext(context.WithValue(ctx, staffKey{}, name)))
	}
}

// staffName returns who of the staff sends the request.
func staffName(r *http.Request) string {
	if name, ok := r.Context().Value(staffKey{}).(string); ok {
		return name
	}
	return order.ActorStore
}

// who returns the name of the member of the staff who sends the request, or
// CodeUnauthorized. A bearer token decides alone.
func (s *staff) who(r *http.Request) (string, error) {
	const message = "the staff token is needed"
	if token, ok := bearer(r); ok {
		return s.holder(r, hashOf(token), message)
	}
	hash := s.sessionHash(r)
	if hash == "" {
		return "", unauthorized(message)
	}
	begun, err := lookUp(s, r, s.sessions, hash, func(ctx context.Context) (begunSession, error) {
		tokenHash, expires, err := s.kept.StaffSession(ctx, hash, s.now())
		return begunSession{tokenHash, expires}, err
	})
	switch {
	case order.ErrorCode(err) == order.CodeUnauthorized:
		return "", unauthorized(message)
	case err != nil:
		return "", err
	case !s.now().Before(begun.expires):
		return "", unauthorized(message)
	}
	return s.holder(r, begun.tokenHash, message)
}

// lookUp returns what goes with the hash of a secret, as the memory has it, and where
// that does not as the database does. A secret that is wrong counts to the client, and is
// CodeRateLimited when there were too many. It is looked up first: whoever has a right one
// gets in, whatever others on the same network do.
func lookUp[V any](
	s *staff, r *http.Request, known *memory[V], hash string, ask func(context.Context) (V, error),
) (value V, err error) {
	value, err = known.get(r.Context(), hash, ask)
	if order.ErrorCode(err) == order.CodeUnauthorized {
		if limited := s.guesses.take(s.client(r), "too many wrong tokens from your address; try again later"); limited != nil {
			return value, limited
		}
	}
	return value, err
}

// holder returns the name that goes with the token of that hash, or
// CodeUnauthorized with the message.
func (s *staff) holder(r *http.Request, hash, message string) (string, error) {
	if name, ok := s.givenName(hash); ok {
		return name, nil
	}
	name, err := lookUp(s, r, s.names, hash, func(ctx context.Context) (string, error) { return s.kept.StaffName(ctx, hash) })
	if order.ErrorCode(err) == order.CodeUnauthorized {
		return "", unauthorized(message)
	}
	return name, err
}

// givenName looks among the tokens of the environment. It compares hashes, and
// all of them, so that the time it takes tells nothing.
func (s *staff) givenName(hash string) (name string, ok bool) {
	for known, holder := range s.given {
		if subtle.ConstantTimeCompare([]byte(known), []byte(hash)) == 1 {
			name, ok = holder, true
		}
	}
	return name, ok
}

// note notes a wrong token. A cookie that has expired is nothing special.
func (s *staff) note(r *http.Request, err error) {
	_, hasToken := bearer(r)
	if order.ErrorCode(err) == order.CodeUnauthorized && (hasToken || r.URL.Path == loginPath) {
		s.failed.add(s.client(r), traceOf(r).route)
	}
}

// logIn is POST /store/login.
func (s *staff) logIn(w http.ResponseWriter, r *http.Request) error {
	var body spec.LogInRequest
	if err := decodeBody(r, &body); err != nil {
		return err
	}
	hash := hashOf(body.Token)
	name, err := s.holder(r, hash, "the staff token is wrong")
	if err != nil {
		s.note(r, err)
		return err
	}
	begun, replaced := begunSession{hash, s.now().Add(sessionLength)}, s.sessionHash(r)
	session, err := s.kept.NewStaffSession(r.Context(), hash, name, replaced, s.now(), begun.expires)
	if err != nil {
		return err
	}
	s.sessions.forget(replaced)
	s.sessions.put(hashOf(session), begun)
	s.setCookie(w, r, session, int(sessionLength.Seconds()))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// logOut is POST /store/logout. The browser loses its cookie in any case.
func (s *staff) logOut(w http.ResponseWriter, r *http.Request) error {
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
func (s *staff) session(w http.ResponseWriter, r *http.Request) error {
	return respond(w, r, http.StatusOK, spec.StaffSession{Name: staffName(r)})
}

// hashOf returns what is known of a secret: its SHA-256, in hexadecimal.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// bearer returns the request's bearer token.
func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

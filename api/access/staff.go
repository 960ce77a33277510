package access

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
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/order"
)

// shift is longer than anybody works: how long a session lasts, and how long somebody who
// was let in before is let in while the database is away.
const shift = 12 * time.Hour

// StaffStore keeps the staff's tokens and the sessions of their browsers, by the
// SHA-256 of each, in hexadecimal.
type StaffStore interface {
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
	// Store keeps the other tokens, and the sessions of browsers.
	Store StaffStore
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

// StaffAuth tells the staff from everybody else, and one of them from another: by
// the bearer token, or by a session that a browser was given for it. It knows
// nothing but the hashes of both.
type StaffAuth struct {
	// given holds the tokens of the environment: names, by hash.
	given map[string]string
	// kept holds the others, and all sessions.
	kept StaffStore
	// guesses counts what is wrong, by client.
	guesses *transport.Limiter
	client  func(*http.Request) string
	// failed is told of what is wrong; nobody is when nil.
	failed *FailedSignIns

	names    *answerCache[string]
	sessions *answerCache[begunSession]
	https    bool
	now      func() time.Time
}

// begunSession is a session of a browser: good until it expires, as long as the
// token is that it was begun with.
type begunSession struct {
	tokenHash string
	expires   time.Time
}

// NewStaffAuth returns what lets the staff in.
func NewStaffAuth(c StaffConfig) *StaffAuth {
	s := &StaffAuth{
		given: map[string]string{}, kept: c.Store, https: c.HTTPS, now: c.Now, guesses: transport.NewLimiter(c.RateLimit, c.Now), client: c.Client,
		failed: c.Failed, names: newAnswerCache[string](c.Now), sessions: newAnswerCache[begunSession](c.Now),
	}
	for name, token := range c.Tokens {
		if token != "" {
			s.given[HashSecret(token)] = name
		}
	}
	return s
}

// Register adds the resource\'s routes.
func (s *StaffAuth) Register(router *mux.Router) {
	transport.Post(router, loginPath, s.logIn)
	transport.Post(router, "/store/logout", s.logOut)
	transport.Get(router, "/store/session", s.Require(s.session))
}

// staffKey is where [staff.only] leaves the name in the context.
type staffKey struct{}

// Require lets the staff in. [staffName] tells whom.
func (s *StaffAuth) Require(next transport.HandlerFunc) transport.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		name, err := s.Who(r)
		if err != nil {
			s.note(r, err)
			return err
		}
		ctx := auditlog.WithActor(r.Context(), name)
		return next(w, r.WithContext(context.WithValue(ctx, staffKey{}, name)))
	}
}

// StaffName returns who of the staff sends the request.
func StaffName(r *http.Request) string {
	if name, ok := r.Context().Value(staffKey{}).(string); ok {
		return name
	}
	return order.ActorStore
}

// Who returns the name of the member of the staff who sends the request, or
// CodeUnauthorized. A bearer token decides alone.
func (s *StaffAuth) Who(r *http.Request) (string, error) {
	const message = "a valid staff token is required"
	if token, ok := BearerToken(r); ok {
		return s.holder(r, HashSecret(token), message)
	}
	hash := s.sessionHash(r)
	if hash == "" {
		return "", transport.Unauthorized(message)
	}
	begun, err := lookUp(s, r, s.sessions, hash, func(ctx context.Context) (begunSession, error) {
		tokenHash, expires, err := s.kept.StaffSession(ctx, hash, s.now())
		return begunSession{tokenHash, expires}, err
	})
	switch {
	case order.ErrorCode(err) == order.CodeUnauthorized:
		return "", transport.Unauthorized(message)
	case err != nil:
		return "", err
	case !s.now().Before(begun.expires):
		return "", transport.Unauthorized(message)
	}
	return s.holder(r, begun.tokenHash, message)
}

// lookUp returns what goes with the hash of a secret, as the answerCache has it, and where
// that does not as the database does. A secret that is wrong counts to the client, and is
// CodeRateLimited when there were too many. It is looked up first: whoever has a right one
// gets in, whatever others on the same network do.
func lookUp[V any](
	s *StaffAuth, r *http.Request, known *answerCache[V], hash string, ask func(context.Context) (V, error),
) (value V, err error) {
	value, err = known.get(r.Context(), hash, ask)
	if order.ErrorCode(err) == order.CodeUnauthorized {
		if limited := s.guesses.Take(s.client(r), "too many wrong tokens from your address; try again later"); limited != nil {
			return value, limited
		}
	}
	return value, err
}

// holder returns the name that goes with the token of that hash, or
// CodeUnauthorized with the message.
func (s *StaffAuth) holder(r *http.Request, hash, message string) (string, error) {
	if name, ok := s.givenName(hash); ok {
		return name, nil
	}
	name, err := lookUp(s, r, s.names, hash, func(ctx context.Context) (string, error) { return s.kept.StaffName(ctx, hash) })
	if order.ErrorCode(err) == order.CodeUnauthorized {
		return "", transport.Unauthorized(message)
	}
	return name, err
}

// givenName looks among the tokens of the environment. It compares hashes, and
// all of them, so that the time it takes tells nothing.
func (s *StaffAuth) givenName(hash string) (name string, ok bool) {
	for known, holder := range s.given {
		if subtle.ConstantTimeCompare([]byte(known), []byte(hash)) == 1 {
			name, ok = holder, true
		}
	}
	return name, ok
}

// note notes a wrong token. A cookie that has expired is nothing special.
func (s *StaffAuth) note(r *http.Request, err error) {
	_, hasToken := BearerToken(r)
	if order.ErrorCode(err) == order.CodeUnauthorized && (hasToken || r.URL.Path == loginPath) {
		s.failed.add(s.client(r), transport.RequestLogOf(r).Route)
	}
}

// logIn is POST /store/login.
func (s *StaffAuth) logIn(w http.ResponseWriter, r *http.Request) error {
	var body spec.LogInRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	hash := HashSecret(body.Token)
	name, err := s.holder(r, hash, "the staff token is wrong")
	if err != nil {
		s.note(r, err)
		return err
	}
	begun, replaced := begunSession{hash, s.now().Add(shift)}, s.sessionHash(r)
	session, err := s.kept.NewStaffSession(r.Context(), hash, name, replaced, s.now(), begun.expires)
	if err != nil {
		return err
	}
	s.sessions.forget(replaced)
	s.sessions.put(HashSecret(session), begun)
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
	return transport.RespondJSON(w, r, http.StatusOK, spec.StaffSession{Name: StaffName(r)})
}

// HashSecret returns what is known of a secret: its SHA-256, in hexadecimal.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// BearerToken returns the request's bearer token.
func BearerToken(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

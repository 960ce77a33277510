package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/order"
)

// StaffStore keeps the staff's accounts, tokens, passkeys and the sessions of their browsers: tokens and
// sessions by the SHA-256 of each, in hexadecimal.
type StaffStore interface {
	// StaffChanges returns a number that is another one after every change by which somebody may do
	// less, or something else, than before.
	StaffChanges(ctx context.Context) (int64, error)
	// StaffAccount returns whose account the credential belongs to, or CodeUnauthorized.
	StaffAccount(ctx context.Context, credential string) (staff.Account, error)
	// NewStaffSession begins a session for the holder of its credential, and returns the secret that
	// the browser keeps. It ends the session with the hash replaced, if there is one.
	NewStaffSession(ctx context.Context, begun staff.Session, replaced string) (session string, err error)
	// StaffSession returns the session with the hash, or CodeUnauthorized when there is none now.
	StaffSession(ctx context.Context, hash string, now time.Time) (staff.Session, error)
	// PlaceStaffSession writes down where the browser with that session stands, whether it stays there,
	// and until when the session lasts. It fails with CodeUnauthorized when there is none.
	PlaceStaffSession(ctx context.Context, hash string, placed staff.Session) error
	// EndStaffSession ends the session with the hash, if there is one.
	EndStaffSession(ctx context.Context, hash string) error
	PasskeyStore
}

// StaffConfig is what telling the staff from everybody else needs.
type StaffConfig struct {
	// Tokens are tokens that let the staff in whatever the database says, by the names
	// of their holders.
	Tokens map[string]string
	// Store keeps everything else.
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

// StaffAuth tells the staff from everybody else, one of them from another, and what each may do: by
// the bearer token, or by a session that a browser was given for it. It knows
// nothing but the hashes of both.
type StaffAuth struct {
	// given holds the tokens of the environment: names, by hash.
	given map[string]string
	// kept holds the others, and all sessions.
	kept StaffStore
	// guesses counts what is wrong, by client, and ceremonies the passkeys that are asked for.
	guesses, ceremonies *transport.Limiter
	client              func(*http.Request) string
	// failed is told of what is wrong; nobody is when nil.
	failed *FailedSignIns

	changes  *changeWatch
	accounts *answerCache[staff.Account]
	sessions *answerCache[staff.Session]
	https    bool
	now      func() time.Time
}

// NewStaffAuth returns what lets the staff in.
func NewStaffAuth(c StaffConfig) *StaffAuth {
	s := &StaffAuth{
		given: map[string]string{}, kept: c.Store, https: c.HTTPS, now: c.Now, client: c.Client, failed: c.Failed,
		guesses: transport.NewLimiter(c.RateLimit, c.Now), ceremonies: transport.NewLimiter(c.RateLimit, c.Now),
		changes: newChangeWatch(c.Store, c.Now), accounts: newAnswerCache[staff.Account](c.Now), sessions: newAnswerCache[staff.Session](c.Now),
	}
	for name, token := range c.Tokens {
		if token != "" {
			s.given[HashSecret(token)] = name
		}
	}
	return s
}

// Register adds the resource's routes.
func (s *StaffAuth) Register(router *mux.Router) {
	transport.Post(router, loginPath, s.logIn)
	transport.Post(router, "/store/logout", s.logOut)
	transport.Get(router, "/store/session", s.RequireRole(Barista, s.session))
	transport.Put(router, "/store/session", s.RequireRole(Barista, s.place))
	s.registerPasskeys(router)
}

// RequireRole lets those of the staff in who have the role, or one that includes it. [StaffOf] tells
// who that is. Whoever has another role gets [transport.CodeForbidden].
func (s *StaffAuth) RequireRole(least Role, next transport.HandlerFunc) transport.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := s.Who(r)
		if err != nil {
			s.note(r, err)
			return err
		}
		if !who.Role.Includes(least) {
			return forbidden(who, least)
		}
		ctx := auditlog.WithActor(r.Context(), who.Name)
		return next(w, r.WithContext(context.WithValue(ctx, staffKey{}, who)))
	}
}

// Who returns the member of the staff who sends the request, or
// CodeUnauthorized. A bearer token decides alone.
func (s *StaffAuth) Who(r *http.Request) (Staff, error) {
	const message = "a valid staff token is required"
	if token, ok := BearerToken(r); ok {
		return s.holder(r, HashSecret(token), message)
	}
	hash := s.sessionHash(r)
	if hash == "" {
		return Staff{}, transport.Unauthorized(message)
	}
	begun, err := lookUp(s, r, s.sessions, hash, func(ctx context.Context) (staff.Session, error) {
		return s.kept.StaffSession(ctx, hash, s.now())
	})
	switch {
	case order.ErrorCode(err) == order.CodeUnauthorized:
		return Staff{}, transport.Unauthorized(message)
	case err != nil:
		return Staff{}, err
	case !s.now().Before(begun.ExpiresAt):
		return Staff{}, transport.Unauthorized(message)
	}
	who, err := s.holder(r, begun.Credential, message)
	if err != nil {
		return Staff{}, err
	}
	if begun.Stays && !who.May(begun.Store) {
		return Staff{}, transport.Unauthorized(message)
	}
	return who.at(begun, hash), nil
}

// lookUp returns what goes with the hash of a secret, as the answerCache has it, and where
// that does not as the database does. A secret that is wrong counts to the client, and is
// CodeRateLimited when there were too many. It is looked up first: whoever has a right one
// gets in, whatever others on the same network do.
func lookUp[V any](
	s *StaffAuth, r *http.Request, known *answerCache[V], hash string, ask func(context.Context) (V, error),
) (value V, err error) {
	value, err = known.get(r.Context(), hash, s.changes.number(r.Context()), ask)
	if order.ErrorCode(err) == order.CodeUnauthorized {
		if limited := s.guess(r); limited != nil {
			return value, limited
		}
	}
	return value, err
}

// guess counts something wrong to the client, and fails with CodeRateLimited when that is too much.
func (s *StaffAuth) guess(r *http.Request) error {
	return s.guesses.Take(s.client(r), "too many wrong tokens from your address; try again later")
}

// holder returns whose the credential is, or CodeUnauthorized with the message.
func (s *StaffAuth) holder(r *http.Request, credential, message string) (Staff, error) {
	if name, ok := s.givenName(credential); ok {
		return environmentOwner(name, credential), nil
	}
	account, err := lookUp(s, r, s.accounts, credential, func(ctx context.Context) (staff.Account, error) {
		return s.kept.StaffAccount(ctx, credential)
	})
	if order.ErrorCode(err) == order.CodeUnauthorized {
		return Staff{}, transport.Unauthorized(message)
	}
	if err != nil {
		return Staff{}, err
	}
	return staffOf(account, credential), nil
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

// EnvironmentNames returns who has a token of the environment, in order.
func (s *StaffAuth) EnvironmentNames() []string { return slices.Sorted(maps.Values(s.given)) }

// OfEnvironment reports whether the session was begun with a token of the environment.
func (s *StaffAuth) OfEnvironment(session staff.Session) bool {
	_, given := s.given[session.Credential]
	return given
}

// note notes a wrong token. A cookie that has expired is nothing special.
func (s *StaffAuth) note(r *http.Request, err error) {
	_, hasToken := BearerToken(r)
	if order.ErrorCode(err) == order.CodeUnauthorized && (hasToken || r.URL.Path == loginPath || r.URL.Path == passkeySignInPath) {
		s.failed.add(s.client(r), transport.RequestLogOf(r).Route)
	}
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

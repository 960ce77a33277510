package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// sessionCookie is the name that openapi.yaml gives the staff's cookie.
	sessionCookie = "cafeforme_store"
	// sessionLength is longer than a shift.
	sessionLength = 12 * time.Hour
)

// staff tells the staff from everybody else: by the bearer token, or by a
// session that a browser was given for it. Sessions are signed, not kept, so
// that every store process knows them; changing the token ends them all.
type staff struct {
	token      string
	secure     bool
	now        func() time.Time
	sessionKey []byte
}

func newStaff(token string, secure bool, now func() time.Time) *staff {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("cafeforme store session"))
	return &staff{token: token, secure: secure, now: now, sessionKey: mac.Sum(nil)}
}

func (s *staff) register(router *mux.Router) {
	post(router, "/store/login", s.logIn)
	post(router, "/store/logout", s.logOut)
}

// only lets the staff in.
func (s *staff) only(next action) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !s.knows(r) {
			return unauthorized("the staff token is needed")
		}
		return next(w, r)
	}
}

// knows reports whether the request is the staff's. A bearer token decides
// alone.
func (s *staff) knows(r *http.Request) bool {
	if token, ok := bearer(r); ok {
		return s.isToken(token)
	}
	cookie, err := r.Cookie(sessionCookie)
	return err == nil && s.isSession(cookie.Value)
}

// isToken compares digests, so that the time it takes tells nothing. No token
// at all lets nobody in.
func (s *staff) isToken(token string) bool {
	given, wanted := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(s.token))
	return subtle.ConstantTimeCompare(given[:], wanted[:]) == 1 && s.token != ""
}

// newSession returns an expiry time and a nonce, signed.
func (s *staff) newSession(until time.Time) string {
	session := strconv.FormatInt(until.Unix(), 10) + "." + rand.Text()
	return session + "." + s.sign(session)
}

// isSession reports whether the session is ours and has not expired.
func (s *staff) isSession(value string) bool {
	session, signature := value, ""
	if dot := strings.LastIndexByte(value, '.'); dot >= 0 {
		session, signature = value[:dot], value[dot+1:]
	}
	if s.token == "" || !hmac.Equal([]byte(signature), []byte(s.sign(session))) {
		return false
	}
	expiry, _, _ := strings.Cut(session, ".")
	until, err := strconv.ParseInt(expiry, 10, 64)
	return err == nil && s.now().Before(time.Unix(until, 0))
}

func (s *staff) sign(session string) string {
	mac := hmac.New(sha256.New, s.sessionKey)
	mac.Write([]byte(session))
	return hex.EncodeToString(mac.Sum(nil))
}

// logIn is POST /store/login.
func (s *staff) logIn(w http.ResponseWriter, r *http.Request) error {
	var body spec.LogInRequest
	if err := decodeBody(r, &body); err != nil {
		return err
	}
	if !s.isToken(body.Token) {
		return unauthorized("the staff token is wrong")
	}
	s.setCookie(w, r, s.newSession(s.now().Add(sessionLength)), int(sessionLength.Seconds()))
	return nil
}

// logOut is POST /store/logout.
func (s *staff) logOut(w http.ResponseWriter, r *http.Request) error {
	s.setCookie(w, r, "", -1)
	return nil
}

func (s *staff) setCookie(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure wherever the browser speaks HTTPS; development does not
		Name: sessionCookie, Value: value, Path: "/store", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.secure || overTLS(r),
	})
	w.WriteHeader(http.StatusNoContent)
}

// overTLS reports whether the browser speaks HTTPS, to us or to our proxy. A
// browser that made it up would only lose its own cookie.
func overTLS(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// bearer returns the request's bearer token.
func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

func unauthorized(message string) error { return newError(order.CodeUnauthorized, message) }

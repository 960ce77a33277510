package access

import (
	"net/http"

	"github.com/cafeforme/cafeforme/api/transport"
)

const (
	// sessionCookie is the name that openapi.yaml gives the staff's cookie.
	sessionCookie = "cafeforme_store"
	// hostPrefix has a browser take a cookie from this host alone, over HTTPS alone
	// (RFC 6265bis, section 4.1.3.2). Development over HTTP has to do without.
	hostPrefix = "__Host-"

	loginPath = "/store/login"
)

// overHTTPS reports whether the browser speaks HTTPS.
func (s *StaffAuth) overHTTPS(r *http.Request) bool { return s.https || transport.OverTLS(r) }

// cookieName returns what the browser's cookie is called. Over HTTPS the name without
// the prefix means nothing: a neighbouring host could have set it.
func (s *StaffAuth) cookieName(r *http.Request) string {
	if s.overHTTPS(r) {
		return hostPrefix + sessionCookie
	}
	return sessionCookie
}

// sessionSecret returns what the browser keeps of its session, and nothing without one.
func (s *StaffAuth) sessionSecret(r *http.Request) string {
	cookie, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// sessionHash returns the hash of the browser's session, and nothing without one.
func (s *StaffAuth) sessionHash(r *http.Request) string {
	secret := s.sessionSecret(r)
	if secret == "" {
		return ""
	}
	return HashSecret(secret)
}

func (s *StaffAuth) setCookie(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	path := "/store"
	if s.overHTTPS(r) {
		path = "/" // which the prefix demands
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure wherever the browser speaks HTTPS; development does not
		Name: s.cookieName(r), Value: value, Path: path, MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.overHTTPS(r),
	})
}

package codecserver

import (
	"html/template"
	"net/http"
	"strings"
	"unicode"

	"github.com/cafeforme/cafeforme/internal/blank"
)

const (
	cookieName = "cafeforme_codec"
	// hostPrefix has a browser take the cookie from this host alone, over HTTPS alone
	// (RFC 6265bis, section 4.1.3.2).
	hostPrefix = "__Host-"
	// maxForm is more than a token and a name take.
	maxForm = 4 << 10
	// maxName is how many characters of a name are kept.
	maxName = 40
)

// pageTemplate is where people sign in with their browser.
var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>cafeforme codec server</title>
<style>body{font:16px/1.5 sans-serif;max-width:34em;margin:4em auto;padding:0 1em}input,button{font:inherit;padding:.3em}</style>
<h1>Codec server</h1>
{{if .SignedIn}}<p>You are signed in. The Temporal Web UI shows decrypted payloads in this browser now; reload it.</p>
<form method="post" action="/sign-out"><button>Sign out</button></form>
{{else}}<p>{{with .Refused}}<strong>{{.}}</strong> {{end}}Sign in to let the Temporal Web UI show decrypted payloads in this browser.</p>
<form method="post" action="/"><p><label>Your name, for the log <input name="name" autocomplete="username" maxlength="40"></label></p>
<label>Token <input type="password" name="token" autocomplete="current-password" required autofocus></label>
<button>Sign in</button></form>{{end}}
</html>
`))

type pageView struct {
	SignedIn bool
	Refused  string
}

func (s server) page(w http.ResponseWriter, r *http.Request) {
	_, signedIn := s.sessionOf(r)
	s.show(w, http.StatusOK, pageView{SignedIn: signedIn})
}

func (s server) show(w http.ResponseWriter, status int, view pageView) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := pageTemplate.Execute(w, view); err != nil {
		s.Log.Debug("write the page", "error", err)
	}
}

// signIn begins a session for the token, in place of the one that the browser has.
// The cookie is for this site's pages alone: the Web UI's among them when it is on
// the same host, whatever its port.
func (s server) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	switch s.try(r, r.PostFormValue("token")) {
	case http.StatusTooManyRequests:
		tooManyTries(w)
		return
	case http.StatusUnauthorized:
		s.show(w, http.StatusUnauthorized, pageView{Refused: "This is not the token."})
		return
	}
	s.endSession(r)
	name := nameOf(r.PostFormValue("name"))
	s.setCookie(w, s.sessions.begin(name), int(signedInFor.Seconds()))
	s.Log.Info("somebody has signed in", "who", name, "remote", s.Client(r))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signOut ends the session.
func (s server) signOut(w http.ResponseWriter, r *http.Request) {
	s.endSession(r)
	s.setCookie(w, "", -1)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s server) endSession(r *http.Request) {
	if cookie, err := r.Cookie(s.cookieName()); err == nil {
		s.sessions.end(cookie.Value)
	}
}

// nameOf returns what somebody is called in the log.
func nameOf(given string) string {
	name := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || blank.Character(r) {
			return -1
		}
		return r
	}, strings.TrimSpace(given))
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName])
	}
	if name == "" {
		return "unnamed"
	}
	return name
}

func (s server) cookieName() string {
	if s.overTLS() {
		return hostPrefix + cookieName
	}
	return cookieName
}

func (s server) setCookie(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where there is TLS; loopback has none
		Name: s.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.overTLS(),
	})
}

// overTLS reports whether browsers reach us through TLS: they refuse to send an
// https page's requests anywhere else, but to loopback.
func (s server) overTLS() bool {
	for _, origin := range s.Origins {
		if !strings.HasPrefix(origin, "https://") {
			return false
		}
	}
	return len(s.Origins) > 0
}

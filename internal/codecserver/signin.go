package codecserver

import (
	"html/template"
	"net/http"
	"strings"
	"time"
)

const (
	cookieName = "cafeforme_codec"
	// signedInFor is a working day.
	signedInFor = 12 * time.Hour
	// maxForm is more than a token takes.
	maxForm = 4 << 10
)

// pageTemplate is where people sign in with their browser.
var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>cafeforme codec server</title>
<style>body{font:16px/1.5 sans-serif;max-width:34em;margin:4em auto;padding:0 1em}input,button{font:inherit;padding:.3em}</style>
<h1>Codec server</h1>
{{if .SignedIn}}<p>You are signed in. The Temporal Web UI shows decrypted payloads in this browser now; reload it.</p>
{{else}}<p>{{with .Refused}}<strong>{{.}}</strong> {{end}}Sign in to let the Temporal Web UI show decrypted payloads in this browser.</p>
<form method="post" action="/"><label>Token <input type="password" name="token" autocomplete="current-password" required autofocus></label>
<button>Sign in</button></form>{{end}}
</html>
`))

type pageView struct {
	SignedIn bool
	Refused  string
}

func (s server) page(w http.ResponseWriter, r *http.Request) {
	s.show(w, http.StatusOK, pageView{SignedIn: s.knows(r)})
}

func (s server) show(w http.ResponseWriter, status int, view pageView) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := pageTemplate.Execute(w, view); err != nil {
		s.Log.Debug("write the page", "error", err)
	}
}

// signIn gives a cookie for the token. It is for this site's pages alone: the
// Web UI's among them when it is on the same host, whatever its port.
func (s server) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !s.isToken(r.PostFormValue("token")) {
		s.Log.Warn("a sign-in was refused", "remote", r.RemoteAddr)
		s.show(w, http.StatusUnauthorized, pageView{Refused: "This is not the token."})
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where there is TLS; loopback has none
		Name: cookieName, Value: s.cookieValue(), Path: "/", MaxAge: int(signedInFor.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.overTLS(),
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
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

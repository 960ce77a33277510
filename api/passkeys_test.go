package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/staff"
)

// at sends a request to the store surface under its name.
func (s *surface) at(host, method, path, body string, headers ...string) *answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, "https://"+host+path, strings.NewReader(body))
	r.Host = host
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return s.send(r, body)
}

const cafe = "cafe.example"

// newPasskey returns a surface where mina, a manager, has a passkey on the device.
func newPasskey(t *testing.T) (*surface, *authenticator) {
	t.Helper()
	s, device := newBrowser(t), newAuthenticator(t)
	s.staff.addAccount(staff.Account{Name: "mina", Role: access.Manager, Stores: []string{"main"}}, minasToken)
	options := readOptions(s.at(cafe, http.MethodPost, "/store/passkeys/options", "", authorization, "Bearer "+minasToken).wants(http.StatusOK))
	a := s.at(cafe, http.MethodPost, "/store/passkeys", `{"label":" My phone ","credential":`+device.makes(options)+`}`, authorization, "Bearer "+minasToken)
	made := decodeAs[spec.Passkey](a.wants(http.StatusCreated))
	require.Equal(t, "My phone", made.Label)
	require.Equal(t, cafe, made.Domain)
	return s, device
}

// offers asks for a challenge, to sign in.
func (s *surface) offers(host string) passkeyOptions {
	s.t.Helper()
	return readOptions(s.at(host, http.MethodPost, "/store/login/passkey/options", "").wants(http.StatusOK))
}

// signsInBy signs in by what the device answers, at a host.
func (s *surface) signsInBy(host, credential string) *answer {
	s.t.Helper()
	return s.at(host, http.MethodPost, "/store/login/passkey", `{"credential":`+credential+`}`)
}

func TestAPasskeySignsInWithoutAName(t *testing.T) {
	t.Parallel()
	s, device := newPasskey(t)
	for range 2 {
		a := s.signsInBy(cafe, device.signs(s.offers(cafe))).wants(http.StatusNoContent)
		cookie, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(cookie.Name, "__Host-"))
		session := decodeAs[spec.StaffSession](s.at(cafe, http.MethodGet, "/store/session", "", "Cookie", cookie.Name+"="+cookie.Value).wants(http.StatusOK))
		require.Equal(t, spec.StaffSession{Name: "mina", Role: "manager", Stores: []string{"main"}}, session)
	}
	list := decodeAs[spec.PasskeyList](s.at(cafe, http.MethodGet, "/store/passkeys", "", authorization, "Bearer "+minasToken).wants(http.StatusOK))
	require.Len(t, list.Passkeys, 1)
}

func TestAPasskeyThatIsRemovedSignsNobodyIn(t *testing.T) {
	t.Parallel()
	s, device := newPasskey(t)
	cookie, err := http.ParseSetCookie(s.signsInBy(cafe, device.signs(s.offers(cafe))).header.Get("Set-Cookie"))
	require.NoError(t, err)
	s.at(cafe, http.MethodDelete, "/store/passkeys/"+encoded(device.id), "", authorization, "Bearer "+minasToken).wants(http.StatusNoContent)
	s.staff.revoke("") // as the database counts changes
	s.clock.advance(access.RecheckAfter)
	s.at(cafe, http.MethodGet, "/store/session", "", "Cookie", cookie.Name+"="+cookie.Value).wants(http.StatusUnauthorized)
	s.signsInBy(cafe, device.signs(s.offers(cafe))).refuses(http.StatusUnauthorized, "unauthorized", "")
}

// A credential's ID is no secret: it must not pass for a token.
func TestAPasskeysNameIsNoToken(t *testing.T) {
	t.Parallel()
	s, device := newPasskey(t)
	for _, known := range []string{encoded(device.id), staff.PasskeyPrefix + encoded(device.id), device.handle} {
		s.get("/store/session", authorization, "Bearer "+known).refuses(http.StatusUnauthorized, "unauthorized", "")
		s.post("/store/login", `{"token":"`+known+`"}`).refuses(http.StatusUnauthorized, "unauthorized", "")
	}
}

func TestWhatAPasskeyMustNotBeSignedInBy(t *testing.T) {
	t.Parallel()
	for name, sign := range map[string]func(s *surface, d *authenticator) *answer{
		"a challenge that was used": func(s *surface, d *authenticator) *answer {
			o := s.offers(cafe)
			s.signsInBy(cafe, d.signs(o)).wants(http.StatusNoContent)
			return s.signsInBy(cafe, d.signs(o))
		},
		"a challenge that is old": func(s *surface, d *authenticator) *answer {
			o := s.offers(cafe)
			s.clock.advance(5 * time.Minute)
			return s.signsInBy(cafe, d.signs(o))
		},
		"a challenge of one's own": func(s *surface, d *authenticator) *answer {
			var o passkeyOptions
			o.PublicKey.Challenge = encoded(make([]byte, 32))
			return s.signsInBy(cafe, d.signs(o))
		},
		"a challenge to register": func(s *surface, d *authenticator) *answer {
			o := readOptions(s.at(cafe, http.MethodPost, "/store/passkeys/options", "", authorization, "Bearer "+minasToken))
			return s.signsInBy(cafe, d.signs(o))
		},
		"another site's page": func(s *surface, d *authenticator) *answer {
			d.origin = "https://evil.example"
			return s.signsInBy(cafe, d.signs(s.offers(cafe)))
		},
		"a page over HTTP": func(s *surface, d *authenticator) *answer {
			d.origin = "http://" + cafe
			return s.signsInBy(cafe, d.signs(s.offers(cafe)))
		},
		"another site's name": func(s *surface, d *authenticator) *answer {
			d.origin, d.domain = "https://evil.example", "evil.example"
			return s.signsInBy("evil.example", d.signs(s.offers("evil.example")))
		},
		"a device that asks nobody": func(s *surface, d *authenticator) *answer {
			d.unverified = true
			return s.signsInBy(cafe, d.signs(s.offers(cafe)))
		},
		"a copy": func(s *surface, d *authenticator) *answer {
			d.counter = 9
			s.signsInBy(cafe, d.signs(s.offers(cafe))).wants(http.StatusNoContent)
			d.counter = 3
			return s.signsInBy(cafe, d.signs(s.offers(cafe)))
		},
		"another key": func(s *surface, d *authenticator) *answer {
			d.key = newAuthenticator(s.t).key
			return s.signsInBy(cafe, d.signs(s.offers(cafe)))
		},
		"somebody else's handle": func(s *surface, d *authenticator) *answer {
			d.handle = encoded([]byte("handle of jun"))
			return s.signsInBy(cafe, d.signs(s.offers(cafe)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := sign(newPasskey(t))
			a.refuses(http.StatusUnauthorized, "unauthorized", "")
			require.Empty(t, a.header.Get("Set-Cookie"))
		})
	}
}

func TestAPasskeyIsRegisteredByWhoWasAsked(t *testing.T) {
	t.Parallel()
	s, device := newPasskey(t)
	s.staff.add("jun", "a-token-of-juns")
	register := func(token, credential string) *answer {
		return s.at(cafe, http.MethodPost, "/store/passkeys", `{"label":"x","credential":`+credential+`}`, authorization, "Bearer "+token)
	}
	options := func(token string) passkeyOptions {
		return readOptions(s.at(cafe, http.MethodPost, "/store/passkeys/options", "", authorization, "Bearer "+token).wants(http.StatusOK))
	}
	another := newAuthenticator(t)
	register("a-token-of-juns", another.makes(options(minasToken))).refuses(http.StatusUnprocessableEntity, "invalid_credential", "credential")
	register(minasToken, another.makes(s.offers(cafe))).refuses(http.StatusUnprocessableEntity, "invalid_credential", "credential")
	another.unverified = true
	register(minasToken, another.makes(options(minasToken))).refuses(http.StatusUnprocessableEntity, "invalid_credential", "credential")
	another.unverified, another.origin = false, "https://evil.example"
	register(minasToken, another.makes(options(minasToken))).refuses(http.StatusUnprocessableEntity, "invalid_credential", "credential")
	register(minasToken, `{"id":"x"}`).refuses(http.StatusUnprocessableEntity, "invalid_credential", "credential")
	register(minasToken, `"x"`).refuses(http.StatusUnprocessableEntity, "invalid_credential", "credential")
	require.Contains(t, string(s.at(cafe, http.MethodPost, "/store/passkeys/options", "", authorization, "Bearer "+minasToken).body), encoded(device.id), "a device has one of each account")
}

func TestBrowsersHaveNoPasskeysAtAnAddress(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	s.staff.add("mina", minasToken)
	for _, host := range []string{"127.0.0.1:8084", "192.0.2.1", "[::1]:8084"} {
		s.at(host, http.MethodPost, "/store/login/passkey/options", "").refuses(http.StatusConflict, "passkeys_unavailable", "")
		s.at(host, http.MethodPost, "/store/passkeys/options", "", authorization, "Bearer "+minasToken).refuses(http.StatusConflict, "passkeys_unavailable", "")
	}
	for _, host := range []string{"localhost:8084", "cafe.example", "cafe.example:8443"} {
		s.offers(host)
	}
}

func TestPasskeysAreLimitedAsTokensAre(t *testing.T) {
	t.Parallel()
	s := newBrowser(t, func(c *StoreConfig) { c.RateLimit = 3 })
	for range 3 {
		s.offers(cafe)
	}
	s.at(cafe, http.MethodPost, "/store/login/passkey/options", "").refuses(http.StatusTooManyRequests, "rate_limited", "")
	s.clock.advance(time.Minute)
	device := newAuthenticator(t)
	for range 3 {
		s.signsInBy(cafe, device.signs(s.offers(cafe))).refuses(http.StatusUnauthorized, "unauthorized", "")
	}
	s.clock.advance(30 * time.Second)
	s.signsInBy(cafe, device.signs(passkeyOptions{})).refuses(http.StatusTooManyRequests, "rate_limited", "")
	s.logIn()
}

package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newBrowser returns the store surface as a browser sees it that has not logged
// in.
func newBrowser(t *testing.T, options ...func(*StoreConfig)) *surface {
	t.Helper()
	s := newStoreSurface(t, options...)
	s.headers = http.Header{}
	return s
}

// logIn logs in and returns the cookie.
func (s *surface) logIn() *http.Cookie {
	s.t.Helper()
	a := s.post("/store/login", `{"token":"`+staffToken+`"}`).wants(http.StatusNoContent)
	cookie, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	require.NoError(s.t, err)
	return cookie
}

func TestTheStaffTokenLetsIn(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	s.get("/store/orders", authorization, "Bearer "+staffToken).wants(http.StatusOK)
	s.get("/store/orders", authorization, "bEARER "+staffToken).wants(http.StatusOK)
	for _, credentials := range []string{"", "Bearer ", "Bearer x", "Bearer " + staffToken + "x", "Basic " + staffToken, staffToken} {
		s.get("/store/orders", authorization, credentials).refuses(http.StatusUnauthorized, "unauthorized", "")
	}
}

func TestWithoutAStaffTokenNobodyIsLetIn(t *testing.T) {
	t.Parallel()
	s := newBrowser(t, func(c *StoreConfig) { c.StaffToken = "" })
	s.get("/store/orders", authorization, "Bearer ").refuses(http.StatusUnauthorized, "unauthorized", "")
	s.post("/store/login", `{"token":""}`).refuses(http.StatusUnauthorized, "unauthorized", "")
	forged := newStaff("", false, s.clock.Now).newSession(noon.Add(time.Hour))
	s.get("/store/orders", "Cookie", sessionCookie+"="+forged).refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestABrowserLogsInAndOut(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	cookie := s.logIn()
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	require.Equal(t, "/store", cookie.Path)
	require.Equal(t, int(sessionLength.Seconds()), cookie.MaxAge)
	require.False(t, cookie.Secure)
	require.NotContains(t, cookie.Value, staffToken)
	require.NotEqual(t, cookie.Value, s.logIn().Value)

	session := cookie.Name + "=" + cookie.Value
	s.get("/store/orders", "Cookie", session).wants(http.StatusOK)
	s.put("/store/hours", `{"open":false}`, "Cookie", session, "Sec-Fetch-Site", "same-origin").wants(http.StatusOK)

	out, err := http.ParseSetCookie(s.post("/store/logout", "", "Cookie", session).wants(http.StatusNoContent).header.Get("Set-Cookie"))
	require.NoError(t, err)
	require.Negative(t, out.MaxAge)
	require.Empty(t, out.Value)
	require.Equal(t, cookie.Path, out.Path)
}

func TestAWrongTokenDoesNotLogIn(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	a := s.post("/store/login", `{"token":"guess"}`)
	a.refuses(http.StatusUnauthorized, "unauthorized", "")
	require.Empty(t, a.header.Get("Set-Cookie"))
	s.post("/store/login", `{}`).refuses(http.StatusUnprocessableEntity, "invalid_token", "token")
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	session := sessionCookie + "=" + s.logIn().Value
	s.clock.advance(sessionLength - time.Second)
	s.get("/store/orders", "Cookie", session).wants(http.StatusOK)
	s.clock.advance(time.Second)
	s.get("/store/orders", "Cookie", session).refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestAForgedSessionIsRefused(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	session := s.logIn().Value
	for _, value := range []string{
		"", "x", ".", "..", "9999999999", "9" + session[1:], session[:len(session)-1], session + "0",
		newStaff("another token", false, s.clock.Now).newSession(noon.Add(time.Hour)),
	} {
		s.get("/store/orders", "Cookie", sessionCookie+"="+value).refuses(http.StatusUnauthorized, "unauthorized", "")
	}
}

func TestAWrongBearerTokenIsNotSavedByACookie(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	session := sessionCookie + "=" + s.logIn().Value
	s.get("/store/orders", "Cookie", session, authorization, "Bearer x").refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestTheCookieIsKeptToHTTPSWhereThereIsHTTPS(t *testing.T) {
	t.Parallel()
	require.True(t, newBrowser(t, func(c *StoreConfig) { c.SecureCookies = true }).logIn().Secure)

	s := newBrowser(t)
	s.headers.Set("X-Forwarded-Proto", "https")
	require.True(t, s.logIn().Secure)

	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://store.example/store/logout", nil)
	require.Contains(t, newBrowser(t).send(r, "").header.Get("Set-Cookie"), "Secure")
}

func TestAnotherSiteCannotGiveCommands(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	session := sessionCookie + "=" + s.logIn().Value
	s.put("/store/hours", `{"open":false}`, "Cookie", session, "Sec-Fetch-Site", "cross-site").
		refuses(http.StatusForbidden, "cross_origin", "")
	s.put("/store/hours", `{"open":false}`, "Cookie", session, "Origin", "https://evil.example").
		refuses(http.StatusForbidden, "cross_origin", "")
	s.post("/store/login", `{"token":"`+staffToken+`"}`, "Sec-Fetch-Site", "cross-site").
		refuses(http.StatusForbidden, "cross_origin", "")
	require.True(t, s.menu.menu.Open)
}

func TestGuessesAreLimitedAndTheStaffIsNot(t *testing.T) {
	t.Parallel()
	s := newBrowser(t, func(c *StoreConfig) { c.RateLimit = 3 })
	for range 3 {
		s.post("/store/login", `{"token":"guess"}`).wants(http.StatusUnauthorized)
	}
	a := s.get("/store/orders", authorization, "Bearer guess")
	a.refuses(http.StatusTooManyRequests, "rate_limited", "")
	require.Equal(t, "60", a.header.Get("Retry-After"))
	for range 5 {
		s.get("/store/orders", authorization, "Bearer "+staffToken).wants(http.StatusOK)
		s.get("/healthz").wants(http.StatusOK)
	}
}

func TestALongTokenIsJustWrong(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	s.get("/store/orders", authorization, "Bearer "+strings.Repeat("x", 10_000)).refuses(http.StatusUnauthorized, "unauthorized", "")
}

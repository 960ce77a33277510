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
	"github.com/cafeforme/cafeforme/order"
)

// sessionCookie is the name that openapi.yaml gives the staff's cookie.
const sessionCookieName = "cafeforme_store"

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
	for _, tokens := range []map[string]string{nil, {order.ActorStore: ""}} {
		s := newBrowser(t, func(c *StoreConfig) { c.StaffTokens = tokens })
		s.get("/store/orders", authorization, "Bearer ").refuses(http.StatusUnauthorized, "unauthorized", "")
		s.post("/store/login", `{"token":""}`).refuses(http.StatusUnauthorized, "unauthorized", "")
		s.get("/store/orders", "Cookie", sessionCookieName+"=").refuses(http.StatusUnauthorized, "unauthorized", "")
	}
}

func TestABrowserLogsInAndOut(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	cookie := s.logIn()
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	require.Equal(t, "/store", cookie.Path)
	require.Equal(t, int((12 * time.Hour).Seconds()), cookie.MaxAge)
	require.False(t, cookie.Secure)
	require.NotEqual(t, cookie.Value, s.logIn().Value)

	session := cookie.Name + "=" + cookie.Value
	s.get("/store/orders", "Cookie", session).wants(http.StatusOK)
	s.put("/store/hours", `{"open":false}`, "Cookie", session, "Sec-Fetch-Site", "same-origin").wants(http.StatusOK)

	out, err := http.ParseSetCookie(s.post("/store/logout", "", "Cookie", session).wants(http.StatusNoContent).header.Get("Set-Cookie"))
	require.NoError(t, err)
	require.Negative(t, out.MaxAge)
	require.Empty(t, out.Value)
	require.Equal(t, cookie.Path, out.Path)
	s.get("/store/orders", "Cookie", session).refuses(http.StatusUnauthorized, "unauthorized", "")
	s.post("/store/logout", "").wants(http.StatusNoContent)
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
	session := sessionCookieName + "=" + s.logIn().Value
	s.clock.advance(12*time.Hour - time.Second)
	s.get("/store/orders", "Cookie", session).wants(http.StatusOK)
	s.clock.advance(time.Second)
	s.get("/store/orders", "Cookie", session).refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestAForgedSessionIsRefused(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	session := s.logIn().Value
	for _, value := range []string{"", "x", ".", session[:len(session)-1], session + "0", access.HashSecret(session), staffToken} {
		s.get("/store/orders", "Cookie", sessionCookieName+"="+value).refuses(http.StatusUnauthorized, "unauthorized", "")
	}
}

func TestAWrongBearerTokenIsNotSavedByACookie(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	session := sessionCookieName + "=" + s.logIn().Value
	s.get("/store/orders", "Cookie", session, authorization, "Bearer x").refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestTheCookieIsKeptToHTTPSWhereThereIsHTTPS(t *testing.T) {
	t.Parallel()
	require.True(t, newBrowser(t, func(c *StoreConfig) { c.HTTPS = true }).logIn().Secure)

	s := newBrowser(t)
	s.headers.Set("X-Forwarded-Proto", "https")
	require.True(t, s.logIn().Secure)

	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://store.example/store/logout", nil)
	require.Contains(t, newBrowser(t).send(r, "").header.Get("Set-Cookie"), "Secure")
}

func TestAnotherSiteCannotGiveCommands(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	session := sessionCookieName + "=" + s.logIn().Value
	s.put("/store/hours", `{"open":false}`, "Cookie", session, "Sec-Fetch-Site", "cross-site").
		refuses(http.StatusForbidden, "cross_origin", "")
	s.put("/store/hours", `{"open":false}`, "Cookie", session, "Origin", "https://evil.example").
		refuses(http.StatusForbidden, "cross_origin", "")
	s.post("/store/login", `{"token":"`+staffToken+`"}`, "Sec-Fetch-Site", "cross-site").
		refuses(http.StatusForbidden, "cross_origin", "")
	require.False(t, s.menu.state.Store.Pause.Paused)
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
	s.clock.advance(40 * time.Second)
	require.Equal(t, "20", s.post("/store/login", `{"token":"guess"}`).wants(http.StatusTooManyRequests).header.Get("Retry-After"))
	s.logIn()
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

const minasToken = "a-token-that-only-mina-has"

// cookieOf returns the header of a browser that has logged in with the token.
func (s *surface) cookieOf(token string) string {
	s.t.Helper()
	a := s.post("/store/login", `{"token":"`+token+`"}`).wants(http.StatusNoContent)
	cookie, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	require.NoError(s.t, err)
	return cookie.Name + "=" + cookie.Value
}

func TestWhoDidWhatIsInTheTimeline(t *testing.T) {
	t.Parallel()
	s := newBrowser(t, func(c *StoreConfig) { c.StaffTokens["진호"] = "a-token-of-the-environment" })
	s.staff.add("mina", minasToken)
	s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	mina := s.cookieOf(minasToken)
	for _, step := range []struct{ command, header, value, actor string }{
		{"accept", authorization, "Bearer a-token-of-the-environment", "진호"},
		{"ready", "Cookie", mina, "mina"},
		{"pick-up", authorization, "Bearer " + staffToken, "store"},
	} {
		require.Equal(t, step.actor, decodeAs[spec.StaffSession](s.get("/store/session", step.header, step.value).wants(http.StatusOK)).Name)
		timeline := s.post("/store/orders/"+knownID+"/"+step.command, "", step.header, step.value).wants(http.StatusOK).order().Timeline
		require.Equal(t, step.actor, *timeline[len(timeline)-1].Actor)
	}
	s.get("/store/session").refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestARevokedTokenIsRefusedWithinSecondsAlsoAsACookie(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	s.staff.add("mina", minasToken)
	cookie := s.cookieOf(minasToken)
	enter := func() []*answer {
		return []*answer{s.get("/store/orders", authorization, "Bearer "+minasToken), s.get("/store/orders", "Cookie", cookie)}
	}
	for _, a := range enter() {
		a.wants(http.StatusOK)
	}
	s.staff.revoke(minasToken)
	s.clock.advance(access.RecheckAfter)
	for range 2 {
		for _, a := range enter() {
			a.refuses(http.StatusUnauthorized, "unauthorized", "")
		}
	}
}

func TestTheStaffWorksOnWhileTheDatabaseIsDown(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	s.staff.add("mina", minasToken)
	s.staff.add("jun", "a-token-that-nobody-used-yet")
	cookie := s.cookieOf(minasToken)
	s.get("/store/orders", authorization, "Bearer "+minasToken).wants(http.StatusOK)

	s.staff.fail(errDown)
	s.clock.advance(time.Hour)
	before := s.staff.questions()
	for range 3 {
		s.get("/store/session", authorization, "Bearer "+minasToken).wants(http.StatusOK)
		s.get("/store/session", authorization, "Bearer "+staffToken).wants(http.StatusOK)
		s.get("/store/session", "Cookie", cookie).wants(http.StatusOK)
	}
	require.Equal(t, before+2, s.staff.questions(), "a database that is down is left alone for some seconds")
	s.get("/store/session", authorization, "Bearer a-token-that-nobody-used-yet").refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.get("/store/session", "Cookie", sessionCookieName+"=unknown").refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.post("/store/login", `{"token":"`+staffToken+`"}`).refuses(http.StatusServiceUnavailable, "unavailable", "")

	out := s.post("/store/logout", "", "Cookie", cookie)
	out.refuses(http.StatusServiceUnavailable, "unavailable", "")
	require.Contains(t, out.header.Get("Set-Cookie"), "Max-Age=0", "the browser is logged out all the same")

	s.clock.advance(12 * time.Hour)
	s.get("/store/session", authorization, "Bearer "+minasToken).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.get("/store/session", authorization, "Bearer "+staffToken).wants(http.StatusOK)
}

func TestASessionThatIsRememberedEndsAllTheSame(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	cookie := s.cookieOf(staffToken)
	s.clock.advance(6 * time.Hour)
	s.get("/store/session", "Cookie", cookie).wants(http.StatusOK)
	s.staff.fail(errDown)
	s.clock.advance(6 * time.Hour)
	s.get("/store/session", "Cookie", cookie).refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestASessionEndsWithItsTokenOfTheEnvironment(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	cookie := s.cookieOf(staffToken)
	s.handler = NewStore(s.storeConfig(func(c *StoreConfig) { c.StaffTokens = map[string]string{"store": "another-token-from-now-on"} }))
	s.get("/store/session", "Cookie", cookie).refuses(http.StatusUnauthorized, "unauthorized", "")
}

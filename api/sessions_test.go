package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/live"
)

func TestARevokedTokenLosesItsStreamsSoon(t *testing.T) {
	t.Parallel()
	feed := live.NewFeed(live.FeedConfig{})
	require.LessOrEqual(t, feed.Recheck+access.RecheckAfter, 1250*time.Millisecond, "processes recheck twice as often: see app")
}

// The prefix has browsers refuse the cookie from anything but this host over HTTPS
// (RFC 6265bis, section 4.1.3.2): no neighbouring subdomain can plant one.
func TestTheCookieIsTiedToItsHostWhereThereIsHTTPS(t *testing.T) {
	t.Parallel()
	s := newBrowser(t, func(c *StoreConfig) { c.HTTPS = true })
	cookie := s.logIn()
	require.Equal(t, "__Host-"+sessionCookieName, cookie.Name)
	require.True(t, cookie.Secure)
	require.Equal(t, "/", cookie.Path)
	require.Empty(t, cookie.Domain)
	s.get("/store/orders", "Cookie", cookie.Name+"="+cookie.Value).wants(http.StatusOK)
	s.get("/store/orders", "Cookie", sessionCookieName+"="+cookie.Value).
		refuses(http.StatusUnauthorized, "unauthorized", "") // planted by somebody without the prefix
	out := s.post("/store/logout", "", "Cookie", cookie.Name+"="+cookie.Value).wants(http.StatusNoContent)
	require.True(t, strings.HasPrefix(out.header.Get("Set-Cookie"), "__Host-"))
	s.get("/store/orders", "Cookie", cookie.Name+"="+cookie.Value).refuses(http.StatusUnauthorized, "unauthorized", "")

	plain := newBrowser(t).logIn()
	require.Equal(t, sessionCookieName, plain.Name, "development speaks HTTP")
	require.False(t, plain.Secure)
}

func TestANewLoginEndsTheOldSessionOfThatBrowser(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	s.staff.add("mina", minasToken)
	old, other := s.cookieOf(staffToken), s.cookieOf(staffToken)
	s.get("/store/orders", "Cookie", old).wants(http.StatusOK)

	a := s.post("/store/login", `{"token":"`+minasToken+`"}`, "Cookie", old).wants(http.StatusNoContent)
	fresh, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	require.NoError(t, err)
	s.get("/store/orders", "Cookie", old).refuses(http.StatusUnauthorized, "unauthorized", "")
	s.get("/store/orders", "Cookie", fresh.Name+"="+fresh.Value).wants(http.StatusOK)
	s.get("/store/orders", "Cookie", other).wants(http.StatusOK)

	s.post("/store/login", `{"token":"guess"}`, "Cookie", other).wants(http.StatusUnauthorized)
	s.get("/store/orders", "Cookie", other).wants(http.StatusOK)
}

func TestTheMenuKnowsWhoChangesIt(t *testing.T) {
	t.Parallel()
	s := newBrowser(t)
	s.staff.add("mina", minasToken)
	s.put("/store/menu/Tea", tea, authorization, "Bearer "+minasToken).wants(http.StatusOK)
	s.put("/store/hours", `{"open":false}`, "Cookie", s.cookieOf(minasToken)).wants(http.StatusOK)
	s.remove("/store/menu/Tea", authorization, "Bearer "+staffToken).wants(http.StatusNoContent)
	require.Equal(t, []string{"mina", "mina", "store"}, s.menu.actors)
}

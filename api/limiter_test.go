package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestAMinuteBeginsWithItsFirstRequest(t *testing.T) {
	t.Parallel()
	c := &clock{now: noon.Add(31 * time.Second)}
	l := newLimiter(2, c.Now)
	require.NoError(t, l.take("a", "too many"))
	c.advance(45 * time.Second)
	require.NoError(t, l.take("a", "too many"))
	err := l.take("a", "too many")
	require.Equal(t, order.CodeRateLimited, order.ErrorCode(err))
	var limit limitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, "15", limit.retryAfter())
	require.NoError(t, l.take("b", "too many"), "others are not concerned")
	c.advance(14*time.Second + 900*time.Millisecond)
	require.ErrorAs(t, l.take("a", "too many"), &limit)
	require.Equal(t, "1", limit.retryAfter())
	c.advance(100 * time.Millisecond)
	require.NoError(t, l.take("a", "too many"))
	c.advance(-time.Hour)
	require.NoError(t, l.take("a", "too many"), "a clock that was put back locks nobody out")
}

func TestALimiterNeedsABoundedAmountOfMemory(t *testing.T) {
	t.Parallel()
	c := &clock{now: noon}
	l := newLimiter(1, c.Now)
	for i := range 2 * maxLimited {
		require.NoError(t, l.take(fmt.Sprint(i), "too many"))
	}
	require.Equal(t, maxLimited, l.size)

	c.advance(limitWindow)
	require.NoError(t, l.take("late", "too many"))
	require.Equal(t, 1, l.size, "there is room again")
}

func TestWhoTheClientIs(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::/48")}
	for name, c := range map[string]struct {
		remote, forwarded, want string
		trusted                 []netip.Prefix
	}{
		"an address":                           {"192.0.2.1:1234", "", "192.0.2.1", nil},
		"a network of IPv6":                    {"[2001:db8::1]:80", "", "2001:db8::/64", nil},
		"IPv4 in IPv6":                         {"[::ffff:192.0.2.1]:80", "", "192.0.2.1", nil},
		"no address at all":                    {"@", "203.0.113.9", "@", proxies},
		"nobody is believed by default":        {"10.1.1.1:1234", "203.0.113.9", "10.1.1.1", nil},
		"strangers are not believed":           {"192.0.2.1:1234", "203.0.113.9", "192.0.2.1", proxies},
		"a proxy is":                           {"10.1.1.1:1234", "203.0.113.9", "203.0.113.9", proxies},
		"as far as it knows":                   {"10.1.1.1:1234", "198.51.100.1, 203.0.113.9", "203.0.113.9", proxies},
		"a proxy behind a proxy":               {"10.1.1.1:1234", "203.0.113.9,  10.2.2.2", "203.0.113.9", proxies},
		"a proxy of IPv6":                      {"[2001:db8:ffff::1]:1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64", proxies},
		"with a port":                          {"10.1.1.1:1234", "203.0.113.9:4711", "203.0.113.9", proxies},
		"a proxy that does not say":            {"10.1.1.1:1234", "", "10.1.1.1", proxies},
		"a proxy that says what is no address": {"10.1.1.1:1234", "unknown", "10.1.1.1", proxies},
		"only proxies":                         {"10.1.1.1:1234", "10.3.3.3", "10.3.3.3", proxies},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{RemoteAddr: c.remote, Header: http.Header{}}
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			require.Equal(t, c.want, ClientAddress(c.trusted)(r))
		})
	}
}

func TestSeveralHeadersOfProxiesAreOneList(t *testing.T) {
	t.Parallel()
	r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {"198.51.100.1", "203.0.113.9", "10.0.0.2"}}}
	require.Equal(t, "203.0.113.9", ClientAddress([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})(r))
}

func TestOrdersForOnePhoneAreLimited(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.PhoneLimit = 2 })
	body := func(phone string) string {
		return `{"items":[{"product":"IceAmericano","qty":1}],"phone":"` + phone + `"}`
	}
	s.post("/orders", body("010-1234-5678")).wants(http.StatusCreated)
	s.post("/orders", body("+821012345678"), keyHeader, "the-key-of-the-test").wants(http.StatusCreated)
	a := s.post("/orders", body("010 1234 5678"))
	a.refuses(http.StatusTooManyRequests, "rate_limited", "")
	require.Equal(t, "60", a.header.Get("Retry-After"))
	require.Len(t, s.orders.placed, 2)

	s.post("/orders", body("010-8765-4321")).wants(http.StatusCreated)
	s.post("/orders", twoAmericanosWithoutPhone).wants(http.StatusCreated)
	s.post("/orders", body("+821012345678"), keyHeader, "the-key-of-the-test").wants(http.StatusCreated) // a repetition
	s.clock.advance(time.Minute)
	s.post("/orders", body("010-1234-5678")).wants(http.StatusCreated)
}

const twoAmericanosWithoutPhone = `{"items":[{"product":"IceAmericano","qty":2}]}`

// Limits that count for a number lock its member out: whoever asks and guesses.
func TestStrangersWhoAskAndGuessDoNotLimitTheMember(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.PhoneLimit = 2 })
	for range 10 {
		s.post("/members/"+memberNumber+"/codes", "").wants(http.StatusAccepted)
		s.post("/members/codes", `{"phone":"`+memberPhone+`"}`).wants(http.StatusAccepted)
		s.post("/members/"+memberNumber+"/sessions", `{"nonce":"NONCE","code":"000000"}`).wants(http.StatusUnauthorized)
	}
	s.post("/members/"+memberNumber+"/sessions", `{"nonce":"NONCE","code":"12345678"}`).wants(http.StatusCreated)
}

func TestBrowsersAreKeptToHTTPSWhereThereIsHTTPS(t *testing.T) {
	t.Parallel()
	const strict = "Strict-Transport-Security"
	plain := newCustomerSurface(t)
	require.Empty(t, plain.get("/menu").header.Get(strict))
	for _, path := range []string{"/menu", "/nothing", "/orders/" + knownID} {
		require.Equal(t, strictFor, plain.get(path, "X-Forwarded-Proto", "https").header.Get(strict))
		require.Equal(t, strictFor, newCustomerSurface(t, func(c *CustomerConfig) { c.HTTPS = true }).get(path).header.Get(strict))
	}
	require.Equal(t, strictFor, newStoreSurface(t, func(c *StoreConfig) { c.HTTPS = true }).get("/store/orders").header.Get(strict))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://cafe.example/menu", nil)
	require.Equal(t, strictFor, plain.send(r, "").header.Get(strict))
}

// What does not exist is answered alike, whatever is asked of it: in status,
// headers and body.
func TestNobodyLearnsFrom404WhatThereIs(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	want := s.get("/orders/ord_aaaaaaaaaaaaaaaaaaaaaaaaaa")
	want.refuses(http.StatusNotFound, "not_found", "")
	for _, id := range []string{"ord_bbbbbbbbbbbbbbbbbbbbbbbbbb", "ord_a", "x", "ord_AAAAAAAAAAAAAAAAAAAAAAAAAA", "%00", "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa'"} {
		for _, got := range []*answer{s.get("/orders/" + id), s.post("/orders/"+id+"/cancel", "")} {
			require.Equal(t, want.status, got.status)
			require.Equal(t, want.header, got.header)
			require.Equal(t, string(want.body), string(got.body))
		}
	}
}

package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/transport"
)

func TestOrdersForOnePhoneAreLimited(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.PhoneLimit = 2 })
	body := func(phone string) string {
		return `{"items":[{"product":"IceAmericano","qty":1}],"phone":"` + phone + `"}`
	}
	s.post("/orders", body("010-1234-5678")).wants(http.StatusCreated)
	s.post("/orders", body("+821012345678"), transport.IdempotencyKeyHeader, "the-key-of-the-test").wants(http.StatusCreated)
	a := s.post("/orders", body("010 1234 5678"))
	a.refuses(http.StatusTooManyRequests, "rate_limited", "")
	require.Equal(t, "60", a.header.Get("Retry-After"))
	require.Len(t, s.orders.placed, 2)

	s.post("/orders", body("010-8765-4321")).wants(http.StatusCreated)
	s.post("/orders", twoAmericanosWithoutPhone).wants(http.StatusCreated)
	s.post("/orders", body("+821012345678"), transport.IdempotencyKeyHeader, "the-key-of-the-test").wants(http.StatusCreated) // a repetition
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
	const strict, strictFor = "Strict-Transport-Security", "max-age=31536000"
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

package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/clients"
)

// byHeader tells the clients of a test apart.
func byHeader(c *CustomerConfig) {
	c.ClientAddress = func(r *http.Request) string { return r.Header.Get("X-Client") }
}

func TestRequestsForCodesOfAClientAreLimited(t *testing.T) {
	t.Parallel()
	asks := []struct{ target, body string }{
		{"/members", `{"phone":"010-9999-8888"}`}, {"/members/codes", `{"phone":"010-9999-8888"}`},
		{"/members/" + memberNumber + "/codes", ""}, {"/members/42/codes", ""},
	}
	for _, last := range asks {
		s := newCustomerSurface(t, byHeader, func(c *CustomerConfig) { c.CodeLimit = len(asks) })
		s.post("/members", `{"phone":"12"}`, "X-Client", "192.0.2.1").refuses(http.StatusUnprocessableEntity, "invalid_phone", "phone")
		for _, ask := range asks {
			s.post(ask.target, ask.body, "X-Client", "192.0.2.1").wants(http.StatusAccepted)
		}
		made := len(s.members.asked)
		a := s.post(last.target, last.body, "X-Client", "192.0.2.1")
		a.refuses(http.StatusTooManyRequests, "rate_limited", "")
		require.Equal(t, "600", a.header.Get("Retry-After"))
		require.Len(t, s.members.asked, made, "no code is made")
		s.post(last.target, last.body, "X-Client", "192.0.2.2").wants(http.StatusAccepted)
		s.post("/members/sessions", `{"nonce":"NONCE","code":"12345678"}`, "X-Client", "192.0.2.1").wants(http.StatusCreated)
		s.clock.advance(10 * time.Minute)
		s.post(last.target, last.body, "X-Client", "192.0.2.1").wants(http.StatusAccepted)
	}
}

func TestRequestsForCodesOfOneSiteAreCountedTogether(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, byHeader, func(c *CustomerConfig) { c.CodeLimit = 1 })
	accepted := 0
	for i := range 2 * clients.Per56 {
		if s.post("/members/codes", `{"phone":"010-9999-8888"}`, "X-Client", fmt.Sprintf("2001:db8:0:%x::/64", i)).status == http.StatusAccepted {
			accepted++
		}
	}
	require.Equal(t, clients.Per56, accepted)
}

// However often one stranger asks for codes of a phone, some of those that it gets are left for
// its owner; and the stranger learns nothing.
func TestOneClientCannotUseUpTheCodesOfAPhone(t *testing.T) {
	t.Parallel()
	const perHour, perDay = 6, 12
	kept, asked := 0, 0
	s := newCustomerSurface(t, byHeader, func(c *CustomerConfig) {
		c.PhoneCodesPerHour, c.PhoneCodesPerDay, c.CodeKept = perHour, perDay, func() { kept++ }
	})
	ask := func(client string) int {
		t.Helper()
		s.codes.sent = nil
		asked += 2
		want := s.post("/members/codes", `{"phone":"010-1234-5678"}`, "X-Client", client).wants(http.StatusAccepted)
		got := s.post("/members/"+memberNumber+"/codes", "", "X-Client", client).wants(http.StatusAccepted)
		require.Equal(t, want.body, got.body, "what is not sent is answered alike")
		return len(s.codes.sent)
	}
	sent := 0
	for i := range 24 {
		inHour := 0
		for j := range 6 {
			inHour += ask(fmt.Sprintf("2001:db8:0:%x::/64", 100*i+j))
		}
		require.Less(t, inHour, perHour)
		sent += inHour
		s.clock.advance(time.Hour - time.Second)
	}
	require.Less(t, sent, perDay)
	require.Equal(t, asked, sent+kept, "what is not sent is counted")
	require.Equal(t, 2, ask("192.0.2.1"), "the owner")
	s.codes.sent = nil
	s.post("/members/codes", `{"phone":"010-9999-8888"}`, "X-Client", "2001:db8::/64").wants(http.StatusAccepted)
	require.Len(t, s.codes.sent, 1, "another phone")
}

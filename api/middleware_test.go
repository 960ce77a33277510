package api

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/live"
)

func TestAnUnknownPathIs404(t *testing.T) {
	t.Parallel()
	for _, s := range []*surface{newCustomerSurface(t), newStoreSurface(t)} {
		for _, path := range []string{"/", "/nothing", "/menu/", "//menu", "/orders/../menu", "/orders/a/b/c", "/orders/%2F"} {
			s.get(path).refuses(http.StatusNotFound, "not_found", "")
		}
	}
}

func TestASurfaceHasItsOwnPathsOnly(t *testing.T) {
	t.Parallel()
	for path, s := range map[string]*surface{"/store/orders": newCustomerSurface(t), "/menu": newStoreSurface(t)} {
		recorder := httptest.NewRecorder()
		s.handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		require.Equal(t, http.StatusNotFound, recorder.Code)
	}
}

func TestAnotherMethodIs405WithTheAllowedOnes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, allow string }{
		{"DELETE", "/menu", "GET, HEAD"}, {"GET", "/orders", "POST"}, {"PUT", "/orders/x", "GET, HEAD"},
		{"GET", "/orders/x/cancel", "POST"}, {"OPTIONS", "/orders", "POST"}, {"PATCH", "/members", "POST"},
	} {
		a := newCustomerSurface(t).do(c.method, c.path, "")
		a.refuses(http.StatusMethodNotAllowed, "method_not_allowed", "")
		require.Equal(t, c.allow, a.header.Get("Allow"), c)
	}
	a := newStoreSurface(t).post("/store/menu/Tea", tea)
	a.refuses(http.StatusMethodNotAllowed, "method_not_allowed", "")
	require.Equal(t, "PUT, DELETE", a.header.Get("Allow"))
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newCustomerSurface(t).handler)
	t.Cleanup(server.Close)
	for path, want := range map[string]int{"/menu": http.StatusOK, "/healthz": http.StatusOK, "/orders/" + knownID: http.StatusNotFound} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+path, http.NoBody)
		require.NoError(t, err)
		response, err := server.Client().Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, want, response.StatusCode)
		require.Empty(t, body)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	for _, s := range []*surface{newCustomerSurface(t), newStoreSurface(t)} {
		s.get("/healthz").wants(http.StatusOK)
		s.get("/readyz").wants(http.StatusOK)
		require.Equal(t, "DEBUG", s.lastLogged()["level"])
		s.orders.reachErr = errors.New("no Temporal")
		s.get("/healthz").wants(http.StatusOK)
		a := s.get("/readyz")
		a.refuses(http.StatusServiceUnavailable, "unavailable", "")
		require.Equal(t, "5", a.header.Get("Retry-After"))
		require.Equal(t, "WARN", s.lastLogged()["level"])
	}
}

// A process whose first look at the menu fails would refuse orders, so a load
// balancer has to wait for it; later the last good menu does.
func TestTheCustomerSurfaceIsReadyOnceItHasAMenu(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.menu.err = errDown
	s.get("/readyz").refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.menu.err = nil
	s.get("/readyz").wants(http.StatusOK)
	s.menu.err = errDown
	s.get("/readyz").wants(http.StatusOK)
}

func TestTheSandboxIsShownToDevelopers(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	require.JSONEq(t, `{"messages":[{"order_id":"ord_a","to":"+821012345678","text":"Paid.","at":"2026-03-02T12:00:00Z"}]}`,
		string(s.get("/dev/messages").wants(http.StatusOK).body))
	require.JSONEq(t, `{"payments":[{"order_id":"ord_a","kind":"charge","amount":2000,"currency":"KRW","at":"2026-03-02T12:00:00Z"}]}`,
		string(s.get("/dev/payments").wants(http.StatusOK).body))
	s = newCustomerSurface(t, func(c *CustomerConfig) { c.Sandbox = fakeSandbox{err: errDown} })
	s.get("/dev/messages").refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.get("/dev/payments").refuses(http.StatusServiceUnavailable, "unavailable", "")
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for _, path := range []string{"/menu", "/nothing", "/orders/" + knownID, "/healthz"} {
		header := s.get(path, "Origin", "https://elsewhere.example").header
		require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", header.Get("Referrer-Policy"))
		require.Equal(t, "DENY", header.Get("X-Frame-Options"))
		require.Contains(t, header.Get("Content-Security-Policy"), "default-src 'none'")
		require.Empty(t, header.Get("Access-Control-Allow-Origin"))
	}
	require.Equal(t, "no-store", s.post("/orders", twoAmericanos).header.Get("Cache-Control"))
	require.Equal(t, "no-cache", s.get("/menu").header.Get("Cache-Control"))
}

func TestWritesAreLimitedPerClient(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) {
		c.RateLimit = 2
		c.ClientAddress = func(r *http.Request) string { return r.Header.Get("X-Client") }
	})
	for range 2 {
		s.post("/orders", twoAmericanos, "X-Client", "203.0.113.1").wants(http.StatusCreated)
	}
	a := s.post("/orders", twoAmericanos, "X-Client", "203.0.113.1")
	a.refuses(http.StatusTooManyRequests, "rate_limited", "")
	require.Equal(t, "60", a.header.Get("Retry-After"))
	require.Equal(t, "DENY", a.header.Get("X-Frame-Options"))
	require.Equal(t, "/orders", s.lastLogged()["route"])
	require.Len(t, s.orders.placed, 2)

	s.post("/orders", twoAmericanos, "X-Client", "203.0.113.2").wants(http.StatusCreated)
	for range 5 {
		s.get("/menu", "X-Client", "203.0.113.1").wants(http.StatusOK)
	}
}

func TestThereIsNoLimitUnlessThereIsOne(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for range 100 {
		s.post("/orders", twoAmericanos).wants(http.StatusCreated)
	}
}

func TestAPanicIs500AndLogged(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.panicking = true
	problem := s.post("/orders", twoAmericanos).refuses(http.StatusInternalServerError, "internal", "")
	require.NotContains(t, problem.Detail, "unforeseen")
	line := s.lastLogged()
	require.Contains(t, line["error"], "unforeseen")
	require.Contains(t, line["error"], "middleware.go")
	require.EqualValues(t, 500, line["status"])
}

func TestTheLogHoldsNothingPersonal(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.get("/members/"+memberNumber+"?page_token=0", authorization, "Bearer "+memberToken).wants(http.StatusOK)
	line := s.lastLogged()
	require.Equal(t, "/members/{number}", line["route"])
	require.Equal(t, "GET", line["method"])
	require.EqualValues(t, 200, line["status"])
	require.Contains(t, line, "duration")
	require.NotContains(t, s.log.String(), memberNumber)
	require.NotContains(t, s.log.String(), memberToken)
}

// deaf is a connection whose client has gone.
type deaf struct{ http.ResponseWriter }

func (deaf) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAClientThatHasGoneIsNoted(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/menu", "/openapi.yaml"} {
		s := newCustomerSurface(t)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		s.handler.ServeHTTP(deaf{httptest.NewRecorder()}, r)
		require.Contains(t, s.lastLogged()["error"], "broken pipe")
	}
}

func TestTheDefaultsAreSound(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	feed := live.NewFeed(live.FeedConfig{})
	customer := CustomerConfig{IDSecret: []byte("x"), Feed: feed}.withDefaults()
	customer.Background(func() { close(done) })
	<-done
	require.NotNil(t, customer.Log)
	require.NotNil(t, customer.TimeZone)
	require.False(t, customer.Now().IsZero())
	require.NotNil(t, customer.ClientAddress)
	store := StoreConfig{Feed: feed}.withDefaults()
	require.NotNil(t, store.Log)
	require.False(t, store.Now().IsZero())
	require.NotNil(t, store.ClientAddress)
}

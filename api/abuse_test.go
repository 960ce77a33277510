package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/abuse"
	"github.com/cafeforme/cafeforme/order"
)

// Each miss would ask Temporal, at the cost of those who place orders.
func TestMadeUpOrderIDsAreLimitedBeforeAnyoneIsAsked(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) {
		c.RateLimit = 3
		c.ClientAddress = func(r *http.Request) string { return r.Header.Get("X-Client") }
	}).run()
	known := s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	for i := range 3 {
		s.get("/orders/"+madeUp(i), "X-Client", "192.0.2.1").refuses(http.StatusNotFound, "not_found", "")
	}
	asked := s.orders.reads()
	for i := range 10 {
		s.get("/orders/"+madeUp(i), "X-Client", "192.0.2.1").refuses(http.StatusTooManyRequests, "rate_limited", "")
		s.get("/orders/"+madeUp(i)+"/events", "X-Client", "192.0.2.1").refuses(http.StatusTooManyRequests, "rate_limited", "")
	}
	require.Equal(t, asked, s.orders.reads(), "Temporal is left alone")
	s.readModel.orders[knownID] = known
	s.get("/orders/"+knownID, "X-Client", "192.0.2.1").wants(http.StatusOK)
	s.get("/orders/"+madeUp(0), "X-Client", "192.0.2.2").refuses(http.StatusNotFound, "not_found", "")
	s.clock.advance(time.Minute)
	s.get("/orders/"+madeUp(0), "X-Client", "192.0.2.1").refuses(http.StatusNotFound, "not_found", "")
}

func TestOrdersThatThereAreCountAsNoMiss(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.RateLimit = 1 })
	s.orders.seed(placementOf(knownID))
	for range 5 {
		s.get("/orders/" + knownID).wants(http.StatusOK)
	}
}

// ended is an order of the client's own that has ended.
func ended(t *testing.T, s *surface) {
	t.Helper()
	s.orders.seed(placementOf(knownID), order.PaymentRefused)
	s.changes.project(life(t, knownID, order.PaymentRefused)[1])
}

// An ID from the future says that the read model is behind: its workflow is asked.
func TestAnOrderOfOnesOwnIsNoWayToFloodTemporal(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(s *surface){
		"a made-up version": func(s *surface) {
			s.get(eventsOfKnown, "Last-Event-ID", "9000000000000000000")
		},
		"a made-up version of the right change": func(s *surface) {
			s.get(eventsOfKnown, "Last-Event-ID", "9000000000000000000-1")
		},
		"an order that the read model does not have": func(s *surface) {
			s.changes.fail(errDown)
			s.get("/orders/" + knownID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t, func(c *CustomerConfig) { c.RateLimit = 3 }).run()
			ended(t, s)
			for range 200 {
				look(s)
			}
			require.LessOrEqual(t, s.orders.reads(), 3*abuse.LookupCost)
		})
	}
}

func TestACustomersPageIsNeverLimited(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.RateLimit = 60 }).run()
	s.orders.seed(placementOf(knownID)) // whose payment is pending: Temporal alone knows it
	for range 120 {                     // looks each second, and its stream comes back as often
		s.get("/orders/" + knownID).wants(http.StatusOK)
		recorder := httptest.NewRecorder()
		s.handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodHead, eventsOfKnown, http.NoBody))
		require.Equal(t, http.StatusOK, recorder.Code)
		s.clock.advance(time.Second)
	}
}

func madeUp(i int) string { return "ord_" + "bbbbbbbbbbbbbbbbbbbbbbbbb" + string(rune('a'+i)) }

func TestABadNeighbourDoesNotLockTheBoardOut(t *testing.T) {
	t.Parallel()
	s := newBrowser(t, func(c *StoreConfig) { c.RateLimit = 3 })
	s.staff.add("mina", minasToken)
	for range 60 {
		s.post("/store/login", `{"token":"guess"}`)
		s.get("/store/orders", authorization, "Bearer guess")
		s.get("/store/orders", "Cookie", sessionCookieName+"=guess")
	}
	s.get("/store/orders", authorization, "Bearer guess").refuses(http.StatusTooManyRequests, "rate_limited", "")
	s.get("/store/orders", authorization, "Bearer "+minasToken).wants(http.StatusOK)
	s.get("/store/orders", "Cookie", s.cookieOf(minasToken)).wants(http.StatusOK)
	s.get("/store/session").refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestWrongTokensThatComeAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	s := newBrowser(t, func(c *StoreConfig) { c.RateLimit = 3 })
	var all sync.WaitGroup
	var heard atomic.Int32
	for i := range 20 {
		all.Go(func() {
			if s.get("/store/orders", authorization, fmt.Sprintf("Bearer guess-%d", i)).status == http.StatusUnauthorized {
				heard.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 3, heard.Load())
}

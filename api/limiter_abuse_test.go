package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/clients"
	"github.com/cafeforme/cafeforme/order"
)

func TestManyNetworksOfOneCustomerCountTogether(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]int{
		"2001:db8:0:%x::/64":   2 * clients.Per56,     // all of one /56, which is one household
		"2001:db8:0:%x00::/64": 2 * clients.Per48,     // one of each /56 of one /48, which is one site
		"2001:db8:%x::/64":     4*2*clients.Per48 + 1, // of many /48: strangers to each other
	} {
		l := newLimiter(2, (&clock{now: noon}).Now)
		admitted := 0
		for i := range 4*2*clients.Per48 + 1 {
			if l.take(fmt.Sprintf(prefix, i%256), "too many") == nil {
				admitted++
			}
			if want > 2*clients.Per48 {
				require.NoError(t, l.take(fmt.Sprintf(prefix, 1000+i), "too many"), prefix)
			}
		}
		if want <= 2*clients.Per48 {
			require.Equal(t, want, admitted, prefix)
		}
	}
}

func TestAWholeNetworkIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	c := &clock{now: noon}
	l := newLimiter(1, c.Now)
	for i := range clients.Per56 {
		require.NoError(t, l.take(fmt.Sprintf("2001:db8:0:%x::/64", i), "too many"))
	}
	c.advance(50 * time.Second)
	var limit limitError
	require.ErrorAs(t, l.take("2001:db8:0:ff::/64", "too many"), &limit)
	require.Equal(t, "10", limit.retryAfter())
	c.advance(10 * time.Second)
	require.NoError(t, l.take("2001:db8:0:ff::/64", "too many"))
}

// Whoever has more addresses than there is room for pushes out its own.
func TestOneNetworkCannotPushOthersOutOfALimiter(t *testing.T) {
	t.Parallel()
	l := newLimiter(1, (&clock{now: noon}).Now)
	require.NoError(t, l.take("203.0.113.1", "too many"))
	require.NoError(t, l.take("2001:db8:1::/64", "too many"))
	for i := range 2 * maxLimited {
		_ = l.take(fmt.Sprintf("2001:dead:%x:%x::/64", i%65536, i/65536), "too many")
	}
	require.LessOrEqual(t, l.size, maxLimited)
	require.NoError(t, l.take("198.51.100.200", "too many"), "who is new gets the place of whoever has the most")
	require.Error(t, l.take("203.0.113.1", "too many"), "others keep their counts")
	require.Error(t, l.take("2001:db8:1::/64", "too many"), "others keep their counts")
	for i := range 100 {
		require.NoError(t, l.take(fmt.Sprintf("198.51.100.%d", i), "too many"), "nobody is refused for what others do")
	}
}

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
			require.LessOrEqual(t, s.orders.reads(), 3*costOfMiss)
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
		s.get("/store/orders", "Cookie", sessionCookie+"=guess")
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

func TestWhoWasLockedOutKeepsNoStreamByGuessing(t *testing.T) {
	t.Parallel()
	s := newSurface(t)
	s.staff.add("mina", minasToken)
	b := &boardEvents{staff: newStaff(s.storeConfig(func(c *StoreConfig) {
		c.RateLimit, c.ClientAddress = 3, func(*http.Request) string { return "192.0.2.1" }
	}))}
	with := func(token string) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/store/events", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}
	require.True(t, b.stillStaff(with(minasToken)))
	for range 3 {
		require.False(t, b.stillStaff(with("guess")))
	}
	require.True(t, b.stillStaff(with(minasToken)))
	s.staff.revoke(minasToken)
	s.clock.advance(askAgainAfter)
	require.False(t, b.stillStaff(with(minasToken)))
	require.False(t, b.stillStaff(with(minasToken)), "also when it is not remembered any more")
}

func TestMenuStreamsCannotTakeThePlacesOfOthers(t *testing.T) {
	t.Parallel()
	l := newStreamLimit(1000, 200)
	for i := range 10_000 {
		_, _ = l.enter(menuStreams, "192.0.2."+strconv.Itoa(i%50))
	}
	require.LessOrEqual(t, l.open(), 500)
	for _, kind := range []streamKind{orderStreams, boardStreams, menuStreams} {
		_, err := l.enter(kind, "203.0.113.9")
		require.NoError(t, err, kind)
	}
}

func TestStreamsOfManyNetworksOfOneCustomerCountTogether(t *testing.T) {
	t.Parallel()
	l := newStreamLimit(10_000, 2)
	for i := range 10_000 {
		_, _ = l.enter(orderStreams, fmt.Sprintf("2001:db8:0:%x::/64", i%256))
	}
	require.Equal(t, 2*clients.Per56, l.open())
	leave, err := l.enter(orderStreams, "2001:db8:1::/64")
	require.NoError(t, err)
	leave()
	require.Equal(t, 2*clients.Per56, l.open())
}

func TestThereAreAsManyStreamsAsMemoryAllows(t *testing.T) {
	t.Parallel()
	require.Equal(t, mostStreams, StreamsIn(1<<62))
	require.Equal(t, mostStreams, StreamsIn(4<<30))
	require.Equal(t, 2047, StreamsIn(256<<20))
	require.Equal(t, 100, StreamsIn(0))
}

func TestAllStreamsTogetherTakeHalfOfTheMemoryAtMost(t *testing.T) {
	t.Parallel()
	for _, memory := range []int64{64 << 20, 100_000_000, 256 << 20, 1 << 30, 1 << 40} {
		all := 0
		for _, places := range placesOf(StreamsIn(memory)) {
			all += places
		}
		require.LessOrEqual(t, int64(all)*streamBytes, memory/2, memory)
	}
}

func TestSomeSitesOfIPv6CannotTakeAllStreams(t *testing.T) {
	t.Parallel()
	l := newStreamLimit(mostStreams, 200)
	for i := range 4 * 65_536 {
		_, _ = l.enter(orderStreams, fmt.Sprintf("2001:db8:%x:%x::/64", i/65_536, i%65_536))
	}
	require.LessOrEqual(t, l.open(), 4*mostStreams/sitePart)
	for i := range 100 {
		_, err := l.enter(orderStreams, fmt.Sprintf("203.0.113.%d", i))
		require.NoError(t, err)
	}
}

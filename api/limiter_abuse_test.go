package api

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestManyNetworksOfOneCustomerCountTogether(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]int{
		"2001:db8:0:%x::/64":   2 * per56,     // all of one /56, which is one household
		"2001:db8:0:%x00::/64": 2 * per48,     // one of each /56 of one /48, which is one site
		"2001:db8:%x::/64":     4*2*per48 + 1, // of many /48: strangers to each other
	} {
		l := newLimiter(2, (&clock{now: noon}).Now)
		admitted := 0
		for i := range 4*2*per48 + 1 {
			if l.take(fmt.Sprintf(prefix, i%256), "too many") == nil {
				admitted++
			}
			if want > 2*per48 {
				require.NoError(t, l.take(fmt.Sprintf(prefix, 1000+i), "too many"), prefix)
			}
		}
		if want <= 2*per48 {
			require.Equal(t, want, admitted, prefix)
		}
	}
}

func TestAWholeNetworkIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	c := &clock{now: noon}
	l := newLimiter(1, c.Now)
	for i := range per56 {
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
	require.Equal(t, 2*per56, l.open())
	leave, err := l.enter(orderStreams, "2001:db8:1::/64")
	require.NoError(t, err)
	leave()
	require.Equal(t, 2*per56, l.open())
}

func TestThereAreAsManyStreamsAsMemoryAllows(t *testing.T) {
	t.Parallel()
	require.Equal(t, mostStreams, StreamsIn(1<<62))
	require.Equal(t, mostStreams, StreamsIn(4<<30))
	require.Equal(t, 3276, StreamsIn(256<<20))
	require.Equal(t, 100, StreamsIn(0))
}

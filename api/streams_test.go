package api

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/order"
)

// A server's time-outs are those of a request, which a stream outlives.
func TestAStreamOutlivesTheServersTimeOuts(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run(func(c *live.FeedConfig) { c.Heartbeat = 10 * time.Millisecond })
	server := httptest.NewUnstartedServer(s.handler)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	began := time.Now()
	c := s.follow(server.URL, "/menu/events")
	for time.Since(began) < 300*time.Millisecond {
		_, open := c.one()
		require.True(t, open)
	}
	s.feed.EndStreams()
	c.ends()
}

func TestStreamsAreLimited(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) {
		c.ClientAddress = func(r *http.Request) string { return r.Header.Get("X-From") }
	}).run(func(c *live.FeedConfig) { c.MaxStreams, c.MaxPerClient = 24, 2 })
	s.stream("/menu/events", "X-From", "a")
	last := s.stream("/menu/events", "X-From", "a")
	s.get("/menu/events", "X-From", "a").refuses(http.StatusTooManyRequests, "rate_limited", "")
	for i := range 10 {
		s.stream("/menu/events", "X-From", strconv.Itoa(i))
	}
	refused := s.get("/menu/events", "X-From", "c")
	refused.refuses(http.StatusServiceUnavailable, "unavailable", "")
	require.NotEmpty(t, refused.header.Get("Retry-After"))
	require.NoError(t, last.response.Body.Close())
	s.eventually(func() bool {
		return s.feed.OpenStreams() == 11
	})
	s.stream("/menu/events", "X-From", "c")
}

func TestOneOrderHasTwentyStreamsHoweverManyAddressesAskForThem(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) {
		c.ClientAddress = func(r *http.Request) string { return r.Header.Get("X-From") }
	}).run()
	s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
	var last *client
	for i := range streamsPerOrder {
		last = s.stream(eventsOfKnown, "X-From", strconv.Itoa(i))
	}
	s.get(eventsOfKnown, "X-From", "another").refuses(http.StatusTooManyRequests, "rate_limited", "")
	require.Equal(t, streamsPerOrder, s.feed.OpenStreams(), "which takes no place")
	require.NoError(t, last.response.Body.Close())
	s.eventually(func() bool { return s.feed.OpenStreams() == streamsPerOrder-1 })
	s.stream(eventsOfKnown, "X-From", "another")
}

func TestStreamsEndWithTheirProcess(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run()
	c := s.stream("/menu/events")
	require.Equal(t, "menu", c.next().name)
	s.feed.EndStreams()
	s.feed.EndStreams()
	c.ends()
	s.get("/menu/events").refuses(http.StatusServiceUnavailable, "unavailable", "")
}

func TestStreamsEndAfterTheirLifetime(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run(func(c *live.FeedConfig) { c.Lifetime = time.Millisecond })
	c := s.open("/menu/events")
	for {
		if _, open := c.one(); !open {
			return
		}
	}
}

func TestNoStreamBeginsBeforeChangesCanBeHeardOf(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.get("/menu/events").refuses(http.StatusServiceUnavailable, "unavailable", "")
}

func TestAHeadOfAStreamHasNoEvents(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run()
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/menu/events", http.NoBody))
	require.Equal(t, http.StatusOK, recorder.Code)
	require.Equal(t, "text/event-stream", recorder.Header().Get("Content-Type"))
	require.Empty(t, recorder.Body.String())
}

// A client that reads nothing fills the buffers between, and is dropped then.
func TestASlowClientIsDroppedAndHoldsUpNobody(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t).run(func(c *live.FeedConfig) { c.WriteTimeout = time.Second })
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	slow := dialSlowly(t, server, "GET /store/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+staffToken+"\r\n\r\n")
	t.Cleanup(func() { require.NoError(t, slow.Close()) })
	s.eventually(func() bool { return s.feed.OpenStreams() == 1 })
	quick := s.stream("/store/events")
	snapshot := life(t, knownID, order.PaymentSucceeded)[1]
	snapshot.Note = strings.Repeat("x", 64<<10)
	dropped := func() bool { return s.feed.OpenStreams() == 1 }
	for deadline := time.Now().Add(patience); !dropped(); {
		require.True(t, time.Now().Before(deadline), "the slow client is still there")
		snapshot.Version++
		s.changes.project(snapshot)
		want := fmt.Sprint(snapshot.Version - 2)
		for e := quick.next(); e.id != want; e = quick.next() {
		}
	}
	s.eventually(func() bool { return strings.Contains(s.log.String(), "write events") })
}

// dialSlowly sends a request and reads nothing of its answer.
func dialSlowly(t *testing.T, server *httptest.Server, request string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4<<10))
	_, err = conn.Write([]byte(request))
	require.NoError(t, err)
	return conn
}

// The server notices that a client has left only once it has read the request to
// its end.
func TestAClientWhoSendsABodyAndLeavesIsNoticed(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run(func(c *live.FeedConfig) { c.Heartbeat = time.Hour })
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	conn := dialSlowly(t, server, "GET /menu/events HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
	s.eventually(func() bool { return s.feed.OpenStreams() == 1 })
	require.NoError(t, conn.Close())
	s.eventually(func() bool { return s.feed.OpenStreams() == 0 })
}

package api

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/order"
)

// patience is how long these tests wait for what has to come.
const patience = 20 * time.Second

// received is a server-sent event as a client got it; comments have no fields.
type received struct{ name, id, data, retry string }

// client reads a stream.
type client struct {
	t        *testing.T
	response *http.Response
	events   chan received
}

const (
	// missable is how many changes a board may miss.
	missable = 200
	// streamsPerOrder is how many streams one order may have.
	streamsPerOrder = 20
)

// run makes the feed work until the test ends, and waits until it does.
func (s *surface) run(options ...func(*live.FeedConfig)) *surface {
	s.t.Helper()
	for _, option := range options {
		option(&s.feed.FeedConfig)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.feed.Run(ctx) })
	s.t.Cleanup(func() { stop(); running.Wait() })
	s.eventually(func() bool { return s.feed.Position() >= 0 })
	return s
}

func (s *surface) eventually(condition func() bool) {
	s.t.Helper()
	require.Eventually(s.t, condition, patience, time.Millisecond)
}

// open opens a stream on a real connection.
func (s *surface) open(path string, headers ...string) *client {
	s.t.Helper()
	server := httptest.NewServer(s.handler)
	s.t.Cleanup(server.Close) // waits for the streams to end
	return s.follow(server.URL, path, headers...)
}

// follow opens a stream of a server.
func (s *surface) follow(url, path string, headers ...string) *client {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+path, http.NoBody)
	require.NoError(s.t, err)
	for name, values := range s.headers {
		r.Header[name] = values
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	c := &client{t: s.t, response: response, events: make(chan received, 100)}
	go c.read()
	s.t.Cleanup(func() {
		cancel()
		_ = response.Body.Close()
	})
	return c
}

// stream opens a stream that has to begin as every one does.
func (s *surface) stream(path string, headers ...string) *client {
	s.t.Helper()
	c := s.open(path, headers...)
	require.Equal(s.t, http.StatusOK, c.response.StatusCode)
	require.Equal(s.t, "text/event-stream", c.response.Header.Get("Content-Type"))
	require.Equal(s.t, "no-store", c.response.Header.Get("Cache-Control"))
	require.Equal(s.t, "no", c.response.Header.Get("X-Accel-Buffering"))
	require.Equal(s.t, received{retry: "1000"}, c.next())
	return c
}

func (c *client) read() {
	defer close(c.events)
	lines := bufio.NewScanner(c.response.Body)
	lines.Buffer(nil, 1<<20)
	var e received
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "retry":
			e.retry = value
		case "":
			c.events <- e
			e = received{}
		}
	}
}

// next returns the next event that is no comment.
func (c *client) next() received {
	c.t.Helper()
	late := time.After(patience) // whatever comments come
	for {
		e, open := c.oneBefore(late)
		require.True(c.t, open, "the stream has ended")
		if e != (received{}) {
			return e
		}
	}
}

func (c *client) one() (e received, open bool) {
	c.t.Helper()
	return c.oneBefore(time.After(patience))
}

func (c *client) oneBefore(late <-chan time.Time) (e received, open bool) {
	c.t.Helper()
	select {
	case e, open := <-c.events:
		return e, open
	case <-late:
		c.t.Fatal("nothing comes")
		return received{}, false
	}
}

// ends checks that the stream ends, and nothing comes before.
func (c *client) ends() {
	c.t.Helper()
	for {
		e, open := c.one()
		if !open {
			return
		}
		require.Equal(c.t, received{}, e)
	}
}

// is checks the next event.
func (c *client) is(name, id string, contains ...string) {
	c.t.Helper()
	e := c.next()
	require.Equal(c.t, name, e.name, "%+v", e)
	require.Equal(c.t, id, e.id, "%+v", e)
	for _, part := range contains {
		require.Contains(c.t, e.data, part)
	}
}

// life is an order after each of the events, as it was projected.
func life(t *testing.T, id string, events ...order.EventName) []order.Snapshot {
	t.Helper()
	o, err := order.New(placementOf(id), noon)
	require.NoError(t, err)
	snapshots := []order.Snapshot{o.Snapshot()}
	for _, name := range events {
		require.NoError(t, o.Apply(order.Event{Name: name}, noon))
		snapshots = append(snapshots, o.Snapshot())
	}
	return snapshots
}

const eventsOfKnown = "/orders/" + knownID + "/events"

func TestAnOrdersEvents(t *testing.T) {
	t.Parallel()

	t.Run("begin with the order and end with it", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp)
		s.changes.project(states[1])
		s.readModel.orders[knownID] = states[1]
		c := s.stream(eventsOfKnown)
		first := c.next()
		require.Equal(t, "order", first.name)
		require.Equal(t, "2-1", first.id)
		require.Equal(t, strings.TrimSpace(string(s.get("/orders/"+knownID).body)), first.data)
		for i, status := range []string{"accepted", "ready", "picked_up"} {
			s.changes.project(states[i+2])
			c.is("order", fmt.Sprintf("%d-%d", i+3, i+2), `"status":"`+status+`"`)
		}
		c.is("end", "", "{}")
		c.ends()
	})

	t.Run("leave out what the client has seen", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.changes.project(states[1])
		c := s.stream(eventsOfKnown, "Last-Event-ID", "2-1")
		s.changes.project(states[2])
		c.is("order", "3-2", `"accepted"`)
	})

	t.Run("send a version again to a client that has seen another of the same number", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.project(life(t, knownID, order.PaymentSucceeded, order.Accept)[2]) // by a worker that died before it was done
		seen := s.stream(eventsOfKnown).next()
		require.Contains(t, seen.data, `"accepted"`)
		s.changes.project(life(t, knownID, order.PaymentSucceeded, order.Cancel, order.RefundMade)[2])
		s.stream(eventsOfKnown, "Last-Event-ID", seen.id).is("order", "3-2", `"cancelled"`)
	})

	t.Run("end with what happened for a client that has seen what did not", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
		seen := s.stream(eventsOfKnown).next()
		s.changes.project(life(t, knownID, order.PaymentRefused)[1])
		for _, last := range []string{seen.id, "2", "9"} { // two of them as browsers had them before
			c := s.stream(eventsOfKnown, "Last-Event-ID", last)
			c.is("order", "2-2", `"payment_failed"`)
			c.is("end", "")
			c.ends()
		}
		s.get(eventsOfKnown, "Last-Event-ID", "2-2").wants(http.StatusNoContent)
	})

	t.Run("send the present to a client that has seen less, or nonsense", func(t *testing.T) {
		t.Parallel()
		for _, seen := range []string{"1", "", "-7", "x", "2", "2-", "2-x", "-", "2-2", "9-9"} {
			s := newCustomerSurface(t).run()
			s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
			s.stream(eventsOfKnown, "Last-Event-ID", seen).is("order", "2-1")
		}
	})

	t.Run("are over for a client that has seen the end", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.project(life(t, knownID, order.PaymentRefused)[1])
		s.get(eventsOfKnown, "Last-Event-ID", "2-1").wants(http.StatusNoContent)
		c := s.stream(eventsOfKnown, "Last-Event-ID", "1")
		c.is("order", "2-1", `"payment_failed"`)
		c.is("end", "")
		c.ends()
	})

	t.Run("go on until the refund is made", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Cancel, order.RefundMade)
		s.changes.project(states[2])
		c := s.stream(eventsOfKnown)
		c.is("order", "3-1", `"refund":{"amount":4000,"currency":"KRW","status":"pending"}`)
		s.changes.project(states[3])
		c.is("order", "4-2", `"status":"refunded"`)
		c.is("end", "")
	})

	t.Run("of no order are not found", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.get(eventsOfKnown).refuses(http.StatusNotFound, "not_found", "")
		s.get("/orders/nonsense/events").refuses(http.StatusNotFound, "not_found", "")
		require.Zero(t, s.feed.OpenStreams())
	})

	t.Run("come for an order that only its workflow knows", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
		c := s.stream(eventsOfKnown)
		c.is("order", "2-0", `"paid"`)
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.changes.project(states[0]) // the read model is behind
		s.changes.project(states[1])
		s.changes.project(states[2])
		c.is("order", "3-3", `"accepted"`)
	})

	t.Run("outlive the database", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run(func(c *live.FeedConfig) { c.Heartbeat = time.Millisecond })
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
		s.changes.fail(errDown)
		s.changes.tell(order.Change{}, errDown)
		c := s.stream(eventsOfKnown)
		c.is("order", "2-0", `"paid"`)
		s.changes.tell(order.Change{}, nil)
		comment, open := c.one()
		require.True(t, open)
		require.Equal(t, received{}, comment)
		s.changes.quietly(states[2])
		s.changes.fail(nil)
		c.is("order", "3-1", `"accepted"`)
	})

	t.Run("are unavailable when nobody can tell whether there is the order", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.fail(errDown)
		s.get(eventsOfKnown).refuses(http.StatusServiceUnavailable, "unavailable", "")
	})

	t.Run("take back what never happened", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		accepted := life(t, knownID, order.PaymentSucceeded, order.Accept)[2]
		cancelled := life(t, knownID, order.PaymentSucceeded, order.Cancel)[2]
		paid := life(t, knownID, order.PaymentSucceeded)[1]
		s.changes.project(accepted)
		c := s.stream(eventsOfKnown)
		c.is("order", "3-1", `"accepted"`)
		s.changes.project(paid)
		c.is("order", "2-2", `"paid"`)
		s.changes.project(cancelled)
		c.is("order", "3-3", `"cancelled"`)
	})

	t.Run("ask the workflow when the client is ahead of the read model", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
		s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
		s.stream(eventsOfKnown, "Last-Event-ID", "3").is("order", "2-1", `"paid"`)

		behind := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Accept, order.MarkReady)
		behind.changes.project(states[1])
		behind.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Accept)
		c := behind.stream(eventsOfKnown, "Last-Event-ID", "3")
		behind.changes.project(states[2])
		behind.changes.project(states[3])
		e := c.next()
		for strings.HasPrefix(e.id, "3-") { // seen before, and no harm
			e = c.next()
		}
		require.Equal(t, "4-3", e.id)
	})

	t.Run("send what is the same only once", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.changes.project(states[1])
		c := s.stream(eventsOfKnown)
		c.is("order", "2-1")
		s.changes.project(states[1])
		s.changes.project(states[1])
		s.changes.project(states[2])
		c.is("order", "3-4")
	})
}

func TestTheMenusEvents(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run()
	english, korean := s.stream("/menu/events?lang=en"), s.stream("/menu/events")
	first := english.next()
	require.Equal(t, "menu", first.name)
	require.Equal(t, strings.TrimSpace(string(s.get("/menu?lang=en").body)), first.data)
	require.Equal(t, "en", english.response.Header.Get("Content-Language"))
	require.Contains(t, korean.next().data, "아이스 아메리카노")

	s.changes.tell(order.Change{Menu: true}, nil) // nothing looks different
	s.menu.change(func(m *order.Menu) { m.Open = false })
	s.changes.tell(order.Change{Menu: true}, nil)
	closed := english.next()
	require.Contains(t, closed.data, `"open":false`)
	require.NotEqual(t, first.id, closed.id)
	require.Contains(t, korean.next().data, `"open":false`)

	again := s.stream("/menu/events?lang=en", "Last-Event-ID", closed.id)
	s.menu.change(func(m *order.Menu) { m.Open = true })
	s.changes.tell(order.Change{Menu: true}, nil)
	require.Equal(t, first.id, again.next().id)
	s.get("/menu/events?lang=fr").refuses(http.StatusUnprocessableEntity, "invalid_language", "language")
}

func TestTheMenuComesWhenItCanBeRead(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.menu.fail(errDown)
	s.run()
	c := s.stream("/menu/events")
	s.menu.fail(nil)
	require.Equal(t, "menu", c.next().name)
}

func TestTheBoardsEvents(t *testing.T) {
	t.Parallel()
	const other = "ord_bbcdefghijklmnopqrstuvwxyz"

	t.Run("tell of every order the store has to know of", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run()
		c := s.stream("/store/events?lang=en")
		require.Equal(t, received{id: "0"}, c.next())
		c.is("menu", "", "Ice Americano")
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.changes.project(states[0])
		s.changes.project(states[1])
		c.is("order", "2", `"status":"paid"`)
		s.changes.project(states[2])
		c.is("order", "3", `"status":"accepted"`)
		s.menu.change(func(m *order.Menu) { m.Open = false })
		s.changes.tell(order.Change{Menu: true}, nil)
		c.is("menu", "", `"open":false`)
	})

	t.Run("go on where the client was", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run()
		mine, others := life(t, knownID, order.PaymentSucceeded, order.Accept), life(t, other, order.PaymentSucceeded)
		s.changes.project(mine[1])
		s.changes.project(others[0])
		s.changes.project(others[1])
		s.changes.project(mine[2])
		c := s.stream("/store/events", "Last-Event-ID", "1")
		c.is("order", "3", other, `"paid"`)
		c.is("order", "4", knownID, `"accepted"`)
		require.Equal(t, received{id: "4"}, c.next())
		c.is("menu", "")
	})

	t.Run("are reset for a cursor that is not ours, or too old", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run()
		for i := range missable {
			s.changes.quietly(life(t, formatOrderID([]byte(fmt.Sprintf("%016d", i))), order.PaymentSucceeded)[1])
		}
		s.changes.tell(order.Change{}, nil)
		s.eventually(func() bool { return s.feed.Position() == missable })
		for _, cursor := range []string{"0", "-1", "x", "999"} {
			s.stream("/store/events", "Last-Event-ID", cursor).is("reset", fmt.Sprint(missable), "{}")
		}
		s.changes.fail(errDown)
		s.stream("/store/events", "Last-Event-ID", "199").is("reset", fmt.Sprint(missable))
	})

	t.Run("end for somebody who is of the staff no more", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run(func(c *live.FeedConfig) { c.Recheck = time.Millisecond })
		s.staff.add("mina", "a-token-of-minas")
		c := s.stream("/store/events", "Authorization", "Bearer a-token-of-minas")
		c.next()
		c.is("menu", "")
		s.staff.fail(errDown)
		s.clock.advance(time.Minute)
		s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
		c.is("order", "1") // a database that is away locks nobody out
		s.staff.fail(nil)
		s.staff.revoke("a-token-of-minas")
		s.clock.advance(time.Minute)
		c.ends()
	})

	t.Run("are the staff's", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run()
		s.headers = http.Header{}
		s.get("/store/events").refuses(http.StatusUnauthorized, "unauthorized", "")
	})
}

func TestAChangeIsReadOnceHoweverManyWatchIt(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run()
	states := life(t, knownID, order.PaymentSucceeded, order.Accept)
	s.changes.project(states[1])
	var clients []*client
	for range 20 {
		c := s.stream(eventsOfKnown)
		c.is("order", "2-1")
		clients = append(clients, c)
	}
	before := s.changes.readings()
	s.changes.project(states[2])
	for _, c := range clients {
		c.is("order", "3-2")
	}
	require.Equal(t, before+1, s.changes.readings())
}

func TestAChangeThatNobodyWatchesIsNotRead(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run()
	before := s.changes.readings()
	s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
	s.eventually(func() bool { return s.feed.Position() == 1 })
	require.Equal(t, before, s.changes.readings())
}

func TestMissedChangesAreReadTogether(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t).run()
	c := s.stream("/store/events")
	c.next()
	c.is("menu", "")
	s.changes.tell(order.Change{}, errDown)
	const missed = missable + 50
	for i := range missed {
		s.changes.quietly(life(t, formatOrderID([]byte(fmt.Sprintf("%016d", i))), order.PaymentSucceeded)[1])
	}
	before := s.changes.readings()
	s.changes.tell(order.Change{}, nil)
	for i := range missed {
		c.is("order", fmt.Sprint(i+1))
	}
	require.Equal(t, before+2, s.changes.readings())
	require.Contains(t, s.log.String(), "hear of changes again")
}

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

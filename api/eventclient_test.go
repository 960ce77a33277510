package api

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/order"
)

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

const eventsOfKnown = "/orders/" + knownID + "/events"

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
	s.eventually(s.feed.Ready)
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

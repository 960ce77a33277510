package measure

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// perAddress is how many streams are opened from one address: fewer than the
	// 200 that the API lets it have.
	perAddress = 150
	// watchedOrders is how many orders the streams are spread over, and more where each had
	// more than perOrder.
	watchedOrders = 100
	// perOrder is how many streams the API lets one order have.
	perOrder = 20
	// commandRate is how many of them are accepted per second.
	commandRate = 10.0
	// eventPatience is how long an event may take before it counts as missed.
	eventPatience = 10 * time.Second
)

// streams measures what event streams cost, and how soon events come.
func (s *session) streams(ctx context.Context) error {
	n := s.Streams
	if !s.onThisMachine() && n > perAddress {
		s.omit(fmt.Sprintf("%d streams", n), fmt.Sprintf("the API lets one address have 200; there were %d", perAddress))
		n = perAddress
	}
	if n == 0 {
		s.omit(partStreams, "none were asked for")
		return nil
	}
	ids, err := s.fetch(ctx, min(max(watchedOrders, (n+perOrder-1)/perOrder), n))
	if err != nil {
		return err
	}
	s.open = len(s.waiting)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := &streamReaders{session: s, ids: ids, sent: make([]time.Time, len(ids))}
	result, err := a.measure(ctx, n)
	if err != nil {
		return err
	}
	s.report.Streams = &result
	s.tell("    %s, an event after %.0f ms (p50), %.0f ms (p99)", result.cost(), result.Delay.P50, result.Delay.P99)
	if err := s.report.save(s.Options); err != nil {
		return err
	}
	return s.end(ctx, ids)
}

// onThisMachine reports whether the API can be reached from several addresses.
func (s *session) onThisMachine() bool {
	u, err := url.Parse(s.cafe.customer)
	return err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// streamReaders has streams open on orders.
type streamReaders struct {
	*session
	ids []string

	mu     sync.Mutex
	sent   []time.Time
	delays []time.Duration
	// told counts the streams that were told; done is closed when all were.
	told, all int
	done      chan struct{}
}

func (a *streamReaders) measure(ctx context.Context, n int) (Streams, error) {
	r := Streams{Open: n}
	if err := a.settle(ctx, a.waiting); err != nil {
		return r, err
	}
	before, idle, err := a.quiet(ctx, a.Quiet)
	if err != nil {
		return r, err
	}
	a.tell("opening %d event streams on %d orders", n, len(a.ids))
	a.all, a.done = n, make(chan struct{})
	begin := time.Now()
	if err := a.open(ctx, n); err != nil {
		return r, err
	}
	r.Opening = time.Since(begin).Seconds()
	after, busy, err := a.quiet(ctx, a.Quiet)
	if err != nil {
		return r, err
	}
	r.Memory, r.CPU = (after-before)/1024/float64(n), busy-idle
	if err := a.command(ctx); err != nil {
		return r, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r.Delay, r.Missed = latencyOf(a.delays), n-a.told
	return r, nil
}

// quiet returns the memory of the api and its processor time per second while
// nothing happens; zeros when it is not accounted for.
func (a *streamReaders) quiet(ctx context.Context, long time.Duration) (memory, busy float64, err error) {
	from, err := a.take()
	if err != nil {
		return 0, 0, err
	}
	if err := pause(ctx, long); err != nil {
		return 0, 0, err
	}
	to, err := a.take()
	if err != nil {
		return 0, 0, err
	}
	by, _ := to.used.since(from.used)
	memory, err = a.Processes().resident("api")
	return memory, milliseconds(by["api"]) / to.at.Sub(from.at).Seconds(), err
}

// open opens n streams and waits for the first event of each.
func (a *streamReaders) open(ctx context.Context, n int) error {
	clients := make([]*http.Client, 1+n/perAddress)
	for i := range clients {
		dialer := &net.Dialer{}
		if a.onThisMachine() {
			dialer.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i))}
		}
		clients[i] = &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	}
	return repeat(ctx, seedClients, n, func(_ context.Context, i int) error {
		return a.follow(ctx, clients[i/perAddress], i%len(a.ids))
	})
}

// follow opens a stream on one of the orders, and reads on after its first event
// until ctx ends.
func (a *streamReaders) follow(ctx context.Context, client *http.Client, which int) error {
	address := a.cafe.customer + "/orders/" + a.ids[which] + "/events"
	request, err := a.cafe.request(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = response.Body.Close() })
	events := bufio.NewScanner(response.Body)
	if response.StatusCode != http.StatusOK || !nextEvent(events, "") {
		return fmt.Errorf("%s: %s, and no event", address, response.Status)
	}
	go func() {
		if nextEvent(events, `"status":"accepted"`) {
			a.hear(which, time.Now())
		}
	}()
	return nil
}

// nextEvent reads on to the next event whose data has the text.
func nextEvent(events *bufio.Scanner, text string) bool {
	for events.Scan() {
		if data, isData := strings.CutPrefix(events.Text(), "data:"); isData && strings.Contains(data, text) {
			return true
		}
	}
	return false
}

func (a *streamReaders) hear(which int, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.delays = append(a.delays, at.Sub(a.sent[which]))
	a.told++
	if a.told == a.all {
		close(a.done)
	}
}

// command accepts the orders one after the other, and waits for the events.
func (a *streamReaders) command(ctx context.Context) error {
	begin := time.Now()
	for i, id := range a.ids {
		if err := waitUntil(ctx, dueAt(begin, int64(i), commandRate)); err != nil {
			return err
		}
		a.mu.Lock()
		a.sent[i] = time.Now()
		a.mu.Unlock()
		if err := a.cafe.act(ctx, id, "accept"); err != nil {
			return err
		}
	}
	late := time.NewTimer(eventPatience)
	defer late.Stop()
	select {
	case <-a.done:
	case <-late.C: // the missed ones are counted
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

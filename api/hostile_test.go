package api

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// How long the HTTP fuzzer goes on, and what its chance begins with: a failure
// says its seed.
var (
	hostileFor  = flag.Duration("hostile", 0, "how long each surface is sent hostile requests (default: some hundred)")
	hostileSeed = flag.Uint64("hostile-seed", 1, "where the hostile requests' chance begins")
)

const (
	// hostileRequests is how many there are when no time is given.
	hostileRequests = 1200
	// hangsAfter is far longer than any answer from fakes takes.
	hangsAfter = 20 * time.Second
)

// Whatever anybody sends, to any operation of openapi.yaml: there is an answer, it
// is no 5xx, a refusal is problem+json as the specification has it, and refused
// requests start no order.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*surface{"customer": newCustomerSurface(t), "store": newStoreSurface(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.t = t
			s.stock()
			server := httptest.NewServer(s.handler)
			t.Cleanup(server.Close)
			f := newHostile(*hostileSeed, name)
			var sent []byte
			served, n := 0, 0
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("request %d of seed %d:\n%.2000q", n, *hostileSeed, sent)
				}
			})
			for until := time.Now().Add(*hostileFor); n < hostileRequests || time.Now().Before(until); n++ {
				sent = f.request(s.headers)
				if s.bombard(server.Listener.Addr().String(), sent) < http.StatusBadRequest {
					served++
				}
			}
			require.Greater(t, served, hostileRequests/50, "hardly any request was good enough to be served: the fuzzer does not reach far")
		})
	}
}

// stock gives the surface an order to read, to follow and to act on.
func (s *surface) stock() {
	paid := s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	s.readModel.orders[knownID] = paid
	s.run().changes.project(paid)
}

// bombard sends raw bytes over a connection of their own, checks the answer, and
// returns its status.
func (s *surface) bombard(address string, sent []byte) int {
	s.t.Helper()
	placed := s.orders.count()
	method, _, _ := strings.Cut(string(sent), " ")
	a, err := exchange(address, method, sent)
	parsed, isHTTP := parse1(sent)
	if errors.Is(err, syscall.ECONNRESET) && !isHTTP {
		return http.StatusBadRequest // Go hung up before it had heard all, so its answer is lost
	}
	require.NoError(s.t, err, "no answer")
	a.t = s.t
	require.True(s.t, a.status < http.StatusInternalServerError || a.ofGo(), "%d %s", a.status, a.body)
	if a.status >= http.StatusBadRequest {
		require.Equal(s.t, placed, s.orders.count(), "a refused request started an order: %d %s", a.status, a.body)
	}
	doc, _ := contract()
	switch {
	case a.ofGo():
		// Go's own server refused it, before there was a request.
	case !isHTTP:
		require.GreaterOrEqual(s.t, a.status, http.StatusBadRequest, "what is no request was served")
	case method == http.MethodHead || strings.HasPrefix(a.header.Get("Content-Type"), "text/event-stream"):
		// There is no body, or no end of it.
	case a.status == http.StatusNotFound:
		a.checkProblem(doc) // the specification has no answer for paths that are none of its own
	case a.status >= 300 && a.status < 400:
		require.True(s.t, strings.HasPrefix(a.header.Get("Location"), "/"), "redirected elsewhere: %q", a.header.Get("Location"))
	default:
		a.checkContract(parsed)
	}
	return a.status
}

// parse1 returns the request that the bytes are, if they are one of HTTP/1 whose
// headers Go's server takes.
func parse1(sent []byte) (*http.Request, bool) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
	if err != nil || r.ProtoMajor != 1 {
		return nil, false
	}
	for name, values := range r.Header {
		if name == "" || strings.Contains(name, " ") || strings.ContainsAny(strings.Join(values, ""), "\x00\x01") {
			return nil, false
		}
	}
	return r, true
}

// count returns how many orders were placed.
func (f *fakeOrders) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.placed)
}

// ofGo reports whether net/http answered by itself: a request line, a header or a
// framing that is not HTTP (RFC 9112).
func (a *answer) ofGo() bool {
	own := []int{http.StatusBadRequest, http.StatusRequestHeaderFieldsTooLarge, http.StatusNotImplemented, http.StatusHTTPVersionNotSupported}
	return slices.Contains(own, a.status) && a.header.Get("Connection") == "close" &&
		strings.HasPrefix(a.header.Get("Content-Type"), "text/plain")
}

// exchange sends a message and reads the answer to it.
func exchange(address, method string, message []byte) (*answer, error) {
	conn, err := net.DialTimeout("tcp", address, hangsAfter)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(hangsAfter)); err != nil {
		return nil, err
	}
	// A server that has heard enough need not read on: its answer tells.
	go func() { _, _ = conn.Write(message) }()
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	a := &answer{status: response.StatusCode, header: response.Header}
	if response.Close {
		a.header.Set("Connection", "close")
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/event-stream") {
		return a, conn.Close() // closing the body would wait for its end
	}
	if a.body, err = io.ReadAll(response.Body); err != nil {
		return nil, fmt.Errorf("read the answer's body: %w", err)
	}
	return a, nil
}

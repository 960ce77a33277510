package e2e_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/e2e/fleet"
)

// checkEvery is how often the balancer asks who is ready: several times in the
// second for which a stopping process still serves.
const checkEvery = 100 * time.Millisecond

// balancer is a tiny load balancer: it sends each request to the next instance
// that has said it is ready, and repeats none.
type balancer struct {
	*httptest.Server
	t *testing.T

	mu        sync.Mutex
	instances []*instance
	next      int

	// repeated counts requests that needed a second connection.
	repeated atomic.Int64
}

// instance is one process behind the balancer.
type instance struct {
	url   *url.URL
	ready bool
}

func newBalancer(t *testing.T) *balancer {
	t.Helper()
	b := &balancer{t: t}
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(b.pick()) },
		Transport: b.counted(transport),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	b.Server = httptest.NewServer(proxy)
	t.Cleanup(b.Close)
	t.Cleanup(transport.CloseIdleConnections)
	return b
}

// roundTripper is a function as an [http.RoundTripper].
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// counted notes when the transport silently repeats a request.
func (b *balancer) counted(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		connections := 0
		trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
			connections++
			if connections > 1 {
				b.repeated.Add(1)
			}
		}}
		return next.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	})
}

// pick returns the next instance that is ready, or where nobody listens.
func (b *balancer) pick() *url.URL {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.instances {
		b.next++
		if i := b.instances[b.next%len(b.instances)]; i.ready {
			return i.url
		}
	}
	return &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
}

// add puts a process behind the balancer, once it is ready.
func (b *balancer) add(p *process) {
	b.t.Helper()
	address := p.address()
	awaitReady(b.t, address)
	target, err := url.Parse(address)
	require.NoError(b.t, err)
	i := &instance{url: target, ready: true}
	b.mu.Lock()
	b.instances = append(b.instances, i)
	b.mu.Unlock()
	go b.watch(i, p)
}

// watch asks the instance whether it is ready, until its process has ended.
func (b *balancer) watch(i *instance, p *process) {
	ticker := time.NewTicker(checkEvery)
	defer ticker.Stop()
	for {
		select {
		case <-p.Done():
			b.remove(i)
			return
		case <-ticker.C:
			ready := fleet.Ready(context.Background(), i.url.String())
			b.mu.Lock()
			i.ready = ready
			b.mu.Unlock()
		}
	}
}

func (b *balancer) remove(i *instance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.instances = slices.DeleteFunc(b.instances, func(other *instance) bool { return other == i })
}

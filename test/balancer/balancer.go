// Package balancer is a small load balancer: it sends each request to the next
// process that says it is ready, as docs/deployment.md asks of one, and repeats
// none.
package balancer

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cafeforme/cafeforme/test/fleet"
)

// checkEvery is how often the balancer asks who is ready: several times in the
// second for which a stopping process still serves.
const checkEvery = 100 * time.Millisecond

// checkTimeout is how long a process may take to say that it is ready.
const checkTimeout = 2 * time.Second

// Balancer passes requests on.
type Balancer struct {
	proxy     *httputil.ReverseProxy
	transport *http.Transport

	mu        sync.Mutex
	instances []*instance
	next      int

	repeated atomic.Int64
}

// instance is one process behind the balancer.
type instance struct {
	address func() string
	// target is nil while the instance is not ready.
	target *url.URL
}

// New returns a balancer with nobody behind it.
func New() *Balancer {
	b := &Balancer{transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	b.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(b.pick())
			// Browsers' requests are checked by Origin against Host.
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		Transport: b.counted(b.transport),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	return b
}

// ServeHTTP passes a request on to whoever is next.
func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.proxy.ServeHTTP(w, r) }

// CloseIdleConnections closes connections that nothing waits for.
func (b *Balancer) CloseIdleConnections() { b.transport.CloseIdleConnections() }

// Repeated counts the requests that needed a second connection.
func (b *Balancer) Repeated() int64 { return b.repeated.Load() }

// Watch puts a process behind the balancer, whenever it is ready at its address,
// until gone is closed.
func (b *Balancer) Watch(address func() string, gone <-chan struct{}) {
	i := &instance{address: address}
	b.look(i)
	b.mu.Lock()
	b.instances = append(b.instances, i)
	b.mu.Unlock()
	go b.watch(i, gone)
}

func (b *Balancer) watch(i *instance, gone <-chan struct{}) {
	ticker := time.NewTicker(checkEvery)
	defer ticker.Stop()
	for {
		select {
		case <-gone:
			b.remove(i)
			return
		case <-ticker.C:
			b.look(i)
		}
	}
}

// look asks the instance whether it is ready.
func (b *Balancer) look(i *instance) {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	var target *url.URL
	if address := i.address(); address != "" && fleet.Ready(ctx, address) {
		// An address that answers is one that can be parsed.
		target, _ = url.Parse(address)
	}
	b.mu.Lock()
	i.target = target
	b.mu.Unlock()
}

func (b *Balancer) remove(i *instance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.instances = slices.DeleteFunc(b.instances, func(other *instance) bool { return other == i })
}

// pick returns the next instance that is ready, or where nobody listens.
func (b *Balancer) pick() *url.URL {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.instances {
		b.next++
		if i := b.instances[b.next%len(b.instances)]; i.target != nil {
			return i.target
		}
	}
	return &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
}

// roundTripper is a function as an [http.RoundTripper].
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// counted notes when the transport silently repeats a request.
func (b *Balancer) counted(next http.RoundTripper) http.RoundTripper {
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

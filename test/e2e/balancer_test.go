package e2e_test

import (
	"net/http/httptest"
	"testing"

	"github.com/cafeforme/cafeforme/test/balancer"
)

// testBalancer is a load balancer of one test's own.
type testBalancer struct {
	*balancer.Balancer
	t   *testing.T
	URL string
}

func newBalancer(t *testing.T) *testBalancer {
	t.Helper()
	b := balancer.New()
	server := httptest.NewServer(b)
	t.Cleanup(b.CloseIdleConnections)
	t.Cleanup(server.Close)
	return &testBalancer{Balancer: b, t: t, URL: server.URL}
}

// add puts a process behind the balancer, once it is ready.
func (b *testBalancer) add(p *process) {
	b.t.Helper()
	address := p.address()
	awaitReady(b.t, address)
	b.Watch(func() string { return address }, p.Done())
}

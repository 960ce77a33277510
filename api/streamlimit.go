package api

import (
	"sync"

	"github.com/cafeforme/cafeforme/order"
)

// streamLimit counts the open streams.
type streamLimit struct {
	most, mostPerClient int

	mu        sync.Mutex
	total     int
	perClient map[string]int
}

func newStreamLimit(most, mostPerClient int) *streamLimit {
	return &streamLimit{most: most, mostPerClient: mostPerClient, perClient: map[string]int{}}
}

// enter counts a stream to the client, until leave is called.
func (l *streamLimit) enter(client string) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.perClient[client] >= l.mostPerClient:
		return nil, newError(order.CodeRateLimited, "too many event streams to your address; close some")
	case l.total >= l.most:
		return nil, newError(order.CodeUnavailable, "there are too many event streams")
	}
	l.total++
	l.perClient[client]++
	return func() { l.leave(client) }, nil
}

func (l *streamLimit) leave(client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	l.perClient[client]--
	if l.perClient[client] == 0 {
		delete(l.perClient, client)
	}
}

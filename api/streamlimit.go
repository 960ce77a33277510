package api

import (
	"sync"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// mostStreams is how many streams of orders one process has at most.
	mostStreams = 10_000
	// fewestStreams is how many it has however little memory there is.
	fewestStreams = 100
	// streamBytes is what a stream takes, as docs/performance.md measures it.
	streamBytes = 40 << 10
	// fairPart of what is free of a kind is what one client may have of it.
	fairPart = 4
)

// StreamsIn returns how many streams of orders a process with so many bytes of
// memory should have: those of half of it, so that others find room too.
func StreamsIn(memory int64) int {
	return int(min(max(memory/2/streamBytes, fewestStreams), mostStreams))
}

// streamKind is what a stream shows. Each kind has places of its own.
type streamKind int

const (
	orderStreams streamKind = iota
	boardStreams
	menuStreams
)

// placesOf returns how many streams of each kind there may be beside so many of
// orders.
func placesOf(orders int) map[streamKind]int {
	return map[streamKind]int{orderStreams: orders, boardStreams: max(1, orders/10), menuStreams: max(1, orders/2)}
}

// streamLimit counts the open streams. The fewer places are left, the fewer a
// client may take, so that some addresses cannot take them all.
type streamLimit struct {
	places        map[streamKind]int
	mostPerClient int

	mu    sync.Mutex
	taken map[streamKind]map[string]int
	total map[streamKind]int
}

// newStreamLimit returns the limit for so many streams of orders, and for each
// client so many of each kind.
func newStreamLimit(most, mostPerClient int) *streamLimit {
	l := &streamLimit{
		places: placesOf(most), mostPerClient: mostPerClient,
		taken: map[streamKind]map[string]int{}, total: map[streamKind]int{},
	}
	for kind := range l.places {
		l.taken[kind] = map[string]int{}
	}
	return l
}

// enter counts a stream to the client, until leave is called.
func (l *streamLimit) enter(kind streamKind, client string) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	free := l.places[kind] - l.total[kind]
	if free <= 0 {
		return nil, newError(order.CodeUnavailable, "there are too many event streams")
	}
	scopes, fair := scopesOf(client), min(l.mostPerClient, max(1, free/fairPart))
	for _, s := range scopes {
		if l.taken[kind][s.key] >= fair*s.share {
			return nil, newError(order.CodeRateLimited, "too many event streams to your address; close some")
		}
	}
	for _, s := range scopes {
		l.taken[kind][s.key]++
	}
	l.total[kind]++
	return func() { l.leave(kind, scopes) }, nil
}

func (l *streamLimit) leave(kind streamKind, scopes []scope) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total[kind]--
	for _, s := range scopes {
		l.taken[kind][s.key]--
		if l.taken[kind][s.key] == 0 {
			delete(l.taken[kind], s.key)
		}
	}
}

// open returns how many streams there are.
func (l *streamLimit) open() (streams int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.total {
		streams += n
	}
	return streams
}

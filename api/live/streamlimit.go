package live

import (
	"sync"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/clients"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// mostStreams is how many streams of orders one process has at most.
	mostStreams = 10_000
	// fewestStreams is how many it has however little memory there is.
	fewestStreams = 100
	// mostPerOrder is how many of them may be of one order: those of a family's devices.
	mostPerOrder = 20
	// streamBytes is what a stream takes, as docs/performance.md measures it.
	streamBytes = 40 << 10
	// For ten streams of orders there may be five of the menu and one of a board.
	orderPlaces, menuPlaces, boardPlaces = 10, 5, 1
	// fairPart of what is free of a kind is what one client may have of it.
	fairPart = 4
	// sitePart of a kind's places is what a network wider than a client's may have of it.
	sitePart = 20
)

// StreamsIn returns how many streams of orders a process with so many bytes of
// memory should have: those of all kinds together take half of it at most, so that
// others find room too, unless that is too little for [fewestStreams].
func StreamsIn(memory int64) int {
	all := memory / 2 / streamBytes
	return int(min(max(all*orderPlaces/(orderPlaces+menuPlaces+boardPlaces), fewestStreams), mostStreams))
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
	return map[streamKind]int{orderStreams: orders, boardStreams: max(1, orders*boardPlaces/orderPlaces), menuStreams: max(1, orders*menuPlaces/orderPlaces)}
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
	if l.total[kind] >= l.places[kind] {
		return nil, transport.NewError(order.CodeUnavailable, "too many event streams")
	}
	scopes := clients.ScopesOf(client)
	for _, s := range scopes {
		if l.taken[kind][s.Key] >= l.share(kind, s.Share) {
			return nil, transport.NewError(order.CodeRateLimited, "too many event streams to your address; close some")
		}
	}
	for _, s := range scopes {
		l.taken[kind][s.Key]++
	}
	l.total[kind]++
	return func() { l.leave(kind, scopes) }, nil
}

// share returns how many streams whoever counts as so many clients may have now.
func (l *streamLimit) share(kind streamKind, of int) int {
	fair := min(l.mostPerClient, max(1, (l.places[kind]-l.total[kind])/fairPart))
	if of == 1 {
		return fair
	}
	return min(fair*of, max(fair, l.places[kind]/sitePart))
}

func (l *streamLimit) leave(kind streamKind, scopes []clients.Scope) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total[kind]--
	for _, s := range scopes {
		l.taken[kind][s.Key]--
		if l.taken[kind][s.Key] == 0 {
			delete(l.taken[kind], s.Key)
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

package live

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// maxPending is how many events a stream may be behind. A board that has missed
// more than that is loaded anew.
const maxPending = 256

// sseEvent is one server-sent event, encoded once for all streams that send it.
type sseEvent struct {
	name string
	// id is what a client hands back as Last-Event-ID; empty keeps its last one.
	id   string
	data []byte
	// key is what the event is about: of two that wait, the later is sent.
	key string
	// number and version are those of the order's revision; zero for the menu.
	number, version int64
	// last: nothing comes after it.
	last bool
}

// subscription is what waits to be sent on one stream. Whoever puts an event in
// never waits for the stream.
type subscription struct {
	// ready has an element while something waits.
	ready chan struct{}

	mu      sync.Mutex
	pending map[string]sseEvent
	// lost is the number of the last event that was dropped, if any was.
	lost int64
}

func newSubscription() *subscription {
	return &subscription{ready: make(chan struct{}, 1), pending: map[string]sseEvent{}}
}

// put adds an event in place of an earlier one about the same.
func (s *subscription) put(e sseEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if waiting, ok := s.pending[e.key]; ok && waiting.number > e.number {
		return
	}
	s.pending[e.key] = e
	if len(s.pending) > maxPending {
		s.drop()
	}
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// drop forgets the orders that wait; the menu is always one event.
func (s *subscription) drop() {
	for key, e := range s.pending {
		if e.number > 0 {
			s.lost = max(s.lost, e.number)
			delete(s.pending, key)
		}
	}
}

// take returns what waits, in the order in which it happened, and the number of
// the last event that was dropped before it: zero for none.
func (s *subscription) take() (events []sseEvent, lost int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	events = slices.SortedFunc(maps.Values(s.pending), func(a, b sseEvent) int { return cmp.Compare(a.number, b.number) })
	lost, s.lost = s.lost, 0
	clear(s.pending)
	return events, lost
}

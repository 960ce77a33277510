package live

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/readmodel"
)

// OrderEvents is the customers' resource /orders/{id}/events.
type OrderEvents struct {
	Feed   *Feed
	Finder readmodel.Finder
	Client func(*http.Request) string
}

// Register adds the resource\'s routes.
func (o *OrderEvents) Register(router *mux.Router) {
	getStream(router, "/orders/{id}/events", o.serve)
}

// serve is GET /orders/{id}/events.
func (o *OrderEvents) serve(w http.ResponseWriter, r *http.Request) error {
	id, err := transport.PathOrderID(r)
	if err != nil {
		return err
	}
	leave, err := o.Feed.enter(orderStreams, o.Client(r))
	if err != nil {
		return err
	}
	defer leave()
	sub := newSubscription()
	forget, err := o.Feed.watchOrder(id, sub) // before the order is read, so that no change falls in between
	if err != nil {
		return err
	}
	defer forget()
	watch, store, err := o.look(r, id)
	if err != nil {
		return err
	}
	o.Feed.placeOrder(id, store)
	if watch.now.last && !watch.news {
		w.WriteHeader(http.StatusNoContent) // by which browsers know not to come back
		return nil
	}
	s, err := o.Feed.begin(w, r)
	if err != nil || s == nil {
		return err
	}
	s.run(sub, func() (bool, error) { return watch.begin(s) }, func(events []sseEvent, _ int64) (bool, error) {
		return watch.send(s, events)
	})
	return nil
}

// orderWatch is what a customer's stream knows of its order.
type orderWatch struct {
	// now is the order as it was when the stream began, or was sent last.
	now sseEvent
	// news: the client has not seen that.
	news bool
	// floor is the version that the order's workflow had: the read model may still
	// be behind it.
	floor int64
}

// lastSeen is what a client says that it has seen of an order: an event's ID. A version
// alone does not tell: what was written in a workflow task that is lost has a version
// that is given once more. The number of the change is never given again.
type lastSeen struct{ version, number int64 }

// noNumber is the number of an ID that has none, as IDs were before.
const noNumber = -1

// lastSeenOf reads the ID of the last event that the client has got. What is not one of
// ours has seen nothing.
func lastSeenOf(r *http.Request) lastSeen {
	first, second, hasNumber := strings.Cut(r.Header.Get(lastEventID), "-")
	version, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return lastSeen{number: noNumber}
	}
	if !hasNumber {
		return lastSeen{version, noNumber}
	}
	number, err := strconv.ParseInt(second, 10, 64)
	if err != nil {
		return lastSeen{number: noNumber}
	}
	return lastSeen{version, number}
}

// watch returns the watch of an order as it is now. Whoever has not seen just that
// is sent it: once more, at worst, which does no harm.
func (s lastSeen) watch(now readmodel.Revision) *orderWatch {
	return &orderWatch{now: orderEvent(now), news: s != lastSeen{now.Version, now.Number}}
}

// isAheadOf reports whether the client may have seen what the read model does not
// have yet.
func (s lastSeen) isAheadOf(stored readmodel.Revision) bool {
	return s.version > stored.Version && s.number <= stored.Number
}

// look reads the order, and which store it is of, from the read model or, where that does
// not have it or is behind what the client has seen, from its workflow.
func (o *OrderEvents) look(r *http.Request, id string) (watch *orderWatch, store string, err error) {
	ctx, cancel := startContext(r)
	defer cancel()
	client := lastSeenOf(r)
	stored, storedErr := o.stored(ctx, id)
	if storedErr == nil && !client.isAheadOf(stored) {
		return client.watch(stored), stored.StoreOrMain(), nil
	}
	live, err := o.Finder.Live(ctx, id, storedErr)
	switch {
	case err == nil:
		watch := client.watch(readmodel.Revision{Snapshot: live, Number: stored.Number})
		watch.floor = live.Version
		return watch, live.StoreOrMain(), nil
	case storedErr == nil:
		return client.watch(stored), stored.StoreOrMain(), nil
	default:
		return nil, "", err
	}
}

func (o *OrderEvents) stored(ctx context.Context, id string) (readmodel.Revision, error) {
	return deadline.Call(ctx, deadline.Fallback, func(ctx context.Context) (readmodel.Revision, error) {
		return o.Feed.Changes.Revision(ctx, id)
	})
}

// begin sends what the client has not seen.
func (o *orderWatch) begin(s *eventStream) (more bool, err error) {
	if !o.news {
		return true, nil
	}
	return o.deliver(s, o.now)
}

// send sends what the client would notice.
func (o *orderWatch) send(s *eventStream, events []sseEvent) (more bool, err error) {
	for _, e := range events {
		if !o.isNews(e) {
			continue
		}
		if more, err = o.deliver(s, e); !more || err != nil {
			return false, err
		}
	}
	return true, nil
}

// isNews reports whether the event is a later change, and one that shows.
func (o *orderWatch) isNews(e sseEvent) bool {
	later := e.number > o.now.number && e.version >= o.floor
	return later && (e.version != o.now.version || !bytes.Equal(e.data, o.now.data))
}

// deliver sends the event, and after the last one the end.
func (o *orderWatch) deliver(s *eventStream, e sseEvent) (more bool, err error) {
	o.now = e
	if err := s.event(e); err != nil || !e.last {
		return true, err
	}
	return false, s.event(sseEvent{name: eventEnd, data: emptyData})
}

package api

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/order"
)

// orderEvents is the customers' resource /orders/{id}/events.
type orderEvents struct {
	feed   *Feed
	finder finder
	client func(*http.Request) string
}

func (o *orderEvents) register(router *mux.Router) {
	getStream(router, "/orders/{id}/events", o.serve)
}

// serve is GET /orders/{id}/events.
func (o *orderEvents) serve(w http.ResponseWriter, r *http.Request) error {
	id, err := pathOrderID(r)
	if err != nil {
		return err
	}
	leave, err := o.feed.enter(orderStreams, o.client(r))
	if err != nil {
		return err
	}
	defer leave()
	sub := newSubscription()
	defer o.feed.watchOrder(id, sub)() // before the order is read, so that no change falls in between
	watch, err := o.look(r, id)
	if err != nil {
		return err
	}
	if watch.now.last && !watch.news {
		w.WriteHeader(http.StatusNoContent) // by which browsers know not to come back
		return nil
	}
	s, err := o.feed.begin(w, r)
	if err != nil || s == nil {
		return err
	}
	s.run(sub, func() (bool, error) { return watch.begin(s) }, func(events []event, _ int64) (bool, error) {
		return watch.send(s, events)
	})
	return nil
}

// orderWatch is what a customer's stream knows of its order.
type orderWatch struct {
	// now is the order as it was when the stream began, or was sent last.
	now event
	// news: the client has not seen that.
	news bool
	// floor is the version that the order's workflow had: the read model may still
	// be behind it.
	floor int64
}

// look looks the order up: in the read model, or, where that
// does not have it or is behind what the client has seen, in its workflow.
func (o *orderEvents) look(r *http.Request, id string) (*orderWatch, error) {
	ctx, cancel := beginning(r)
	defer cancel()
	seen, err := strconv.ParseInt(r.Header.Get(lastEventID), 10, 64)
	if err != nil {
		seen = 0 // not one of ours: nothing has been seen
	}
	stored, storedErr := o.stored(ctx, id)
	if storedErr == nil && stored.Version >= seen {
		now := orderEvent(stored)
		return &orderWatch{now: now, news: stored.Version > seen}, nil
	}
	live, err := o.finder.live(ctx, id, storedErr)
	switch {
	case err == nil:
		now := orderEvent(order.Revision{Snapshot: live, Number: stored.Number})
		// A client that is ahead of the workflow has seen a change that never
		// happened: its worker died before it was done.
		news := live.Version > seen || (live.Version < seen && !now.last)
		return &orderWatch{now: now, news: news, floor: live.Version}, nil
	case storedErr == nil:
		return &orderWatch{now: orderEvent(stored)}, nil
	default:
		return nil, err
	}
}

func (o *orderEvents) stored(ctx context.Context, id string) (order.Revision, error) {
	return bounded(ctx, storedTimeout, func(ctx context.Context) (order.Revision, error) {
		return o.feed.Changes.Revision(ctx, id)
	})
}

// begin sends what the client has not seen.
func (o *orderWatch) begin(s *stream) (more bool, err error) {
	if !o.news {
		return true, nil
	}
	return o.deliver(s, o.now)
}

// send sends what the client would notice.
func (o *orderWatch) send(s *stream, events []event) (more bool, err error) {
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
func (o *orderWatch) isNews(e event) bool {
	later := e.number > o.now.number && e.version >= o.floor
	return later && (e.version != o.now.version || !bytes.Equal(e.data, o.now.data))
}

// deliver sends the event, and after the last one the end.
func (o *orderWatch) deliver(s *stream, e event) (more bool, err error) {
	o.now = e
	if err := s.event(e); err != nil || !e.last {
		return true, err
	}
	return false, s.event(event{name: eventEnd, data: nothing})
}

package live

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
)

// MenuEvents is the customers' resources /menu/events and /stores/{store}/menu/events.
type MenuEvents struct {
	Feed   *Feed
	Client func(*http.Request) string
	// Menu tells whether there is such a store.
	Menu MenuReader
}

// Register adds the resource\'s routes.
func (m *MenuEvents) Register(router *mux.Router) {
	getStream(router, "/menu/events", m.serve)
	getStream(router, "/stores/{store}/menu/events", m.serve)
}

// serve is GET /menu/events, of the store that the path names.
func (m *MenuEvents) serve(w http.ResponseWriter, r *http.Request) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	if err := m.known(r); err != nil {
		return err
	}
	leave, err := m.Feed.enter(menuStreams, m.Client(r))
	if err != nil {
		return err
	}
	defer leave()
	w.Header().Set("Content-Language", string(language))
	w.Header().Set("Vary", "Accept-Language")
	s, err := m.Feed.begin(w, r)
	if err != nil || s == nil {
		return err
	}
	sub := newSubscription()
	defer m.Feed.watchMenu(transport.PathStore(r), menuWatch{language: language}, sub)()
	s.run(sub, nothingFirst, unlessSeen(s, r.Header.Get(lastEventID)))
	return nil
}

// known fails with CodeNotFound when there is no such store. One that nobody can look for may be there.
func (m *MenuEvents) known(r *http.Request) error {
	if transport.PathStore(r) == order.MainStore {
		return nil
	}
	ctx, cancel := startContext(r)
	defer cancel()
	_, err := m.Menu.Menu(ctx, transport.PathStore(r))
	if order.ErrorCode(err) == order.CodeNotFound {
		return transport.NotFound()
	}
	return nil
}

// unlessSeen sends each menu that is not the one the client has.
func unlessSeen(s *eventStream, seen string) func([]sseEvent, int64) (bool, error) {
	return func(events []sseEvent, _ int64) (bool, error) {
		for _, e := range events {
			if e.id == seen {
				continue
			}
			seen = e.id
			if err := s.event(e); err != nil {
				return false, err
			}
		}
		return true, nil
	}
}

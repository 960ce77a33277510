package api

import (
	"net/http"

	"github.com/gorilla/mux"
)

// menuEvents is the customers' resource /menu/events.
type menuEvents struct {
	feed   *Feed
	client func(*http.Request) string
}

func (m *menuEvents) Register(router *mux.Router) { getStream(router, "/menu/events", m.serve) }

// serve is GET /menu/events.
func (m *menuEvents) serve(w http.ResponseWriter, r *http.Request) error {
	language, err := languageOf(r)
	if err != nil {
		return err
	}
	leave, err := m.feed.enter(menuStreams, m.client(r))
	if err != nil {
		return err
	}
	defer leave()
	w.Header().Set("Content-Language", string(language))
	w.Header().Set("Vary", "Accept-Language")
	s, err := m.feed.begin(w, r)
	if err != nil || s == nil {
		return err
	}
	sub := newSubscription()
	defer m.feed.watchMenu(language, sub)()
	s.run(sub, nothingFirst, unlessSeen(s, r.Header.Get(lastEventID)))
	return nil
}

// unlessSeen sends each menu that is not the one the client has.
func unlessSeen(s *stream, seen string) func([]event, int64) (bool, error) {
	return func(events []event, _ int64) (bool, error) {
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

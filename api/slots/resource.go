package slots

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/store"
)

// Resource is the customers' resource /stores/{store}/slots.
type Resource struct {
	Book Book
	// Store returns a store as it is now. It fails with CodeNotFound.
	Store func(ctx context.Context, slug string) (store.State, error)
}

// Register adds the resource's routes.
func (s *Resource) Register(router *mux.Router) {
	transport.Get(router, "/stores/{store}/slots", s.show)
}

// show is GET /stores/{store}/slots.
func (s *Resource) show(w http.ResponseWriter, r *http.Request) error {
	state, err := s.Store(r.Context(), mux.Vars(r)["store"])
	if err != nil {
		return err
	}
	date, cups, query := s.Book.Now().In(state.Zone(s.Book.Now().Location())), 1, r.URL.Query()
	if query.Has("date") {
		if date, err = time.Parse(time.DateOnly, query.Get("date")); err != nil {
			return transport.InvalidField("date", "must be a date such as 2026-03-02")
		}
	}
	if query.Has("cups") {
		const most = limits.Items * limits.Quantity
		if cups, err = strconv.Atoi(query.Get("cups")); err != nil || cups < 1 || cups > most {
			return transport.InvalidField("cups", "must be a number from 1 to "+strconv.Itoa(most))
		}
	}
	slots, err := s.Book.On(r.Context(), state, date, cups)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return transport.RespondJSON(w, r, http.StatusOK, spec.SlotList{Slots: slots})
}

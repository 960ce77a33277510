package api

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/lastgood"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// storesResource is the customers' resource /stores.
type storesResource struct {
	stores *lastgood.Value[[]store.State]
	now    func() time.Time
}

func (s *storesResource) Register(router *mux.Router) {
	transport.Get(router, "/stores", s.list)
	transport.Get(router, "/stores/{store}", s.show)
}

// list is GET /stores.
func (s *storesResource) list(w http.ResponseWriter, r *http.Request) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	near, err := nearOf(r)
	if err != nil {
		return err
	}
	page, err := transport.PageOf(r)
	if err != nil {
		return err
	}
	states, err := s.stores.Get(r.Context())
	if err != nil {
		return err
	}
	all := s.view(states, near, language)
	shown, next, err := pageOfStores(all, page)
	if err != nil {
		return err
	}
	localize(w, language)
	return transport.RespondJSON(w, r, http.StatusOK, spec.StoreList{Stores: shown, NextPageToken: next})
}

// view returns the stores as customers see them: the nearest first, where they say from where.
func (s *storesResource) view(states []store.State, near *store.Location, language order.Language) []spec.Store {
	now := s.now()
	all := make([]spec.Store, len(states))
	for i, state := range states {
		all[i] = views.Store(state, now, language)
		if near != nil && state.Location != nil {
			all[i].DistanceM = new(int(math.Round(state.Location.Distance(*near))))
		}
	}
	if near != nil {
		const far = 1 << 30 // further than anything on earth: of whose place nobody knows
		distance := func(s spec.Store) int {
			if s.DistanceM == nil {
				return far
			}
			return *s.DistanceM
		}
		slices.SortStableFunc(all, func(a, b spec.Store) int { return cmp.Compare(distance(a), distance(b)) })
	}
	return all
}

// pageOfStores returns the page of the list that was asked for, and the token of the next one: how
// many stores come before it.
func pageOfStores(all []spec.Store, page transport.Page) (shown []spec.Store, next string, err error) {
	from := 0
	if page.Token != "" {
		if from, err = strconv.Atoi(page.Token); err != nil || from < 0 {
			return nil, "", transport.InvalidField("page_token", "must be the next_page_token of another page")
		}
	}
	from = min(from, len(all))
	until := min(from+page.Size, len(all))
	if until < len(all) {
		next = strconv.Itoa(until)
	}
	return all[from:until], next, nil
}

// nearOf reads the place that stores are to be near to; nil for none.
func nearOf(r *http.Request) (*store.Location, error) {
	if !r.URL.Query().Has("near") {
		return nil, nil //nolint:nilnil // no place is asked for
	}
	wrong := transport.InvalidField("near", "must be a place in degrees, such as 37.4979,127.0276")
	lat, lng, found := strings.Cut(r.URL.Query().Get("near"), ",")
	if !found {
		return nil, wrong
	}
	var place store.Location
	for _, part := range []struct {
		text  string
		value *float64
		limit float64
	}{{lat, &place.Lat, 90}, {lng, &place.Lng, 180}} {
		degrees, err := strconv.ParseFloat(strings.TrimSpace(part.text), 64)
		if err != nil || !(degrees >= -part.limit && degrees <= part.limit) { // no number is no place either
			return nil, wrong
		}
		*part.value = degrees
	}
	return &place, nil
}

// show is GET /stores/{store}.
func (s *storesResource) show(w http.ResponseWriter, r *http.Request) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	state, err := s.state(r.Context(), mux.Vars(r)["store"])
	if err != nil {
		return err
	}
	localize(w, language)
	return transport.RespondJSON(w, r, http.StatusOK, views.Store(state, s.now(), language))
}

// recent returns the store as it was some seconds ago at most, and whether there are several. It fails
// with CodeNotFound; one that has just been made is looked for again.
func (s *storesResource) recent(ctx context.Context, slug string) (state store.State, several bool, err error) {
	states, err := s.stores.Recent(ctx)
	if err == nil {
		state, several, err = find(states, slug)
	}
	if order.ErrorCode(err) == order.CodeNotFound {
		if states, err = s.stores.Get(ctx); err == nil {
			state, several, err = find(states, slug)
		}
	}
	return state, several, err
}

// state returns the store as it is now. It fails with CodeNotFound.
func (s *storesResource) state(ctx context.Context, slug string) (store.State, error) {
	states, err := s.stores.Get(ctx)
	if err != nil {
		return store.State{}, err
	}
	state, _, err := find(states, slug)
	return state, err
}

// document returns the store's document as it was some seconds ago at most. It fails with CodeNotFound.
func (s *storesResource) document(ctx context.Context, slug string) (store.Store, error) {
	state, _, err := s.recent(ctx, slug)
	return state.Store, err
}

// find returns the store, and whether there are several. It fails with CodeNotFound.
func find(states []store.State, slug string) (state store.State, several bool, err error) {
	i := slices.IndexFunc(states, func(state store.State) bool { return state.Store.Store == slug })
	if i < 0 {
		return store.State{}, false, transport.NotFound()
	}
	return states[i], len(states) > 1, nil
}

// localize says in which language an answer is, and that it is another one in another language.
func localize(w http.ResponseWriter, language order.Language) {
	w.Header().Set("Content-Language", string(language))
	w.Header().Add("Vary", "Accept-Language")
	w.Header().Set("Cache-Control", "no-cache")
}

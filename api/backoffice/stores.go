package backoffice

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/store"
)

// StoresResource is the staff's resource /store/stores, and the pause of a store, /store/hours.
type StoresResource struct {
	Stores StoreEditor
	Menu   MenuEditor
	Staff  *access.StaffAuth
	// Now is the clock, in the time zone of stores that have none.
	Now func() time.Time
}

// Register adds the resource's routes.
func (s *StoresResource) Register(router *mux.Router) {
	transport.Get(router, "/store/stores", s.Staff.RequireRole(access.Barista, s.list))
	transport.Get(router, "/store/stores/{store}", s.Staff.RequireRole(access.Manager, s.show))
	transport.Put(router, "/store/stores/{store}", s.Staff.RequireRole(access.Manager, s.put))
	transport.Put(router, "/store/hours", s.Staff.RequireRole(access.Barista, s.setHours))
}

// list is GET /store/stores: those at which who asks works.
func (s *StoresResource) list(w http.ResponseWriter, r *http.Request) error {
	stores, err := s.Stores.Stores(r.Context())
	if err != nil {
		return err
	}
	theirs := slices.DeleteFunc(slices.Clone(stores), func(state store.State) bool { return !access.StaffOf(r).May(state.Store.Store) })
	view := views.StoreSummaries(theirs, s.Now())
	view.Several = spec.Optional(len(stores) > 1)
	return transport.RespondJSON(w, r, http.StatusOK, view)
}

// show is GET /store/stores/{store}.
func (s *StoresResource) show(w http.ResponseWriter, r *http.Request) error {
	slug := mux.Vars(r)["store"]
	if !store.ValidSlug(slug) || !access.StaffOf(r).May(slug) {
		return transport.NotFound()
	}
	state, err := s.Stores.Store(r.Context(), slug)
	if err != nil {
		return err
	}
	return respondVersion(w, r, http.StatusOK, state.Version, views.StoreDocument(state.Store))
}

// put is PUT /store/stores/{store}.
func (s *StoresResource) put(w http.ResponseWriter, r *http.Request) error {
	slug := mux.Vars(r)["store"]
	if !store.ValidSlug(slug) {
		return transport.InvalidField("store", store.SlugForm)
	}
	if !access.StaffOf(r).May(slug) {
		return transport.NotFound()
	}
	wanted, err := s.wanted(r, slug)
	if err != nil {
		return err
	}
	status := http.StatusOK
	now, err := s.Stores.PutStore(r.Context(), slug, func(before store.State) (store.Store, error) {
		if err := checkPreconditions(r, "store", before.Version); err != nil || before.Version > 0 {
			return wanted, err
		}
		status = http.StatusCreated
		return wanted, access.Requires(r, access.Owner)
	})
	if err != nil {
		return err
	}
	return respondVersion(w, r, status, now.Version, views.StoreDocument(now.Store))
}

// wanted returns the store that the request asks for, in which nothing is wrong.
func (s *StoresResource) wanted(r *http.Request, slug string) (store.Store, error) {
	var body spec.StoreRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return store.Store{}, err
	}
	menu, err := s.Menu.Menu(r.Context(), store.Main)
	if err != nil {
		return store.Store{}, err
	}
	currency := menu.Catalog.Currency()
	wanted, err := storeDocument(slug, body, currency)
	if err != nil {
		return store.Store{}, err
	}
	if problems := wanted.Check(currency); len(problems) > 0 {
		err := transport.InvalidField(problems[0].Path, problems[0].Message)
		return store.Store{}, transport.WithMembers(err, func(p *spec.Problem) { p.Errors = new(views.StoreErrors(problems)) })
	}
	return wanted, nil
}

// checkPreconditions refuses a change that was meant for another version of a store or a coupon, or for none
// at all. The version is that of what there is; 0 for nothing.
func checkPreconditions(r *http.Request, what string, version int64) error {
	const code = transport.CodePreconditionFailed
	switch {
	case version == 0 && r.Header.Get("If-Match") != "":
		return transport.NewError(code, "there is no such "+what)
	case version > 0 && r.Header.Get("If-None-Match") == "*":
		return transport.NewError(code, "there is such a "+what+" already")
	case version > 0 && !transport.Unchanged(r, versionTag(version)):
		return transport.NewError(code, "the "+what+" has been changed since it was read")
	}
	return nil
}

func versionTag(version int64) string { return fmt.Sprintf(`"%d"`, version) }

// respondVersion answers with a document and the version that it has.
func respondVersion(w http.ResponseWriter, r *http.Request, status int, version int64, document any) error {
	tag := versionTag(version)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if transport.IsSafeMethod(r.Method) && transport.NotModified(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return transport.RespondJSON(w, r, status, document)
}

// setHours is PUT /store/hours.
func (s *StoresResource) setHours(w http.ResponseWriter, r *http.Request) error {
	slug, err := access.StaffOf(r).Store(r)
	if err != nil {
		return err
	}
	var body spec.Hours
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	pause, err := pauseOf(body, s.Now())
	if err != nil {
		return err
	}
	if err := s.Stores.SetPause(r.Context(), slug, pause); err != nil {
		return err
	}
	state, err := s.Stores.Store(r.Context(), slug)
	if err != nil {
		return err
	}
	now := s.Now()
	return transport.RespondJSON(w, r, http.StatusOK, views.Opening(state.At(now, now.Location())))
}

// pauseOf returns the pause that the request asks for.
func pauseOf(body spec.Hours, now time.Time) (store.Pause, error) {
	pause := store.Pause{Paused: !body.Open}
	switch {
	case body.Until == nil:
		return pause, nil
	case body.Open:
		return pause, transport.InvalidField("until", "must be left out when the store is to be open: its hours say until when")
	case !body.Until.After(now) || body.Until.After(now.AddDate(1, 0, 0)):
		return pause, transport.InvalidField("until", "must be in the future, within a year")
	}
	pause.Until = body.Until.UTC().Truncate(time.Second)
	return pause, nil
}

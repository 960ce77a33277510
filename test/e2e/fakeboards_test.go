package e2e_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/web"
)

// fakeBoards answers the staff's pages as the API does: of who is signed in, of stores that are open,
// closed or paused as a test wants them to be, and of one order at each.
type fakeBoards struct {
	*fakeStores
	session fields
	// hours are whether each store takes orders.
	hours map[string]fields
	// boards are the streams that are open, by their stores.
	boards sync.Map
}

func startFakeBoards(t *testing.T, session fields, stores ...fields) *fakeBoards {
	t.Helper()
	f := &fakeBoards{fakeStores: &fakeStores{t: t, stores: stores, orders: map[string]fields{}}, session: session, hours: map[string]fields{}}
	for _, s := range stores {
		f.hours[s["store"].(string)] = fields{"open": true}
	}
	router := mux.NewRouter()
	router.Use(f.note)
	answers := func(body func(*http.Request) any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.answer(w, http.StatusOK, body(r))
		}
	}
	router.HandleFunc("/store/session", answers(func(*http.Request) any { return f.session }))
	router.HandleFunc("/store/stores", answers(func(*http.Request) any { return fields{"stores": f.summaries()} }))
	router.HandleFunc("/store/orders", answers(f.ordersOf))
	router.HandleFunc("/store/menu", answers(f.staffMenu))
	router.HandleFunc("/store/hours", answers(f.setHours)).Methods(http.MethodPut)
	router.HandleFunc("/store/events", f.follow)
	for path, page := range web.Store(defaultBrand) {
		router.Handle(path, page)
	}
	f.Server = httptest.NewServer(router)
	t.Cleanup(func() { f.CloseClientConnections(); f.Close() })
	return f
}

func (f *fakeBoards) summaries() (all []fields) {
	for _, s := range f.stores {
		all = append(all, fields{"store": s["store"], "name": fields{"ko": s["name"], "en": s["name"]}, "address": s["address"], "time_zone": s["time_zone"], "open": true})
	}
	return all
}

func (f *fakeBoards) ordersOf(r *http.Request) any {
	all := []fields{}
	for _, o := range f.orders {
		if o["store"] == r.URL.Query().Get("store") {
			all = append(all, o)
		}
	}
	return fields{"orders": all, "next_page_token": ""}
}

func (f *fakeBoards) staffMenu(r *http.Request) any {
	menu := fields{"items": []fields{}, "groups": []fields{}}
	maps.Copy(menu, f.hours[r.URL.Query().Get("store")])
	return menu
}

// setHours pauses or resumes the store, as far as its hours allow.
func (f *fakeBoards) setHours(r *http.Request) any {
	body := f.sent[len(f.sent)-1]
	hours := fields{"open": body["open"]}
	if body["open"] == false {
		hours["paused"], hours["paused_until"] = true, body["until"]
	}
	f.hours[r.URL.Query().Get("store")] = hours
	return hours
}

func (f *fakeBoards) follow(w http.ResponseWriter, r *http.Request) {
	changes := make(chan fields, 10)
	changes <- fields{}
	f.boards.Store(r.URL.Query().Get("store"), changes)
	f.stream(w, r, "menu", changes)
}

// change has the board of a store hear of other hours.
func (f *fakeBoards) change(slug string, hours fields) {
	f.mu.Lock()
	f.hours[slug] = hours
	f.mu.Unlock()
	changes, _ := f.boards.Load(slug)
	changes.(chan fields) <- fields{}
}

// put has an order at the store that was accepted then, to be ready in so many minutes.
func (f *fakeBoards) put(id, slug, number string, at time.Time, minutes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := acceptedOrder(id, slug, at, minutes)
	o["pickup_number"] = number
	f.orders[id] = o
}

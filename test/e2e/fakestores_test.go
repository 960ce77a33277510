package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/web"
)

// fields are a JSON object.
type fields map[string]any

// fakeStores answers the pages as the API does, of stores that are open or closed as a test wants
// them to be, at any time.
type fakeStores struct {
	*httptest.Server
	t *testing.T

	mu sync.Mutex
	// stores are as GET /stores shows them, in their order; menus by their stores.
	stores []fields
	menus  map[string]fields
	// streams are those of the menus that are open, by their stores.
	streams map[string][]chan fields
	// orders are as GET /orders/{id} shows them, by their IDs.
	orders map[string]fields
	// asked are the requests, as "GET /stores"; sent are the bodies of those with one.
	asked []string
	sent  []fields
}

// gangnam and brooklyn are two stores whose clocks differ.
func gangnam() fields {
	return fields{
		"store": "gangnam", "name": "Gangnam", "address": "1 Teheran-ro, Seoul", "location": fields{"lat": 37.4979, "lng": 127.0276},
		"time_zone": "Asia/Seoul", "open": true, "opens_at": nil, "closes_at": nil, "wait_minutes": 10,
	}
}

func brooklyn() fields {
	return fields{
		"store": "brooklyn", "name": "Brooklyn", "address": "2 Bedford Ave, New York", "time_zone": "America/New_York",
		"open": true, "opens_at": nil, "closes_at": nil, "wait_minutes": 5,
	}
}

func menuItem(product, name string, price int, available bool) fields {
	return fields{"product": product, "name": name, "price": won(price), "available": available, "groups": []string{}}
}

func won(amount int) fields { return fields{"amount": amount, "currency": "KRW"} }

func startFakeStores(t *testing.T, stores ...fields) *fakeStores {
	t.Helper()
	f := &fakeStores{t: t, stores: stores, menus: map[string]fields{}, streams: map[string][]chan fields{}, orders: map[string]fields{}}
	for _, s := range stores {
		f.menus[s["store"].(string)] = fields{
			"categories": []fields{}, "groups": []fields{},
			"items": []fields{menuItem("IceAmericano", "Ice Americano", 2000, true), menuItem("CafeLatte", "Caffè Latte", 3500, true)},
		}
	}
	if len(stores) > 1 {
		f.menus["brooklyn"]["items"] = []fields{menuItem("IceAmericano", "Ice Americano", 2500, true), menuItem("CafeLatte", "Caffè Latte", 3500, false)}
	}
	f.Server = httptest.NewServer(f.router())
	t.Cleanup(func() { f.CloseClientConnections(); f.Close() })
	return f
}

func (f *fakeStores) router() http.Handler {
	router := mux.NewRouter()
	router.Use(f.note)
	router.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { f.answer(w, http.StatusOK, fields{}) })
	router.HandleFunc("/stores", f.list)
	router.HandleFunc("/stores/{store}", f.show)
	for _, path := range []string{"/menu/events", "/stores/{store}/menu/events"} {
		router.HandleFunc(path, f.followMenu)
	}
	router.HandleFunc("/orders/quote", f.quote)
	router.HandleFunc("/orders/{id}", f.showOrder)
	router.HandleFunc("/orders/{id}/events", f.followOrder)
	router.HandleFunc("/orders", f.place)
	for path, page := range web.Customer(web.CustomerConfig{Stores: f.states}) {
		router.Handle(path, page)
	}
	return router
}

// states are the stores as the pages' server knows them.
func (f *fakeStores) states(context.Context) (all []store.State, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.stores {
		name := order.Names{order.English: s["name"].(string)}
		all = append(all, store.State{Store: store.Store{Store: s["store"].(string), Name: name, TimeZone: s["time_zone"].(string)}})
	}
	return all, nil
}

// note notes what is asked for.
func (f *fakeStores) note(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.asked = append(f.asked, r.Method+" "+r.URL.Path)
		if len(body) > 0 {
			var sent fields
			if json.Unmarshal(body, &sent) == nil {
				f.sent = append(f.sent, sent)
			}
		}
		f.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

func (f *fakeStores) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, encoded(f.t, body)) // a browser that has gone needs no answer
}

// find returns what there is to be known of a store, with its menu; false where there is no such one.
func (f *fakeStores) find(slug string) (fields, bool) {
	for _, s := range f.stores {
		if slug == "" || s["store"] == slug {
			return s, true
		}
	}
	return nil, false
}

func (f *fakeStores) list(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.stores
	if r.URL.Query().Has("near") { // which the tests say of Brooklyn
		all = nil
		for i := len(f.stores) - 1; i >= 0; i-- {
			near := maps.Clone(f.stores[i])
			near["distance_m"] = 850 + 11_000_000*(len(f.stores)-1-i)
			all = append(all, near)
		}
	}
	f.answer(w, http.StatusOK, fields{"stores": all, "next_page_token": ""})
}

func (f *fakeStores) show(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s, ok := f.find(mux.Vars(r)["store"]); ok {
		f.answer(w, http.StatusOK, s)
		return
	}
	f.answer(w, http.StatusNotFound, fields{"code": "not_found"})
}

// menuOf is the menu of a store as GET /stores/{store}/menu shows it.
func (f *fakeStores) menuOf(s fields) fields {
	menu := maps.Clone(f.menus[s["store"].(string)])
	for _, name := range []string{"store", "open", "opens_at", "closes_at", "wait_minutes"} {
		menu[name] = s[name]
	}
	return menu
}

func (f *fakeStores) followMenu(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	s, ok := f.find(mux.Vars(r)["store"])
	if !ok {
		f.mu.Unlock()
		f.answer(w, http.StatusNotFound, fields{"code": "not_found"})
		return
	}
	changes, slug := make(chan fields, 10), s["store"].(string)
	f.streams[slug] = append(f.streams[slug], changes)
	changes <- f.menuOf(s)
	f.mu.Unlock()
	f.stream(w, r, "menu", changes)
}

// stream sends events until the browser goes.
func (f *fakeStores) stream(w http.ResponseWriter, r *http.Request, name string, events <-chan fields) {
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		select {
		case <-r.Context().Done():
			return
		case event := <-events:
			fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, encoded(f.t, event))
			w.(http.Flusher).Flush()
		}
	}
}

// change changes a store, and has its menus say so.
func (f *fakeStores) change(slug string, to fields) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.find(slug)
	require.True(f.t, ok)
	maps.Copy(s, to)
	for _, changes := range f.streams[slug] {
		changes <- f.menuOf(s)
	}
}

// quote prices line by line, and refuses the first that is not to be had.
func (f *fakeStores) quote(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, total := f.sent[len(f.sent)-1], 0
	for i, wanted := range body["items"].([]any) {
		line := wanted.(map[string]any)
		for _, item := range f.menus[body["store"].(string)]["items"].([]fields) {
			if item["product"] != line["product"] {
				continue
			}
			if item["available"] == false {
				f.answer(w, http.StatusConflict, fields{"code": "sold_out", "field": fmt.Sprintf("items[%d].product", i)})
				return
			}
			total += item["price"].(fields)["amount"].(int) * int(line["qty"].(float64))
		}
	}
	f.answer(w, http.StatusOK, fields{"total": won(total)})
}

// place places an order that is paid and accepted at once.
func (f *fakeStores) place(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	placed := acceptedOrder("ord_placed", f.sent[len(f.sent)-1]["store"].(string), time.Now(), 10)
	f.orders["ord_placed"] = placed
	f.answer(w, http.StatusCreated, placed)
}

func (f *fakeStores) showOrder(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer(w, http.StatusOK, f.orders[mux.Vars(r)["id"]])
}

func (f *fakeStores) followOrder(w http.ResponseWriter, r *http.Request) {
	changes := make(chan fields, 1)
	f.mu.Lock()
	changes <- f.orders[mux.Vars(r)["id"]]
	f.mu.Unlock()
	f.stream(w, r, "order", changes)
}

// requests returns what was asked for that begins with the words.
func (f *fakeStores) requests(words string) (found []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, asked := range f.asked {
		if strings.Contains(asked, words) {
			found = append(found, asked)
		}
	}
	return found
}

// acceptedOrder is an order that the store has accepted then, to be ready in so many minutes.
func acceptedOrder(id, slug string, at time.Time, minutes int) fields {
	when := at.UTC().Format(time.RFC3339)
	names := fields{"ko": "아이스 아메리카노", "en": "Ice Americano"}
	return fields{
		"id": id, "store": slug, "status": "accepted", "pickup_number": "A-1", "eta_minutes": minutes, "refund": nil, "refunds": []fields{}, "points": 0,
		"total": won(2000), "discounts": []fields{}, "placed_at": when,
		"items":    []fields{{"line": 1, "product": "IceAmericano", "name": "Ice Americano", "names": names, "qty": 1, "refunded_qty": 0, "options": []fields{}, "total": won(2000), "price": won(2000)}},
		"timeline": []fields{{"status": "payment_pending", "at": when}, {"status": "paid", "at": when}, {"status": "accepted", "at": when}},
	}
}

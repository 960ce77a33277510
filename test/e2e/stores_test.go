package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// twoStores has a second store, in New York, beside main, which is in Seoul; both are always open.
func (s *site) twoStores() {
	s.t.Helper()
	s.putStore("main", fields{"name": fields{"ko": "강남점", "en": "Gangnam"}, "address": "1 Teheran-ro, Seoul", "time_zone": "Asia/Seoul", "location": fields{"lat": 37.4979, "lng": 127.0276}})
	s.putStore("brooklyn", fields{"name": fields{"ko": "브루클린점", "en": "Brooklyn"}, "address": "2 Bedford Ave, New York", "time_zone": "America/New_York"})
	require.Eventually(s.t, func() bool { // pages know of it in a while
		return strings.Contains(string(bodyOf(s.t, s.Customer+"/")), "data-stores")
	}, patience, pollEvery)
}

// putStore makes or changes a store.
func (s *site) putStore(slug string, document fields) {
	s.t.Helper()
	require.NoError(s.t, s.Staff(within(s.t), http.MethodPut, "/store/stores/"+slug, document, nil))
}

// chooses opens a store's own address on a phone.
func (s *site) chooses(slug string) *window {
	s.t.Helper()
	w := s.browser.open("the customer of "+slug, "en", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/s/" + slug)
	w.sees(".drink", "")
	w.sees("#store", "")
	return w
}

// boardOf is the board of a store, for who works at all of them.
func (s *site) boardOf(name string) *window {
	s.t.Helper()
	w := s.browser.open("the staff of "+name, "en", tabletWidth, tabletHeight)
	w.goTo(s.Store + "/store")
	w.fill("#token", s.Token)
	w.click("#login button")
	w.sees("#picking", name)
	w.do(`[...document.querySelectorAll("#picks .pick")].find((b) => b.textContent.includes(` + quoted(name) + `)).click()`)
	w.sees("#at-store", name)
	w.await(`document.querySelector("#board").ariaBusy === "false"`, "the list of orders")
	return w
}

// showsTime waits until a time is shown there that is the given one, give or take the minutes that a test takes.
func (w *window) showsTime(selector string, at time.Time) {
	w.t.Helper()
	var times []string
	for minutes := -3; minutes <= 1; minutes++ {
		times = append(times, clockTime(at.Add(time.Duration(minutes)*time.Minute)))
	}
	w.await(fmt.Sprintf(`%s.some((time) => document.querySelector(%s)?.textContent.includes(time))`, encoded(w.t, times), quoted(selector)), "about "+clockTime(at))
}

// Two stores, in two zones: each has its own orders, numbers, board, and what it is out of.
func TestTwoStoresInTwoZones(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	s.twoStores()
	seoul, newYork := s.boardOf("Gangnam"), s.boardOf("Brooklyn")
	inSeoul, inNewYork := s.chooses("main"), s.chooses("brooklyn")
	inSeoul.sees("#store", "Gangnam")

	// Sold out in one of them only.
	require.NoError(t, s.Staff(within(t), http.MethodPut, "/store/menu/CafeLatte?store=brooklyn", fields{"available": false}, nil))
	inNewYork.sees(".drink[data-sold-out=true]", "Caf")
	inSeoul.seesNo(".drink[data-sold-out=true]")

	// An order goes to its store's board, and nowhere else; the numbers of each begin anew.
	first := inSeoul.order()
	inSeoul.sees(".store-line", "Gangnam")
	second := inNewYork.order()
	for _, w := range []*window{inSeoul, inNewYork} {
		w.sees("#number", "A-1")
	}
	require.NotEqual(t, first, second)
	seoul.await(`[...document.querySelectorAll(".ticket")].map((e) => e.dataset.id).join() === `+quoted(first), "the order of this store alone")
	newYork.await(`[...document.querySelectorAll(".ticket")].map((e) => e.dataset.id).join() === `+quoted(second), "the order of this store alone")
	for _, id := range []string{first, second} {
		o, err := s.Order(within(t), id)
		require.NoError(t, err)
		require.Equal(t, map[string]string{first: "main", second: "brooklyn"}[id], o.Store)
	}

	// Times are those of the store that makes the order, wherever the browser stands.
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	newYork.click(accept5)
	inNewYork.sees("#headline", "about 5 min")
	inNewYork.showsTime("#headline", time.Now().Add(5*time.Minute).In(zone))
	newYork.showsTime(".ticket .eta", time.Now().Add(5*time.Minute).In(zone))
	seoul.sees("#new .ticket", "A-1")

	// A pause is of one of them, too, and so are hours, which here go over midnight.
	newYork.pause("quarter")
	newYork.showsTime("#paused", time.Now().Add(15*time.Minute).In(zone))
	inNewYork.goTo(s.Customer + "/")
	inNewYork.showsTime("#closed", time.Now().Add(15*time.Minute).In(zone))
	tomorrow := strings.ToLower(time.Now().In(zone).AddDate(0, 0, 1).Format("Mon"))
	s.putStore("brooklyn", fields{
		"name": fields{"ko": "브루클린점", "en": "Brooklyn"}, "time_zone": "America/New_York", "hours": fields{tomorrow: [][]string{{"22:00", "02:00"}}},
	})
	inNewYork.sees("#closed", "Opens tomorrow at 10:00\u00a0PM")
	inSeoul.goTo(s.Customer + "/")
	inSeoul.sees("#store", "Open")
	inSeoul.accessible()
	seoul.accessible()
}

// Whoever works at one store sees nothing of the other: its orders are none.
func TestStaffOfOneStoreIsRefusedByTheOther(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	s.twoStores()
	var made struct {
		Token string `json:"token"`
	}
	account := fields{"name": "mina", "role": "barista", "stores": []string{"brooklyn"}}
	require.NoError(t, s.Staff(within(t), http.MethodPost, "/store/staff", account, &made))
	id := s.chooses("main").order()
	theirs := s.chooses("brooklyn").order()

	mina := &cafe.Cafe{Customer: s.Customer, Store: s.Store, Token: made.Token}
	for path, status := range map[string]int{
		"/store/orders?store=main": http.StatusNotFound, "/store/menu?store=main": http.StatusNotFound, "/store/staff": http.StatusForbidden,
	} {
		var problem *cafe.Problem
		require.ErrorAs(t, mina.Staff(within(t), http.MethodGet, path, nil, nil), &problem, path)
		require.Equal(t, status, problem.Status, path)
	}
	var problem *cafe.Problem
	_, err := mina.Act(within(t), id, "accept", nil)
	require.ErrorAs(t, err, &problem)
	require.Equal(t, http.StatusNotFound, problem.Status)
	require.Equal(t, "paid", s.status(id))

	board := s.browser.open("mina", "en", tabletWidth, tabletHeight)
	board.goTo(s.Store + "/store")
	board.fill("#token", made.Token)
	board.click("#login button")
	board.sees("#store-name", "Brooklyn")
	board.seesNo("#picking, #at-store")
	board.sees("#new .ticket", "A-1")
	board.await(`[...document.querySelectorAll(".ticket")].map((e) => e.dataset.id).join() === `+quoted(theirs), "the order of her store alone")
	board.click(accept5)
	board.sees("#making .ticket", "A-1")
	require.Equal(t, "accepted", s.status(theirs))
}

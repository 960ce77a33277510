package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/apiclient"
)

// midnightZone returns a zone in which the day has just begun: it is before one o'clock there.
func midnightZone(t *testing.T, now time.Time) *time.Location {
	t.Helper()
	for east := -12; east <= 14; east++ {
		name := fmt.Sprintf("Etc/GMT%+d", -east) // their signs are the other way round
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		if now.In(zone).Hour() == 0 {
			return zone
		}
	}
	t.Fatal("it is midnight nowhere")
	return nil
}

// everyDay is a week of which every day has the period.
func everyDay(from, until string) fields {
	week := fields{}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		week[day] = [][]string{{from, until}}
	}
	return week
}

// opensWith makes a store of that name, in that zone.
func (s *site) opensWith(slug, name string, zone *time.Location, more fields) {
	s.t.Helper()
	document := fields{"name": fields{"ko": name, "en": name}, "time_zone": zone.String()}
	for field, value := range more {
		document[field] = value
	}
	s.putStore(slug, document)
}

// refusedUntil requires that the store takes no order now, and says since when it does.
func (s *site) refusedUntil(slug string, opens time.Time) {
	s.t.Helper()
	body := fields{"store": slug, "items": []fields{{"product": "IceAmericano", "qty": 1}}}
	_, err := apiclient.Call(within(s.t), http.MethodPost, s.Customer+"/orders", nil, body, nil)
	problem := new(apiclient.Problem)
	require.ErrorAs(s.t, err, &problem)
	require.Equal(s.t, "store_closed", problem.Code)
	require.NotNil(s.t, problem.OpensAt)
	require.True(s.t, opens.Equal(*problem.OpensAt), "opens at %s, want %s", problem.OpensAt, opens)
}

// Hours are the store's: those of yesterday that go over midnight, and those of today, wherever who reads
// them is.
func TestHoursAreOfTheStoresDay(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	now := time.Now()
	zone := midnightZone(t, now)
	closes := now.In(zone).Add(20 * time.Minute).Truncate(time.Minute)
	opens := time.Date(closes.Year(), closes.Month(), closes.Day(), 5, 0, 0, 0, zone)
	s.opensWith("night", "Night Owl", zone, fields{"hours": everyDay("20:00", closes.Format("15:04"))})
	s.opensWith("dawn", "Daybreak", zone, fields{"hours": everyDay("05:00", "20:00")})
	s.refusedUntil("dawn", opens)

	for browser, words := range map[string]struct{ language, closes, opens string }{
		"Asia/Kolkata":     {"en", "Closes at " + clockTime(closes), "Opens at 5:00\u00a0AM"},
		"Pacific/Honolulu": {"ko", closes.Format("3:04") + "에 닫아요", "오전\u00a05:00에 열어요"},
	} {
		w := s.browser.open("the customer in "+browser, words.language, phoneWidth, phoneHeight).inZone(browser)
		w.goTo(s.Customer + "/")
		w.sees("[data-store=night]", words.closes)
		w.sees("[data-store=dawn]", words.opens)
		w.click("[data-store=dawn] .pick")
		w.sees("#store", words.opens)
		w.sees("#closed", words.opens)
		w.click("#change-store")
		w.sees("[data-store=night]", words.closes)
		w.click("[data-store=night] .pick")
		w.sees("#closed", words.closes)
		w.accessible()
		require.Equal(t, "paid", s.status(w.order()))
	}
}

// A store opens as its clocks will be then: at the next change of the clocks, not as they are now.
func TestHoursAfterAChangeOfTheClocks(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	_, change := time.Now().In(zone).ZoneBounds()
	change = change.In(zone)
	day := change.Format(time.DateOnly)
	opens := time.Date(change.Year(), change.Month(), change.Day(), 8, 0, 0, 0, zone)
	s.opensWith("brooklyn", "Brooklyn", zone, fields{
		"hours": fields{"mon": [][]string{}}, "exceptions": []fields{{"date": day, "hours": [][]string{{"08:00", "20:00"}}}},
	})
	s.refusedUntil("brooklyn", opens)
	for _, browser := range []string{"Asia/Kolkata", "America/New_York"} {
		w := s.browser.open("the customer in "+browser, "en", phoneWidth, phoneHeight).inZone(browser)
		w.goTo(s.Customer + "/s/brooklyn")
		w.sees("#closed", "8:00\u00a0AM")
	}
}

// A store that closes while an order is on its way refuses it, and the page says when it opens.
func TestAnOrderThatComesTooLateForTheHours(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	zone := midnightZone(t, time.Now())
	s.opensWith("dawn", "Daybreak", zone, nil)
	w := s.browser.open("the customer", "en", phoneWidth, phoneHeight).inZone("Asia/Kolkata")
	w.goTo(s.Customer + "/s/dawn")
	w.click(firstAdd)
	w.sees("#order", "Order at Daybreak")
	w.do(`globalThis.send = fetch; globalThis.fetch = async (path, options) => {
		if (path === "/orders") await new Promise((go) => { globalThis.go = go; });
		return send(path, options); }`)
	w.click("#order")
	w.await("globalThis.go", "an order on its way")
	s.opensWith("dawn", "Daybreak", zone, fields{"hours": everyDay("05:00", "20:00")})
	opens := time.Now().In(zone)
	opens = time.Date(opens.Year(), opens.Month(), opens.Day(), 5, 0, 0, 0, zone)
	s.refusedUntil("dawn", opens)
	w.do("go()")
	w.sees("#notice", "We're not taking orders right now.")
	w.sees("#closed", "Opens at 5:00\u00a0AM")
	w.sees("#order", "Opens at 5:00\u00a0AM")
	w.await(`document.querySelector("#order").disabled && document.querySelectorAll("#lines > li").length === 1`, "a cart that is kept")
	w.accessible()
}

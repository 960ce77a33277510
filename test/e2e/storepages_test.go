package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// inZone has the window's browser stand in another zone.
func (w *window) inZone(zone string) *window {
	w.t.Helper()
	call(w, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
	return w
}

// withClock has the window's clock be that far off.
func (w *window) withClock(off time.Duration) *window {
	w.t.Helper()
	w.beforeLoad(fmt.Sprintf(`{ const Right = Date; globalThis.Date = class extends Right {
		constructor(...given) { given.length ? super(...given) : super(Right.now() + %[1]d); }
		static now() { return Right.now() + %[1]d; } } }`, off.Milliseconds()))
	return w
}

func TestACustomerOfSeveralStoresChoosesOne(t *testing.T) {
	t.Parallel()
	f := startFakeStores(t, gangnam(), brooklyn())
	w := startBrowser(t).open("the customer", "en", phoneWidth, phoneHeight)
	w.goTo(f.URL + "/")
	w.sees("#stores", "Gangnam")
	w.sees("#stores", "1 Teheran-ro")
	w.sees("#stores", "Open · about 10 min")
	w.accessible()
	w.fits()
	require.Empty(t, f.requests("/menu/"), "no store's menu before one is chosen")
	w.click("[data-store=gangnam] .pick")
	w.seesNo("#stores")
	w.sees("#store", "Gangnam")
	w.await(`document.title.startsWith("Gangnam · ")`, "the store in the title")
	w.await(`document.querySelector("#store a").href === "https://www.google.com/maps/search/?api=1&query=37.4979%2C127.0276"`, "a map")
	w.click(firstAdd)
	w.click(".drink:nth-child(2) .add")
	w.sees("#order", "Order at Gangnam · ₩5,500")
	w.sees("#cart-store", "At Gangnam")
	w.accessible()
	w.fits()

	// At another store one thing costs more, and another is not to be had.
	w.click("#change-store")
	w.click("[data-store=brooklyn] .pick")
	w.sees("#store-said", "₩2,500 at Brooklyn. Not to be had at Brooklyn: Caffè Latte")
	w.sees("#changed", "from ₩2,000 to ₩2,500")
	w.sees("#gone", "Caffè Latte")
	w.await(`document.querySelectorAll("#lines > li").length === 2 && document.querySelector("#order").disabled`, "a cart of which nothing is dropped")
	w.click("#lines li:nth-child(2) .remove")
	w.sees("#order", "Order at Brooklyn · ₩2,500")
	w.accessible()

	// The choice stays, in this tab and in others.
	w.reload()
	w.sees("#store", "Brooklyn")
	other := w.beside()
	other.goTo(f.URL + "/s/gangnam")
	other.sees("#store", "Gangnam")
	w.sees("#store", "Gangnam")
	w.sees("#order", "Order at Gangnam · ₩2,000")
	w.click("#order")
	w.sees("#headline", "about 10 min")
	w.sees(".store-line", "Gangnam")
	w.await(`document.title.includes("Gangnam")`, "the store in the title")
	w.accessible()
	f.mu.Lock()
	require.Equal(t, "gangnam", f.sent[len(f.sent)-1]["store"])
	f.mu.Unlock()
}

// beside opens another tab, which shares the window's storage.
func (w *window) beside() *window { w.t.Helper(); return (&chromium{t: w.t}).tab(w) }

func TestAStoreHasAnAddressOfItsOwn(t *testing.T) {
	t.Parallel()
	f := startFakeStores(t, gangnam(), brooklyn())
	w := startBrowser(t).open("the customer", "ko", tabletWidth, tabletHeight)
	w.goTo(f.URL + "/s/brooklyn")
	w.sees("#store", "Brooklyn")
	w.sees(".brand", "Brooklyn")
	w.await(`location.pathname === "/"`, "an address that a later choice does not contradict")
	w.sees(".drink", "2,500")
	w.accessible()
	w.fits()
	w.goTo(f.URL + "/s/nowhere")
	w.sees("#stores", "찾으시는 매장이 없어요")
	w.accessible()

	// By keyboard alone.
	w.await(`document.activeElement.id === "stores-title"`, "the focus in the list")
	w.await(`document.querySelectorAll("#stores .pick").length === 2`, "the list")
	w.do(`document.querySelector("#stores .pick").focus()`)
	w.run(chromedp.KeyEvent(kb.Enter))
	w.sees("#store", "Gangnam")

	// A store that is closed for good is no choice any more.
	f.mu.Lock()
	f.stores = f.stores[1:2:2]
	f.stores = append(f.stores, fields{"store": "jeju", "name": "Jeju", "time_zone": "Asia/Seoul", "open": false, "opens_at": nil, "closes_at": nil, "wait_minutes": nil})
	f.menus["jeju"] = f.menus["brooklyn"]
	f.mu.Unlock()
	w.reload()
	w.sees("#stores", "찾으시는 매장이 없어요")
	w.click("[data-store=jeju] .pick")
	w.sees("#store", "영업 종료")
	w.sees("#closed", "지금은 주문을 받지 않아요")
}

func TestDistancesAreToldToWhoeverAsks(t *testing.T) {
	t.Parallel()
	f := startFakeStores(t, gangnam(), brooklyn())
	w := startBrowser(t).open("the customer", "en", phoneWidth, phoneHeight)
	w.beforeLoad(`globalThis.located = 0; navigator.geolocation.getCurrentPosition = (found, failed) => {
		if (++located === 1) failed({ code: 1 });
		else found({ coords: { latitude: 40.7, longitude: -73.9 } }); }`)
	w.goTo(f.URL + "/")
	w.sees("#stores", "Gangnam")
	w.await(`located === 0 && document.querySelector("#stores li").dataset.store === "gangnam"`, "the owner's order")
	w.click("#near")
	w.sees("#stores", "Your browser does not say where you are")
	w.click("#near")
	w.await(`document.querySelector("#stores li").dataset.store === "brooklyn"`, "the nearest first")
	w.sees("[data-store=brooklyn]", "850 m")
	w.sees("[data-store=gangnam]", "11,001 km")
}

// A café with one store has nothing of stores on its pages, and browsers load nothing for it.
func TestACustomerOfOneStoreSeesNothingOfStores(t *testing.T) {
	t.Parallel()
	f := startFakeStores(t, gangnam())
	w := startBrowser(t).open("the customer", "en", phoneWidth, phoneHeight)
	w.goTo(f.URL + "/")
	w.click(firstAdd)
	w.sees("#order", "Order and pay ₩2,000")
	w.seesNo("#store, #cart-store, .of-store, #stores")
	require.Subset(t, []string{"GET /stores/main"}, f.requests("store"), "whom the customer pays, and nothing else")
	w.goTo(f.URL + "/s/gangnam")
	w.sees(".drink", "")
	w.goTo(f.URL + "/s/nowhere")
	w.sees("h1", "Page not found")
}

// The page follows the hours by itself, and says them as the store's clocks show them.
func TestAStoreThatIsClosedSaysWhenItOpens(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	f := startFakeStores(t, gangnam(), brooklyn())
	w := startBrowser(t).open("the customer", "en", phoneWidth, phoneHeight).inZone("Asia/Kolkata").withClock(-26 * time.Hour)
	w.goTo(f.URL + "/s/brooklyn")
	w.click(firstAdd)
	w.sees("#order", "Order at Brooklyn")
	now := time.Now().In(zone)
	morning := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, 8, 0, 0, 0, zone)
	}
	closed := func(at any) fields {
		return fields{"open": false, "opens_at": at, "closes_at": nil, "wait_minutes": nil}
	}
	for _, each := range []struct {
		opens any
		says  string
	}{
		{morning(1), "Opens tomorrow at 8:00\u00a0AM"},
		{morning(3), "Opens on " + morning(3).Weekday().String() + " at 8:00\u00a0AM"},
		{morning(40), "Opens on " + morning(40).Format("Jan 2, 2006") + " at 8:00\u00a0AM"},
		{nil, "Not taking orders now"},
	} {
		f.change("brooklyn", closed(each.opens))
		w.sees("#order", each.says)
		w.await(`document.querySelector("#order").disabled`, "no order")
	}
	w.sees("#store", "Closed")
	soon := time.Now().Add(20 * time.Minute)
	f.change("brooklyn", fields{"open": true, "opens_at": nil, "closes_at": soon, "wait_minutes": 5})
	w.sees("#closed", "Closes at "+clockTime(soon.In(zone))+". Please order before then.")
	w.sees("#order", "Order at Brooklyn")
	w.accessible()
}

// What an order's page counts down is right by the server's clock, and read on the store's.
func TestAnOrdersTimesAreTheStores(t *testing.T) {
	t.Parallel()
	f := startFakeStores(t, gangnam(), brooklyn())
	accepted := time.Now().Add(-2 * time.Minute)
	f.orders["ord_here"] = acceptedOrder("ord_here", "brooklyn", accepted, 10)
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	due, began := accepted.Truncate(time.Second).Add(10*time.Minute), accepted.Truncate(time.Second)
	shows := func(w *window) {
		w.await(fmt.Sprintf(`/about [5-8] min/.test(document.querySelector("#headline").textContent)
			&& document.querySelector("#headline").textContent.includes(%q)`, clockTime(due.In(zone))), "the minutes that are left")
	}
	b := startBrowser(t)
	for _, off := range []time.Duration{0, -40 * time.Minute, 40 * time.Minute, -30 * 24 * time.Hour} {
		w := b.open("the customer", "en", phoneWidth, phoneHeight).inZone("Asia/Seoul").withClock(off)
		w.goTo(f.URL + "/o/ord_here")
		shows(w)
		w.await(fmt.Sprintf(`[...document.querySelectorAll("#timeline time")].at(-1).textContent === %q`, clockTime(began.In(zone))), "today's time")
	}

	// Somebody sets the clock while the page is open.
	w := b.open("the customer", "en", phoneWidth, phoneHeight)
	w.goTo(f.URL + "/o/ord_here")
	shows(w)
	w.do(`{ const now = Date.now; Date.now = () => now() + 40 * 60_000; }`)
	require.Eventually(t, func() bool { return len(f.requests("HEAD /healthz")) > 0 }, patience, pollEvery, "the server is asked for the time again")
	shows(w)
}

// clockTime is a time as English pages write it.
func clockTime(at time.Time) string { return at.Format("3:04\u00a0PM") }

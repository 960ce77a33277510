package e2e_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

func TestPagesTellTheWholeStory(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer, staff := s.customer("en"), s.staff("en")
	customer.shoot("menu")
	customer.click(firstAdd)
	customer.click(firstAdd)
	customer.click(".drink:nth-child(3) .add")
	customer.fill("#phone", "010-1234-5678")
	customer.fill("#remark", "less ice, please")
	customer.sees("#total", "₩7,000")
	customer.fits()
	customer.do(`document.querySelector("#cart").scrollIntoView()`)
	customer.accessible()
	customer.click("#order")
	id := customer.orderID()
	customer.sees("#headline", "Waiting for the store")
	customer.sees("#connection", "Live")
	customer.sees("#number", "A-")
	customer.fits()

	staff.sees("#new .ticket", customer.textOf("#number"))
	staff.sees("#new .ticket", "2 × Ice Americano")
	staff.sees("#new .ticket .note", "less ice, please")
	staff.await(`document.title.startsWith("(1)")`, "the title to tell of a new order")
	staff.await(`document.body.dataset.rang`, "the sound")
	staff.click(accept5)
	customer.sees("#headline", "about 5 min")
	customer.sees("#too-late", "cannot be cancelled")
	customer.seesNo("#cancel")
	customer.shoot("order")
	customer.accessible()
	staff.click("#making [data-command=ready]")
	customer.sees("#headline", "Ready")
	staff.click("#ready [data-command=pick-up]")
	customer.sees("#headline", "Enjoy")
	customer.sees("#connection", "Final")
	staff.seesNo(".ticket")
	staff.await(`document.title.startsWith("Order board")`, "the title without a number")
	require.Equal(t, "picked_up", s.status(id))

	customer.goTo(s.Customer + "/dev")
	customer.sees(".bubble", "")
	customer.sees("#payments", "₩7,000")
	customer.accessible()
	customer.await(fmt.Sprintf(`document.querySelector('#texts a[href*="/namespaces/default/workflows/%s"]')`, id), "a link to the workflow")
	customer.await(fmt.Sprintf(`document.querySelector('#texts a[href="/o/%s"]')`, id), "a link to the order")
}

func TestPagesOnAWideWindow(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	items := [][]cafe.Item{
		{{Product: "IceAmericano", Qty: 2}, {Product: "CafeLatte", Qty: 1}}, {{Product: "MatchaLatte", Qty: 1}},
		{{Product: "Einspanner", Qty: 2}}, {{Product: "GrapefruitAde", Qty: 1}, {Product: "HotChocolate", Qty: 3}},
		{{Product: "CafeLatte", Qty: 2, Note: "foam on the side", Options: []cafe.Option{
			{Group: "temperature", Option: "iced"}, {Group: "milk", Option: "oat"}, {Group: "shots", Option: "extra_shot", Qty: 2},
		}}, {Product: "CafeLatte", Qty: 1}},
		{{Product: "CitronTea", Qty: 2, Options: []cafe.Option{{Group: "size", Option: "large"}}}},
	}
	for i, steps := range [][]string{{"accept", "ready"}, {"accept", "ready"}, {"accept"}, {"accept"}, {}, {}} {
		o, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: items[i], Phone: "+821012345678"}, "")
		require.NoError(t, err)
		_, err = s.Await(within(t), o.ID, func(o cafe.Order) bool { return o.PickupNumber != nil })
		require.NoError(t, err)
		for _, step := range steps {
			_, err := s.Act(within(t), o.ID, step, nil)
			require.NoError(t, err)
		}
	}
	staff := s.staff("en")
	staff.await(`document.querySelectorAll(".ticket .number").length === 6`, "all orders")
	staff.fits()
	staff.accessible()
	staff.shoot("board")
	staff.goTo(s.Store + "/store/manage") // whoever is signed in there is signed in here
	staff.sees(".item-row", "Cafe Latte")
	staff.click("[data-sorted=CaramelMacchiato] .switch")
	staff.sees("[data-sorted=CaramelMacchiato] .switch", "Sold out")
	staff.do(`document.activeElement.blur(); scrollTo({ top: 0, behavior: "instant" })`)
	staff.fits()
	staff.shoot("backoffice-menu")
	staff.visit("#item/CafeLatte")
	staff.sees(".preview .drink", "Cafe Latte")
	staff.fits()
	staff.shoot("backoffice-item")
	wide := s.browser.open("the customer", "en", tabletWidth, tabletHeight)
	wide.goTo(s.Customer + "/")
	wide.click(firstAdd)
	wide.click(".drink:nth-child(8) .add")
	wide.fits()
	wide.accessible()
	wide.shoot("menu-wide")
	wide.goTo(s.Customer + "/dev")
	wide.sees(".bubble", "")
	wide.sees("#payments", "₩")
	wide.fits()
	wide.shoot("dev")
}

func TestPagesSayWhoWonTheRace(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer, staff := s.customer("en"), s.staff("en")
	id := customer.order()
	staff.sees("#new .ticket", "A-")

	// The board is held back, so that the customer is faster than it can show.
	staff.do(`globalThis.pressLate = document.querySelector("#new [data-command=accept]")`)
	customer.click("#cancel")
	customer.click("#really")
	customer.sees("#headline", "cancelled")
	staff.do(`pressLate.click()`)
	staff.sees("#notices", "the customer cancelled first")
	staff.seesNo(".ticket")
	customer.sees("#money", "refunded")
	require.Equal(t, "cancelled", s.status(id))

	// The other way round: the customer's page has not heard of the accepting yet.
	customer.goTo(s.Customer + "/")
	id = customer.order()
	customer.sees("#number", "A-")
	customer.do(`globalThis.lateFetch = fetch; globalThis.fetch = async (path, options) => {
		if (String(path).endsWith("/cancel")) await new Promise((go) => { globalThis.go = go; });
		return lateFetch(path, options); }`)
	customer.click("#cancel")
	customer.click("#really")
	customer.await("globalThis.go", "the cancel on its way")
	staff.click(accept5)
	customer.sees("#headline", "about 5 min")
	customer.do("go()")
	customer.sees("#notice", "The store got to it first")
	require.Equal(t, "accepted", s.status(id))
}

func TestPagesOutliveTheServer(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer, staff, shopper := s.customer("en"), s.staff("en"), s.customer("en")
	customer.order()
	staff.sees("#new .ticket", "A-")
	customer.sees("#number", "A-")
	shopper.click(firstAdd)
	shopper.sees("#total", "₩")

	s.kill()
	customer.sees("#connection", "Offline")
	customer.sees("#stale", "This is how it stood at")
	staff.sees("#lost", "Connection lost")
	shopper.click("#order")
	shopper.sees("#notice", "will not order twice")
	s.up()
	customer.sees("#connection", "Live")
	customer.seesNo("#stale")
	staff.seesNo("#lost")
	staff.sees("#new .ticket", "A-")
	shopper.orderID()
	staff.await(`document.querySelectorAll("#new .ticket").length === 2`, "the order that was placed meanwhile")
	staff.click(accept5)
	customer.sees("#headline", "about 5 min")
}

func TestPagesSpeakKoreanAndEnglish(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.customer("ko-KR")
	customer.sees("h1", "무엇을 드릴까요")
	customer.sees(".drink", "아이스 아메리카노")
	customer.shoot("menu-ko")
	customer.click("nav a[lang=en]")
	customer.sees("h1", "What can we make you?")
	customer.sees(".drink", "Ice Americano")
	customer.goTo(s.Customer + "/member") // the choice is remembered
	customer.sees("h1", "Membership")
	staff := s.staff("ko-KR")
	customer.goTo(s.Customer + "/?lang=ko")
	id := customer.order()
	customer.sees("#headline", "매장에서 주문을 확인하고 있어요")
	staff.sees("#new .ticket", "접수")
	staff.accessible()
	staff.click("#new [data-command=reject]")
	staff.sees("#rejecting", "거절")
	staff.click("#rejecting .danger")
	customer.sees("#reason", "재료가 떨어졌어요")
	customer.sees("#money", "환불")
	require.Equal(t, "rejected", s.status(id))
}

// The weight of the first page, as a browser loads it, with nothing from anyone
// else.
func TestTheFirstPageIsLight(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.browser.open("the customer", "ko", phoneWidth, phoneHeight)
	var requests []string
	var mu sync.Mutex
	require.NoError(t, chromedp.Listen(w.ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			mu.Lock()
			defer mu.Unlock()
			requests = append(requests, e.Request.URL)
		}
	}))
	call(w, network.Enable, network.EnableParams{})
	w.goTo(s.Customer + "/")
	w.await(`document.images.length > 15`, "the menu")
	heights := func() []float64 {
		return ask[[]float64](w, `[...document.querySelectorAll(".drink")].map((d) => d.getBoundingClientRect().height)`)
	}
	before := heights()
	w.do(`document.querySelectorAll("img").forEach((i) => { i.loading = "eager"; })`)
	w.await(`[...document.images].every((i) => i.complete && i.naturalWidth)`, "all pictures")
	require.Equal(t, before, heights(), "pictures move what is below a finger")
	mu.Lock()
	defer mu.Unlock()
	var all, scripts weight
	for _, url := range requests {
		require.True(t, strings.HasPrefix(url, s.Customer), "a request to somebody else: %s", url)
		if strings.Contains(url, "/events") || strings.HasSuffix(url, ".svg") {
			continue
		}
		each := weigh(t, url)
		all = all.plus(each)
		if strings.HasSuffix(url, ".js") {
			scripts = scripts.plus(each)
		}
	}
	t.Logf("%d bytes, compressed %d, of which scripts are %d, compressed %d; in %d requests",
		all.plain, all.compressed, scripts.plain, scripts.compressed, len(requests))
	require.Less(t, all.plain, 100_000)
	require.Less(t, scripts.plain, 40_000)
	require.NotZero(t, scripts.compressed)
}

// weight is how many bytes something has, as it is written and as it is compressed on its way.
type weight struct{ plain, compressed int }

func (w weight) plus(other weight) weight {
	return weight{w.plain + other.plain, w.compressed + other.compressed}
}

func weigh(t *testing.T, url string) weight {
	t.Helper()
	body := bodyOf(t, url)
	var small bytes.Buffer
	z := gzip.NewWriter(&small)
	_, err := z.Write(body)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return weight{len(body), small.Len()}
}

func bodyOf(t *testing.T, url string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(within(t), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return body
}

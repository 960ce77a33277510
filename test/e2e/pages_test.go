package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

const (
	phoneWidth, phoneHeight   = 390, 844
	tabletWidth, tabletHeight = 1280, 860
)

// site is a running cafeforme at addresses that a restart keeps, and a browser.
type site struct {
	*process
	*cafe.Cafe
	t       *testing.T
	args    []string
	browser *chromium
}

func startSite(t *testing.T) *site {
	t.Helper()
	customer, store := "127.0.0.1:"+freePort(t), "127.0.0.1:"+freePort(t)
	s := &site{
		t: t, browser: startBrowser(t),
		Cafe: &cafe.Cafe{Customer: "http://" + customer, Store: "http://" + store, Token: "staff-token-of-the-tests"},
		args: []string{"dev", "--data-dir", t.TempDir(), "--addr", customer, "--store-addr", store, "--temporal-port", freePort(t), "--ui-port", freePort(t)},
	}
	s.up()
	return s
}

// up starts everything, also again.
func (s *site) up() {
	s.t.Helper()
	s.process = start(s.t, []string{env("CAFEFORME_STAFF_TOKEN", s.Token)}, s.args...)
	awaitReady(s.t, s.Customer)
	awaitReady(s.t, s.Store)
}

// customer opens the first page on a phone.
func (s *site) customer(language string) *window {
	s.t.Helper()
	w := s.browser.open("the customer", language, phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/")
	w.sees(".drink", "")
	return w
}

// staff opens the board and logs in.
func (s *site) staff(language string) *window {
	s.t.Helper()
	return s.logIn(s.browser.open("the staff", language, tabletWidth, tabletHeight))
}

// logIn opens the board in the window and logs in.
func (s *site) logIn(w *window) *window {
	s.t.Helper()
	w.goTo(s.Store + "/store")
	w.fill("#token", s.Token)
	w.click("#login button")
	w.sees("#board", "")
	w.await(`document.querySelector("#board").ariaBusy === "false"`, "the list of orders")
	return w
}

const (
	firstAdd = ".drink:nth-child(1) .add"
	accept5  = "#new .ticket [data-command=accept]"
)

// order puts a drink into the cart and orders it.
func (w *window) order() string {
	w.t.Helper()
	w.click(firstAdd)
	w.click("#order")
	return w.orderID()
}

func (s *site) status(id string) string {
	s.t.Helper()
	o, err := s.Order(within(s.t), id)
	require.NoError(s.t, err)
	return o.Status
}

func TestPagesTellTheWholeStory(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer, staff := s.customer("en"), s.staff("en")
	customer.shoot("menu")
	customer.click(firstAdd)
	customer.click(".drink:nth-child(1) .stepper button:last-child")
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
		{{Product: "ColdBrew", Qty: 1}}, {{Product: "CitronTea", Qty: 2}},
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
	customer.sees("#notice", "the store was faster")
	require.Equal(t, "accepted", s.status(id))
}

func TestOnePressOrdersOnce(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.customer("en")
	customer.click(firstAdd)
	customer.await(`!document.querySelector("#order").disabled`, "an order that can be placed")
	customer.do(`for (let i = 0; i < 5; i++) { document.querySelector("#order").click(); document.querySelector("#checkout").requestSubmit(); }`)
	customer.orderID()
	board, err := s.Board(within(t), "paid")
	require.NoError(t, err)
	require.Len(t, board, 1)

	// The answer gets lost, and the page is reloaded in the middle.
	customer.goTo(s.Customer + "/")
	customer.click(".drink:nth-child(2) .add")
	customer.do(`globalThis.realFetch = fetch; globalThis.fetch = async (path, options) => {
		const answer = await realFetch(path, options);
		if (path === "/orders") { globalThis.lost = true; throw new TypeError("lost"); }
		return answer; }`)
	customer.click("#order")
	customer.await("globalThis.lost", "an answer that gets lost")
	customer.sees("#notice", "will not order twice")
	customer.reload()
	customer.orderID()
	customer.sees("#items", "Hot Americano")
	board, err = s.Board(within(t), "paid")
	require.NoError(t, err)
	require.Len(t, board, 2)
	customer.goTo(s.Customer + "/")
	customer.sees("#empty", "Nothing here yet")
}

func TestADeclinedCardKeepsTheCart(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.customer("en")
	customer.click(firstAdd)
	customer.do(`document.querySelector("#payment_method").value = "pm_card_chargeDeclined"`)
	customer.click("#order")
	customer.sees("#notice", "declined")
	customer.sees("#lines", "Ice Americano")
	customer.reload()
	customer.sees("#lines", "Ice Americano")
	customer.click("#order") // the default card, after the reload
	require.Equal(t, "paid", s.status(customer.orderID()))
}

func TestSoldOutWhileInTheCart(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer, staff := s.customer("en"), s.staff("en")
	customer.click(firstAdd)
	customer.click(".drink:nth-child(2) .add")
	staff.click("summary")
	staff.click("[data-product=IceAmericano]")
	staff.sees("[data-product=IceAmericano]", "Sold out")
	customer.sees("#gone", "Ice Americano")
	customer.await(`document.querySelector("#order").disabled`, "no order with what is sold out")
	customer.click("#lines [data-sold-out] button")
	customer.sees("#order", "₩2,000")
	staff.click("[data-product=IceAmericano]")
	customer.sees(firstAdd, "Add")

	staff.click("#hours")
	customer.sees("#closed", "not taking orders")
	customer.await(`document.querySelector("#order").disabled`, "no order while the store is closed")
	staff.sees("#paused", "paused")
	staff.click("#hours")
	customer.seesNo("#closed")
	customer.click("#order")
	require.Equal(t, "paid", s.status(customer.orderID()))
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
	customer.sees("#headline", "매장의 확인을 기다리고 있습니다")
	staff.sees("#new .ticket", "받기")
	staff.accessible()
	staff.click("#new [data-command=reject]")
	staff.sees("#rejecting", "거절")
	staff.click("#rejecting .danger")
	customer.sees("#reason", "재료가 떨어졌습니다")
	customer.sees("#money", "환불")
	require.Equal(t, "rejected", s.status(id))
}

func TestMembersOnTheirPage(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.browser.open("the member", "en", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/member")
	w.sees("#phone", "")
	w.accessible()
	number := s.enter(w, "Mina")
	w.sees("#balance", "0")
	w.sees("#no-orders", "No orders yet")

	w.goTo(s.Customer + "/")
	w.await(fmt.Sprintf(`document.querySelector("#membership_number").value === %q`, number), "the membership number")
	id := w.order()
	_, err := s.Act(within(t), id, "accept", map[string]any{"eta_minutes": 5})
	require.NoError(t, err)
	w.sees("#points", "100 points")
	w.goTo(s.Customer + "/member")
	w.sees("#orders", "Ice Americano × 1")
	require.Eventually(t, func() bool {
		w.reload()
		w.sees("#orders", "Ice Americano")
		return w.textOf("#balance") == "100"
	}, patience, pollEvery)
	w.sees("#entries", "+100")
	w.fits()
	w.accessible()
	w.shoot("member")
	w.click("#orders button")
	w.sees("#lines", "Ice Americano × 1")
	w.seesNo("#notice")
	w.goTo(s.Customer + "/member")
	w.click("#orders button")
	w.sees("#lines", "Ice Americano × 2")
	w.sees("#notice", "Added to what was in your order")
}

func TestABoardOfAHundredOrders(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	for i := range 100 {
		items := []cafe.Item{{Product: "IceAmericano", Qty: i%3 + 1}, {Product: "CafeLatte", Qty: 1}}
		_, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: items[:i%2+1]}, "")
		require.NoError(t, err)
	}
	staff := s.staff("en")
	staff.await(`document.querySelectorAll("#new .ticket").length === 100`, "a hundred orders")
	staff.await(`[...document.querySelectorAll("#new .number")].every((n) => /^[A-Z]-\d+$/.test(n.textContent))`, "all numbers")
	board, err := s.Board(within(t), "paid")
	require.NoError(t, err)
	require.Equal(t, ids(board), ask[[]string](staff, `[...document.querySelectorAll("#new .ticket")].map((e) => e.dataset.id)`), "oldest first")
	staff.accessible()
	for _, tablet := range [][2]int64{{1280, 800}, {1024, 768}, {768, 1024}} {
		staff.resize(tablet[0], tablet[1])
		staff.fits()
		staff.await(`(() => { const view = document.querySelector("#new"), fourth = view.querySelector(".ticket:nth-child(4)").getBoundingClientRect();
			return view.scrollWidth <= view.clientWidth && fourth.bottom <= Math.min(view.getBoundingClientRect().bottom, innerHeight); })()`, "four orders to be seen at once")
		staff.await(`(() => { const tops = [...document.querySelectorAll("#new .ticket:first-child .actions button")].map((b) => b.offsetTop);
			return tops.length === 4 && new Set(tops).size === 1; })()`, "all buttons in one row")
	}
	staff.resize(tabletWidth, tabletHeight)

	// By keyboard alone: down to the second order, on to its first button, accept.
	second, third := staff.textOf("#new .ticket:nth-child(2) .number"), staff.textOf("#new .ticket:nth-child(3) .number")
	staff.do(`document.querySelector("#new").focus()`)
	staff.run(chromedp.KeyEvent(kb.ArrowDown+kb.ArrowDown), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	staff.sees("#making .ticket .number", second)
	require.Equal(t, third, ask[string](staff, `document.activeElement.closest(".ticket").querySelector(".number").textContent`), "the next order has the focus")

	// In the middle of the list, where an order that leaves must move nothing else.
	staff.await(`!document.querySelector("[data-moved]")`, "a list that has come to rest")
	staff.do(`document.querySelector("#new .ticket:nth-child(50)").scrollIntoView({ block: "center", behavior: "instant" })`)
	staff.await(`globalThis.where === (globalThis.where = document.querySelector("#new").scrollTop)`, "a list that is not scrolled any more")
	tapped := staff.textOf("#new .ticket:nth-child(50) .number")
	staff.click("#new .ticket:nth-child(50) [data-command=accept]")
	staff.sees("#making .ticket .number", tapped)
	require.InDelta(t, ask[float64](staff, "where"), ask[float64](staff, `document.querySelector("#new").scrollTop`), 1)
}

// Orders move up when one leaves. A finger that comes down right then meant the
// one that was there.
func TestWhatHasJustMovedIsNotPressed(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	ids := make([]string, 5)
	for i := range ids {
		o, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
		require.NoError(t, err)
		_, err = s.Await(within(t), o.ID, func(o cafe.Order) bool { return o.PickupNumber != nil })
		require.NoError(t, err)
		ids[i] = o.ID
	}
	staff := s.staff("en")
	shows := func(first string) {
		staff.await(fmt.Sprintf(`document.querySelector("#new .ticket").dataset.id === %q`, first), "the next order in the first place")
	}
	shows(ids[0])
	staff.await(`!document.querySelector("[data-moved]")`, "a board at rest")
	// The moment lasts until the test lets it pass.
	staff.do(`globalThis.held = []; const later = setTimeout; globalThis.setTimeout = (f, ms) => ms === 400 ? held.push(f) : later(f, ms)`)
	staff.do(`globalThis.sent = []; const send = fetch; globalThis.fetch = (path, options) => {
		if (options.method === "POST") sent.push(path.replace("/store/orders/", ""));
		return send(path, options); }`)
	pass := func() { staff.do(`held.splice(0).forEach((f) => f())`) }

	// The second tap of a double tap.
	staff.click(accept5)
	at := ask[[]float64](staff, "pressedAt")
	shows(ids[1])
	staff.press(at[0], at[1], 2)

	// Another tablet was faster.
	_, err := s.Act(within(t), ids[1], "accept", map[string]any{"eta_minutes": 5})
	require.NoError(t, err)
	shows(ids[2])
	staff.press(at[0], at[1], 1)

	// A notice pushes everything down, and goes.
	pass()
	staff.do(`globalThis.pressLate = document.querySelector("#new [data-command=accept]")`)
	_, err = s.Act(within(t), ids[2], "reject", map[string]any{"reason": "too late"})
	require.NoError(t, err)
	shows(ids[3])
	pass()
	staff.do(`pressLate.click()`)
	staff.sees("#notices .notice", "")
	below := ask[[]float64](staff, `(() => { const box = document.querySelector("#new [data-command=accept]").getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()`)
	require.Greater(t, below[1], at[1])
	staff.press(below[0], below[1], 1)
	pass()

	// The dialog opens where the finger is.
	staff.click("#new [data-command=reject]")
	staff.sees("#rejecting", "")
	end := ask[[]float64](staff, `(() => { const box = document.querySelector("#rejecting .danger").getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()`)
	staff.press(end[0], end[1], 2)
	staff.sees("#rejecting", "")
	pass()
	staff.click("#rejecting .danger")
	staff.seesNo("#rejecting")
	shows(ids[4])
	pass()

	// Whoever presses after that means it.
	staff.click(accept5)
	staff.await(`!document.querySelector("#new .ticket") && !document.querySelector("[data-busy]")`, "the last order to leave")
	require.Equal(t, []string{ids[0] + "/accept", ids[2] + "/accept", ids[3] + "/reject", ids[4] + "/accept"}, ask[[]string](staff, "sent"))
}

// Whoever waits for an answer, or for longer than was promised, is marked.
func TestLateOrdersAreMarked(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer, staff := s.customer("en"), s.staff("en")
	customer.order()
	staff.click(accept5)
	staff.sees("#making .ticket", "due")
	customer.goTo(s.Customer + "/")
	customer.order()
	staff.sees("#new .ticket", "A-")
	marks := func() []string {
		return ask[[]string](staff, `[...document.querySelectorAll(".age")].map((a) => a.dataset.late)`)
	}
	require.Equal(t, []string{"false", "false"}, marks())
	staff.do(`const now = Date.now; Date.now = () => now() + 6 * 60_000`)
	customer.goTo(s.Customer + "/")
	customer.order() // which has the board look at the clock
	staff.await(`document.querySelectorAll("#new .ticket").length === 2`, "another order")
	require.Equal(t, []string{"true", "true", "true"}, marks())
}

func TestStaffWithoutASession(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer, staff := s.customer("en"), s.browser.open("the staff", "en", tabletWidth, tabletHeight)
	staff.goTo(s.Store + "/store")
	staff.fill("#token", "a wrong token")
	staff.click("#login button")
	staff.sees("#login-notice", "The token is wrong")
	staff.await(`document.activeElement.id === "token" && document.activeElement.ariaInvalid === "true"`, "the field to blame")
	staff.accessible()
	s.logIn(staff)
	staff.await(`document.activeElement.id === "new"`, "the focus on the new orders")
	id := customer.order()
	staff.sees("#new .ticket", "A-")
	staff.click("#new [data-command=reject]")
	staff.sees("#rejecting", "Reject order A-")
	staff.accessible()

	// The session ends while the reason is chosen.
	call(staff, network.ClearBrowserCookies, cdp.Empty{})
	staff.click("#rejecting .danger")
	staff.sees("#login-notice", "You were logged out")
	staff.seesNo("#rejecting")
	require.Equal(t, "paid", s.status(id))
	s.logIn(staff)
	staff.sees("#new .ticket", "A-")

	call(staff, network.ClearBrowserCookies, cdp.Empty{})
	staff.click("summary")
	staff.click("[data-product=IceAmericano]")
	staff.sees("#login-notice", "You were logged out")
}

func TestTheSoundOfANewOrder(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer, staff := s.customer("en"), s.staff("en")
	staff.sees("#sound", "Sound on")
	customer.order()
	staff.await(`document.body.dataset.rang === "1"`, "the sound")

	// A browser keeps a page silent until it is touched again.
	staff.reload()
	staff.sees("#sound", "Tap for sound")
	staff.sees("#silent", "Tap anywhere to turn the sound on")
	staff.accessible()
	staff.click("#new-title")
	staff.sees("#sound", "Sound on")
	staff.seesNo("#silent")
	customer.goTo(s.Customer + "/")
	customer.order()
	staff.await(`document.body.dataset.rang === "1"`, "the sound after the reload")
	staff.click("#sound")
	staff.sees("#sound", "Sound off")
}

// The pages as people see them in the dark, on a phone, and when things go wrong.
func TestTheBoardOnItsBadDays(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	dark := []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}, {Name: "prefers-color-scheme", Value: "dark"}}
	customer, staff := s.customer("en"), s.staff("en")
	for _, w := range []*window{customer, staff} {
		call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: dark})
	}
	customer.accessible()
	customer.order()
	customer.sees("#number", "A-")
	customer.accessible()
	staff.sees("#new .ticket", "A-")
	staff.accessible()
	staff.click("summary")
	staff.click("[data-product=IceAmericano]")
	staff.sees("[data-product=IceAmericano]", "Sold out")
	staff.click("#hours")
	staff.sees("#paused", "paused")
	staff.accessible()
	staff.resize(phoneWidth, phoneHeight)
	staff.await(`new Set([...document.querySelectorAll(".switch")].map((e) => e.offsetWidth)).size === 1`, "switches of one width")
	staff.fits()
	s.kill()
	staff.sees("#connection", "Offline")
	staff.sees("#lost", "nothing is lost")
	staff.fits()
	staff.accessible()
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
	w.do(`document.querySelectorAll("img").forEach((i) => { i.loading = "eager"; })`)
	w.await(`[...document.images].every((i) => i.complete && i.naturalWidth)`, "all pictures")
	mu.Lock()
	defer mu.Unlock()
	total, scripts := 0, 0
	for _, url := range requests {
		require.True(t, strings.HasPrefix(url, s.Customer), "a request to somebody else: %s", url)
		if strings.Contains(url, "/events") {
			continue
		}
		size := sizeOf(t, url)
		total += size
		if strings.HasSuffix(url, ".js") {
			scripts += size
		}
	}
	t.Logf("%d bytes, of which %d are scripts, in %d requests", total, scripts, len(requests))
	require.Less(t, total, 100_000)
	require.Less(t, scripts, 30_000)
	require.NotZero(t, scripts)
}

func sizeOf(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(within(t), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return len(body)
}

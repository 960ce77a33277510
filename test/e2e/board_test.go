package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

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
	staff.do(`for (const clock of [Date, performance]) { const now = clock.now.bind(clock); clock.now = () => now() + 6 * 60_000; }`)
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
	staff.pause("forever")
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

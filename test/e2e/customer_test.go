package e2e_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// hide makes the tab believe that another one is in front of it, or no more.
func (w *window) hide(hidden bool) {
	w.t.Helper()
	w.do(fmt.Sprintf(`Object.defineProperty(document, "hidden", { configurable: true, get: () => %t }); document.dispatchEvent(new Event("visibilitychange"))`, hidden))
}

// focused waits until what the selector finds has the focus.
func (w *window) focused(selector string) {
	w.t.Helper()
	w.await(fmt.Sprintf(`document.activeElement?.matches(%s)`, quoted(selector)), "the focus on "+selector)
}

// blames waits until a field is marked, and described by what is wrong with it.
func (w *window) blames(field, text string) {
	w.t.Helper()
	w.await(fmt.Sprintf(`(() => { const f = document.querySelector(%s), p = document.getElementById(f.getAttribute("aria-describedby"));
		return f.ariaInvalid === "true" && f === document.activeElement && p?.checkVisibility() && p.textContent.includes(%s); })()`, quoted(field), quoted(text)),
		fmt.Sprintf("%q at %s", text, field))
}

func TestATextLeadsToItsOrder(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	o, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}, Phone: "+821012345678"}, "")
	require.NoError(t, err)
	w := s.browser.open("the developer", "en", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/dev")
	w.sees(".bubble a", s.Customer+"/o/"+o.ID)
	w.click(".bubble a")
	w.sees("#headline", "Waiting for the store")
	require.Equal(t, s.Customer+"/o/"+o.ID, w.address())
}

func TestWhatWasTypedStays(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.customer("en")
	w.click(firstAdd)
	w.fill("#phone", "010-1234-5678")
	w.fill("#membership_number", "M-none")
	w.fill("#remark", "less ice, please")
	w.click("#cards summary")
	w.run(chromedp.SendKeys(chromedp.CSS("#payment_method"), kb.ArrowDown))
	method := ask[string](w, `document.querySelector("#payment_method").value`)
	w.click("nav a[lang=ko]")
	w.sees("h1", "무엇을 드릴까요")
	for field, value := range map[string]string{"#phone": "010-1234-5678", "#membership_number": "M-none", "#remark": "less ice, please", "#payment_method": method} {
		w.await(fmt.Sprintf(`document.querySelector(%q).value === %q`, field, value), field)
	}
	require.False(t, w.is(`JSON.stringify(localStorage).includes("1234-5678")`), "a phone number is kept for good")
	other := s.browser.tab(w)
	other.goTo(s.Customer + "/")
	other.sees("#lines", "×")
	require.Empty(t, ask[string](other, `document.querySelector("#phone").value`), "another tab knows the phone")
}

func TestHiddenTabsLeaveRoomForOthers(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	o, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(t, err)
	first := s.customer("en")
	tabs := []*window{first}
	for len(tabs) < 6 { // as many as there are connections
		tabs = append(tabs, s.browser.tab(first))
	}
	for _, tab := range tabs {
		tab.goTo(s.Customer + "/o/" + o.ID)
		tab.sees("#connection", "Live")
	}
	for _, tab := range tabs {
		tab.hide(true)
	}
	seventh := s.browser.tab(first)
	seventh.goTo(s.Customer + "/o/" + o.ID)
	seventh.sees("#connection", "Live")
	for _, tab := range tabs {
		tab.sees("#connection", "Reconnecting")
		tab.await(`!document.title.includes("Paid")`, "a title without a state that may have changed")
	}
	_, err = s.Act(within(t), o.ID, "accept", map[string]any{"eta_minutes": 5})
	require.NoError(t, err)
	first.do(`globalThis.seen = []; new MutationObserver(() => seen.push(document.querySelector("#connection").dataset.state + " " + document.querySelector("#main").dataset.status))
		.observe(document.body, { subtree: true, childList: true, attributes: true })`)
	first.hide(false)
	first.sees("#headline", "about 5 min")
	first.sees("#connection", "Live")
	require.NotContains(t, ask[[]string](first, "seen"), "live paid", "a stale state as if it were live")
}

func TestSigningOutLeavesNothingBehind(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.browser.open("the member", "en", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/member")
	w.fill("#phone", "nonsense")
	w.click("#ask-code button")
	w.blames("#phone", "check the phone number")
	w.accessible()
	w.fill("#phone", "010-9876-5432")
	w.await(`!document.querySelector("#phone").ariaInvalid`, "a field that is not blamed any more")
	w.click("#ask-code button")
	w.focused("#code")
	w.fill("#name", "Mina")
	w.fill("#code", codesOf(t, s.Cafe, "+821098765432", 1)[0])
	w.click("#sign-in button")
	w.focused("#points-title")
	number := w.textOf("#member-number")
	require.NotEmpty(t, number)

	other, shopping := s.browser.tab(w), s.browser.tab(w)
	other.goTo(s.Customer + "/member")
	other.sees("#member-number", number)
	shopping.goTo(s.Customer + "/")
	shopping.click(firstAdd)
	shopping.await(fmt.Sprintf(`document.querySelector("#membership_number").value === %q`, number), "the member's number")
	w.click("#sign-out")
	w.sees("#notice", "signed out")
	w.focused("#headline")
	for _, tab := range []*window{w, other, shopping} {
		tab.await(fmt.Sprintf(`![document.body.textContent, ...[...document.querySelectorAll("input")].map((i) => i.value)].some((text) => /Mina|9876/.test(text) || text.includes(%q))`, number),
			"nothing of the member's")
	}
	other.sees("#ask-code", "")

	w.fill("#phone", "010-9876-5432")
	w.click("#ask-code button")
	w.focused("#code")
	w.fill("#code", "1")
	w.click("#sign-in button")
	w.blames("#code", "digits")
	w.reload() // as a phone does whose owner has looked at the text
	w.fill("#code", codesOf(t, s.Cafe, "+821098765432", 2)[1])
	w.click("#sign-in button")
	w.focused("#points-title")
	other.sees("#member-number", number)
}

func TestTheMemberPageTriesAgain(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.browser.open("the member", "en", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/member")
	s.enter(w, "Mina")
	w.beforeLoad(`globalThis.really = fetch; globalThis.fetch = () => Promise.reject(new TypeError("away"))`)
	w.reload()
	w.sees("#notice", "keeps trying")
	w.accessible()
	w.do(`globalThis.fetch = really`)
	w.click("#retry")
	w.sees("#balance", "0")
	w.seesNo("#notice")
}

func TestAnUnknownOrderIsNotFound(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	address := s.Customer + "/o/ord_doesnotexist"
	request, err := http.NewRequestWithContext(within(t), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusNotFound, response.StatusCode)
	w := s.browser.open("the lost one", "en", phoneWidth, phoneHeight)
	w.goTo(address)
	w.sees("h1", "Order not found")
	w.sees("#missing [lang=ko]", "주문을 찾을 수 없어요")
	w.await(`document.title.startsWith("Order not found")`, "a title that says so")
	w.seesNo("#connection")
	w.fits()
	w.accessible()
	w.click("#missing .button")
	w.sees(".drink", "")
}

func TestTheMenuSaysThatTheServerIsAway(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.customer("en")
	require.NoError(t, s.SetOpen(within(t), false))
	w.sees("#closed", "not taking orders")
	w.accessible()
	require.NoError(t, s.SetOpen(within(t), true))
	w.seesNo("#closed")
	dark(w)
	w.click(firstAdd)
	w.accessible()
	s.kill()
	w.sees("#away", "Connection lost")
	w.accessible()
	s.up()
	w.sees("#connection", "Live")
	w.seesNo("#away")
}

// dark is a window of somebody who likes it dark.
func dark(w *window) {
	w.t.Helper()
	call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-reduced-motion", Value: "reduce"}, {Name: "prefers-color-scheme", Value: "dark"},
	}})
	w.await(`matchMedia("(prefers-color-scheme: dark)").matches`, "the dark")
}

func TestAnOrderOfAnotherTabComesFirst(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.customer("en")
	w.click(firstAdd)
	w.do(`globalThis.realFetch = fetch; globalThis.fetch = async (path, options) => {
		if (path === "/orders") { globalThis.lost++; throw new TypeError("lost"); }
		return realFetch(path, options); }`)
	w.do(`globalThis.lost = 0; const later = setTimeout; globalThis.setTimeout = (f, ms) => later(f, Math.min(ms, 100))`)
	other := s.browser.tab(w)
	other.goTo(s.Customer + "/")
	w.click("#order")
	w.await("lost > 0", "an order that does not get through")
	other.click(".drink:nth-child(3) .add")
	other.do(`globalThis.realFetch = fetch; globalThis.fetch = async (path, options) => {
		if (path === "/orders") await new Promise((go) => { globalThis.go = go; });
		return realFetch(path, options); }`)
	other.click("#order")
	other.sees("#notice", "earlier order")
	other.await("globalThis.go", "the earlier order on its way")
	other.do("go()")
	other.orderID()
	other.await(`document.querySelectorAll("#items li").length === 1`, "the earlier order alone")
	w.do("lost = 0")
	w.await("lost > 1", "the first tab to try on")
	require.True(t, ask[bool](other, `localStorage.getItem("cafeforme.attempt") === null`), "an order that was placed waits for its answer again")
	other.goTo(s.Customer + "/")
	require.NotContains(t, other.textOf("#lines"), "Americano", "what was ordered is still in the cart")
	other.sees("#lines", "× 1")
}

package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

const (
	latte      = ".drink:nth-child(3)"
	plainLatte = latte + " .add"
	openLatte  = latte + " .open"
)

// option is where the sheet has an option, or one of its buttons.
func option(group, option string, button ...string) string {
	return fmt.Sprintf(`[id=%q]`, strings.Join(append([]string{"option", group, option}, button...), "/"))
}

// makeLatte has the open sheet make an iced latte with oat milk and two shots.
func (w *window) makeLatte() {
	w.t.Helper()
	w.sees("#sheet", "")
	w.click(option("temperature", "iced"))
	w.click(option("milk", "oat"))
	w.click(option("shots", "extra_shot", "more"))
	w.click(option("shots", "extra_shot", "more"))
	w.sees("#sheet-add", "4,500")
}

func (w *window) texts(selector string) []string {
	w.t.Helper()
	return ask[[]string](w, fmt.Sprintf(`[...document.querySelectorAll(%s)].map((e) => e.innerText.trim())`, quoted(selector)))
}

// sell changes what the store's menu says of an item or an option.
func (s *site) sell(path string, body string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(within(s.t), http.MethodPut, s.Store+"/store/"+path, strings.NewReader(body))
	require.NoError(s.t, err)
	request.Header.Set("Authorization", "Bearer "+s.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	require.Equal(s.t, http.StatusOK, response.StatusCode)
}

// A latte made in a special way, twice, and a plain one are three drinks on two lines, which
// the barista reads in the board's language.
func TestDrinksWithOptionsReachTheBoard(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	boards := map[string]*window{"en": s.staff("en"), "ko": s.staff("ko")}
	for _, c := range []struct {
		language      string
		width, height int64
	}{{"en", phoneWidth, phoneHeight}, {"ko", tabletWidth, tabletHeight}, {"ko", phoneWidth, phoneHeight}, {"en", tabletWidth, tabletHeight}} {
		w := s.browser.open(fmt.Sprintf("the customer (%s, %d)", c.language, c.width), c.language, c.width, c.height)
		w.goTo(s.Customer + "/")
		w.click(openLatte)
		w.makeLatte()
		w.fits()
		w.accessible()
		w.click("#sheet-more")
		w.sees("#sheet-add", "9,000")
		if c.language == "en" && c.width == phoneWidth {
			w.shoot("sheet")
		}
		w.click("#sheet-add")
		w.seesNo("#sheet")
		w.click(plainLatte)
		w.sees("#total", "12,000")
		require.Len(t, w.texts("#lines > li"), 2)
		w.do(`document.querySelector("#cart").scrollIntoView({ behavior: "instant" })`)
		w.fits()
		w.accessible()
		if c.language == "en" && c.width == phoneWidth {
			w.shoot("cart")
		}
		w.click("#order")
		id := w.orderID()
		w.sees("#items", map[string]string{"en": "Extra shot × 2 (+₩1,000)", "ko": "샷 추가 × 2 (+1,000원)"}[c.language])
		w.sees("#total", "12,000")
		w.accessible()

		for language, board := range boards {
			ticket := fmt.Sprintf(`#new [data-id=%q]`, id)
			board.sees(ticket+" .number", "A-")
			require.Equal(t, []string{"2 ×", "1 ×"}, board.texts(ticket+" .qty"))
			require.Equal(t, map[string][]string{
				"en": {"▸ Iced", "▸ Oat milk", "▸ 2 × Extra shot"}, "ko": {"▸ 차갑게", "▸ 오트", "▸ 2 × 샷 추가"},
			}[language], board.texts(ticket+" .chosen li"))
		}
	}
	for _, board := range boards {
		board.fits()
		board.accessible()
	}
}

// What sells out in the cart holds the order up, and the line says what it is.
func TestAnOptionThatSellsOutInTheCart(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer, staff := s.customer("en"), s.staff("en")
	customer.click(openLatte)
	customer.makeLatte()
	customer.click("#sheet-add")
	customer.click(openLatte) // somebody who is choosing right now
	customer.click(option("milk", "oat"))
	staff.click("summary")
	staff.click("[data-option=oat]")
	staff.sees("[data-option=oat]", "Sold out")
	customer.sees("#sheet-said", "Oat milk is sold out")
	customer.await(`document.querySelector('[id="option/milk/oat"]').disabled`, "an option that cannot be chosen")
	customer.click("#sheet-add")
	customer.sees("#sheet fieldset[data-group=milk] .problem", "choose one")
	customer.accessible()
	customer.run(chromedp.KeyEvent(kb.Escape))
	customer.seesNo("#sheet")
	customer.await(`document.activeElement.matches(".open")`, "the focus where it was")

	customer.sees("#gone", "Cafe Latte (Oat milk is sold out)")
	customer.sees("#lines .problem", "Oat milk is sold out")
	customer.await(`document.querySelector("#order").disabled`, "no order with what is sold out")
	customer.accessible()
	customer.click("#lines .edit")
	customer.sees("#sheet-said", "Oat milk is sold out")
	customer.click(option("milk", "soy"))
	customer.click("#sheet-add")
	customer.seesNo("#gone")
	customer.await(`document.activeElement.matches("#lines .edit")`, "the focus on the line")
	customer.click("#order")
	customer.sees("#items", "Soy milk")
}

// A price that changes in the cart is said, and what the page says is what the server asks for.
func TestAPriceThatChangesBeforeTheCustomersEyes(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.customer("en")
	customer.click(openLatte)
	customer.makeLatte()
	customer.click("#sheet-add")
	s.sell("menu/CafeLatte", `{"price":{"amount":3300,"currency":"KRW"}}`)
	customer.sees("#changed", "Cafe Latte: the price has changed from ₩4,500 to ₩4,800")
	customer.sees("#order", "₩4,800")
	customer.reload()
	customer.sees("#changed", "from ₩4,500 to ₩4,800")
	customer.click("#lines .more")
	customer.seesNo("#changed")
	customer.sees("#total", "₩9,600")
	customer.do(`fetch("/orders/quote", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({
		items: JSON.parse(localStorage.getItem("cafeforme.cart")).map(({ product, qty, options, price }) => ({
			product, qty, price, options: options.map(({ group, option, qty }) => ({ group, option, qty })) })),
	}) }).then((r) => r.json()).then((quote) => { globalThis.quoted = quote.total.amount; })`)
	customer.await("globalThis.quoted === 9600", "the total that the server says")
	customer.click("#order")
	o, err := s.Order(within(t), customer.orderID())
	require.NoError(t, err)
	require.Equal(t, int64(9600), o.Total.Amount)
}

// An order can be ordered again, also when not all of it is to be had any more: nothing of it
// is left out without a word.
func TestOrderingAgainWhatIsNotTheSameAnyMore(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(strings.Replace(fed, "/events", "/menu/events", 1))
	customer.goTo(s.Customer + "/")
	shows := func(change string) {
		customer.await("globalThis.feed", "a stream")
		customer.asks("given", "/menu?lang=en")
		customer.do(change + `; feed("menu", given)`)
	}
	shows("")
	customer.click(openLatte)
	customer.makeLatte()
	customer.click("#sheet-add")
	customer.click(firstAdd)
	customer.click(".drink:nth-child(2) .add")
	customer.click("#order")
	id := customer.orderID()
	_, err := s.Act(within(t), id, "reject", map[string]any{"reason": "busy"})
	require.NoError(t, err)
	s.sell("menu/HotAmericano", `{"price":{"amount":2500,"currency":"KRW"}}`)
	customer.click("#again")
	shows(`given.groups.find((g) => g.group === "milk").options = given.groups.find((g) => g.group === "milk").options.filter((o) => o.option !== "oat");
		given.items = given.items.filter((i) => i.product !== "IceAmericano")`)
	customer.sees("#changed", "Hot Americano: the price has changed from ₩2,000 to ₩2,500")
	customer.sees("#gone", "Cafe Latte (Oat milk is no longer offered), Ice Americano (no longer on the menu)")
	require.Len(t, customer.texts("#lines > li"), 3)
	customer.await(`document.querySelector("#order").disabled`, "no order of what is gone")
	customer.accessible()
	customer.click("#lines [data-sold-out] .remove")
	customer.click("#lines .edit")
	customer.sees("#sheet-said", "Oat milk is no longer offered")
	customer.click(option("milk", "whole"))
	customer.click("#sheet-add")
	customer.seesNo("#gone")
	customer.click("#order")
	again := customer.orderID()
	require.NotEqual(t, id, again)
	o, err := s.Order(within(t), again)
	require.NoError(t, err)
	require.Equal(t, int64(6500), o.Total.Amount)
}

// Two tabs fill one cart. What is put in after the press stays for another order.
func TestTwoTabsFillOneCart(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	one := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	one.beforeLoad(controls)
	one.goTo(s.Customer + "/")
	one.click(openLatte)
	one.makeLatte()
	one.click("#sheet-add")
	other := s.browser.tab(one)
	other.goTo(s.Customer + "/")
	other.sees("#lines", "Cafe Latte × 1")
	other.click(plainLatte)
	one.await(`document.querySelectorAll("#lines > li").length === 2`, "what the other tab has put in")
	one.do(`globalThis.tamper = async (path) => { if (path === "/orders") await hold; }`)
	one.click("#order")
	one.await(`asked.includes("POST /orders")`, "the order on its way")
	other.click(plainLatte)
	other.click(firstAdd)
	one.do("release()")
	one.orderID()
	one.await(`document.querySelectorAll("#items > li").length === 2`, "the lines that were ordered")
	other.await(`document.querySelectorAll("#lines > li").length === 2`, "what was put in later")
	require.Equal(t, []string{"Cafe Latte × 1", "Ice Americano × 1"}, other.texts("#lines .what"))
}

// A cart that an earlier release has left has only products and quantities.
func TestACartOfAnEarlierReleaseIsTakenOver(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.customer("en")
	w.do(`localStorage.setItem("cafeforme.cart", JSON.stringify({ IceAmericano: 2, CafeLatte: 1, Gone: 1 }))`)
	w.reload()
	w.sees("#lines", "Ice Americano × 2")
	w.sees("#lines", "Whole milk")
	w.sees("#gone", "Gone (no longer on the menu)")
	w.click("#lines [data-sold-out] .remove")
	w.click(plainLatte)
	w.sees("#lines", "Cafe Latte × 2")
	w.click("#order")
	o, err := s.Order(within(t), w.orderID())
	require.NoError(t, err)
	require.Equal(t, int64(10_000), o.Total.Amount)
	w.goTo(s.Customer + "/")
	w.sees("#empty", "Nothing here yet")
}

// Who always has the same is offered it: two presses, and it is paid.
func TestTheUsualIsOnePress(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.customer("en")
	w.seesNo(".usual")
	w.click(openLatte)
	w.makeLatte()
	w.click("#sheet-add")
	w.click("#order")
	w.orderID()
	w.goTo(s.Customer + "/")
	w.sees(latte+" .usual", "Same as last time: Regular · Iced · Oat milk (+₩500) · Extra shot × 2 (+₩1,000)")
	w.accessible()
	w.click(latte + " .usual")
	w.click("#order")
	o, err := s.Order(within(t), w.orderID())
	require.NoError(t, err)
	require.Equal(t, int64(4500), o.Total.Amount)
	s.sell("options/milk/oat", fmt.Sprintf(`{"available":false,"until":%q}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
	w.goTo(s.Customer + "/")
	w.sees(".drink", "")
	w.seesNo(".usual")
}

// The sheet closes as people expect it to, and the chips lead to their categories.
func TestTheSheetAndTheCategoriesByKeyboard(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.customer("en")
	w.do(`document.querySelector("#categories a:nth-child(3)").focus()`)
	w.run(chromedp.KeyEvent(kb.Enter))
	w.await(`document.querySelector("#categories a:nth-child(3)").getAttribute("aria-current") === "true"`, "the category that was asked for")
	w.await(`document.querySelector("#category-tea h2").getBoundingClientRect().top < innerHeight`, "its items")
	w.do(`document.querySelector("#category-tea .open").focus()`)
	w.run(chromedp.KeyEvent(kb.Enter))
	w.sees("#sheet", "Citron Tea")
	w.await(`document.activeElement.id === "sheet-title"`, "the focus on the sheet")
	w.do("history.back()")
	w.seesNo("#sheet")
	require.Equal(t, s.Customer+"/#category-tea", w.address(), "the page itself was left")
	w.await(`document.activeElement.matches("#category-tea .open")`, "the focus where it was")
	w.run(chromedp.KeyEvent(kb.Enter))
	w.sees("#sheet", "Citron Tea")
	w.click("#sheet-close")
	w.seesNo("#sheet")
	w.await("!history.state?.sheet", "no sheet in the history")
}

// What the server has against a line is said at that line.
func TestALineThatTheServerRefusesIsSaidSoAtTheLine(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	w.beforeLoad(controls)
	w.goTo(s.Customer + "/")
	w.click(firstAdd)
	w.click(plainLatte)
	w.do(`globalThis.tamper = (path) => path === "/orders" ? Response.json(
		{ code: "invalid_field", field: "items[1].options[0].option" }, { status: 422 }) : undefined`)
	w.click("#order")
	w.sees("#lines li:nth-child(2) .problem", "Please check what you entered")
	w.seesNo("#lines li:nth-child(1) .problem")
	w.await(`document.activeElement.matches("#lines li:nth-child(2) .edit")`, "the focus on the line")
	_, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "CafeLatte", Qty: 1, Options: []cafe.Option{{Group: "milk", Option: "none"}}}}}, "")
	var problem *cafe.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, "items[0].options[0].option", problem.Field)
}

// How many options of a group a piece has is said, and held to: at least so many, and no more.
func TestTheSheetHoldsToWhatAGroupAllows(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	w.beforeLoad(strings.Replace(fed, "/events", "/menu/events", 1))
	w.goTo(s.Customer + "/")
	w.await("globalThis.feed", "a stream")
	w.asks("given", "/menu?lang=en")
	w.do(`const price = (amount) => ({ amount, currency: "KRW" });
		const offer = (option, amount, max_qty) => ({ option, name: option, price: price(amount), available: true, default: false, max_qty });
		given.groups.push({ group: "toppings", name: "Toppings", min: 2, max: 3, options: [offer("nuts", 100, 1), offer("cream", 200, 1), offer("foam", 0, 1), offer("pearls", 300, 2)] },
			{ group: "sleeve", name: "Sleeve", min: 0, max: 1, options: [offer("paper", 0, 1), offer("cork", 500, 1)] });
		given.items.find((i) => i.product === "CafeLatte").groups = ["toppings", "sleeve"];
		feed("menu", given)`)
	w.sees(plainLatte, "Choose") // there is no latte as it comes
	w.click(plainLatte)
	w.sees("[data-group=toppings] legend", "choose 2 to 3")
	w.sees("[data-group=sleeve] legend", "optional · up to one")
	w.click("#sheet-add")
	w.sees("[data-group=toppings] .problem", "Toppings: choose 2 to 3")
	w.await(`document.activeElement.matches('[data-group="toppings"] input')`, "the focus on the group")
	w.accessible()
	w.click(option("toppings", "nuts"))
	w.click(option("toppings", "pearls", "more"))
	w.click(option("toppings", "pearls", "more"))
	w.await(`document.querySelector('[id="option/toppings/pearls/more"]').ariaDisabled === "true"`, "no more of it")
	w.await(`document.querySelector('[id="option/toppings/cream"]').disabled`, "no more of the group")
	w.click(option("sleeve", "cork"))
	w.sees("#sheet-add", "₩4,200")
	w.click(`[id="option/sleeve"]`) // none after all
	w.sees("#sheet-add", "₩3,700")
	w.click("#sheet-add")
	w.sees("#lines", "nuts (+₩100) · pearls × 2 (+₩600)")
	w.sees("#total", "₩3,700")
}

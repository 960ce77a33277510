package e2e_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnePressOrdersOnce(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.customer("en")
	customer.click(firstAdd)
	customer.await(`!document.querySelector("#order").disabled`, "an order that can be placed")
	customer.do(`for (let i = 0; i < 5; i++) { document.querySelector("#order").click(); document.querySelector("#checkout").requestSubmit(); }`)
	customer.orderID()
	awaitBoard(t, s.Cafe, 1, "paid")

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
	awaitBoard(t, s.Cafe, 2, "paid")
	customer.goTo(s.Customer + "/")
	customer.sees("#empty", "Nothing here yet")
}

func TestADeclinedCardKeepsTheCart(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.customer("en")
	customer.click(firstAdd)
	customer.sees("#lines", "Ice Americano")
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

	staff.pause("forever")
	customer.sees("#closed", "not taking orders")
	customer.await(`document.querySelector("#order").disabled`, "no order while the store is closed")
	staff.sees("#paused", "paused")
	staff.click("#hours")
	customer.seesNo("#closed")
	customer.click("#order")
	require.Equal(t, "paid", s.status(customer.orderID()))
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
	w.click(firstAdd)
	w.await(fmt.Sprintf(`document.querySelector("#membership_number").value === %q`, number), "the membership number")
	w.click("#order")
	id := w.orderID()
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

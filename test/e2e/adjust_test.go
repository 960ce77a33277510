package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// A barista finds that the milk is out: the latte is left out of an order, its money goes back,
// its customer is told and sees it, and the rest is made. The last of it can only be rejected.
func TestAPartOfAnOrderIsLeftOut(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	o, err := s.PlaceOrder(within(t), cafe.NewOrder{
		Items: []cafe.Item{{Product: "IceAmericano", Qty: 2}, {Product: "CafeLatte", Qty: 1}}, Phone: "+821012345678",
	}, "")
	require.NoError(t, err)
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.goTo(s.Customer + "/o/" + o.ID)
	staff := s.staff("en")
	staff.sees(".ticket", "Cafe Latte")
	staff.click(`.ticket [data-command="accept"]`)
	staff.sees("#making .ticket", "Cafe Latte")

	staff.click(`#making .ticket [data-command="adjust"]`)
	staff.sees("#adjusting", "Leave something out")
	staff.await(`document.querySelector("#adjust").disabled`, "nothing to confirm yet")
	staff.do(`const all = document.querySelectorAll("#adjust-lines select"); all.forEach((e) => { e.value = e.options.length - 1; e.dispatchEvent(new Event("change")); });`)
	staff.sees("#goes-back", "reject the order instead")
	staff.do(`const first = document.querySelector("#adjust-lines select"); first.value = 0; first.dispatchEvent(new Event("change"));`)
	staff.sees("#goes-back", "goes back to the customer")
	staff.accessible()
	staff.click("#adjust")

	staff.await(`document.querySelector("#making .ticket [data-out] .name")?.textContent.includes("Cafe Latte")`, "the latte struck")
	customer.sees("#items", "1 left out")
	settled, err := s.Await(within(t), o.ID, func(o cafe.Order) bool { return o.Refund != nil && o.Refund.Status == "refunded" })
	require.NoError(t, err)
	require.Equal(t, "accepted", settled.Status)
	require.Equal(t, o.Total.Amount-4000, settled.Refund.Amount)
	require.Eventually(t, func() bool {
		texts, err := s.Texts(within(t), o.ID)
		return err == nil && len(texts) == 3
	}, patience, pollEvery)
	texts, err := s.Texts(within(t), o.ID)
	require.NoError(t, err)
	require.Contains(t, texts[2].Text, "3,000원 환불")
	staff.click(`#making .ticket [data-command="ready"]`)
	customer.sees("#headline", "Ready")
}

package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// What a cancel gives back is shown before it is confirmed, and stays true while the question is open.
func TestWhatACancelGivesBackIsShownBefore(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	o, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 2}, {Product: "CafeLatte", Qty: 1}}}, "")
	require.NoError(t, err)
	w := s.browser.open("the customer", "ko", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/o/" + o.ID)
	w.click("#cancel")
	w.sees("#sure-why", "전액을 돌려드려요")
	w.fits()
	w.accessible()
	w.click("#keep")
	w.click("nav a[lang=en]")
	w.click("#cancel")
	w.sees("#sure-why", "You get the full ₩")
	_, err = s.Act(within(t), o.ID, "adjust", map[string]any{"lines": []map[string]int{{"line": 1, "qty": 1}}, "reason": "sold_out"})
	require.NoError(t, err)
	w.sees("#sure-why", "besides the ₩2,000 that is refunded already")
	w.accessible()

	w.focused("#keep")
	w.keys(kb.Tab)
	w.focused("#really")
	w.keys(kb.Enter)
	w.sees("#headline", "Your order is cancelled")
	settled, err := s.Await(within(t), o.ID, func(o cafe.Order) bool { return o.Refund != nil && o.Refund.Status == "refunded" })
	require.NoError(t, err)
	require.Equal(t, o.Total.Amount, settled.Refund.Amount)
}

// The store accepts while its customer is asked whether to cancel: there is nothing to ask any more.
func TestTheQuestionIsOverWhenTheStoreAccepts(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	o, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(t, err)
	w := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/o/" + o.ID)
	w.click("#cancel")
	w.sees("#sure-why", "You get the full ₩2,000 back")
	w.keys(kb.Escape)
	w.await(`!document.querySelector("#sure").open`, "the question taken back")
	w.focused("#cancel")
	w.click("#cancel")
	_, err = s.Act(within(t), o.ID, "accept", map[string]any{"eta_minutes": 5})
	require.NoError(t, err)
	w.sees("#notice", "The store got to it first")
	w.await(`!document.querySelector("#sure").open`, "the question to be over")
	w.focused("#notice")
	w.seesNo("#cancel")
	w.accessible()
	require.Equal(t, "accepted", s.status(o.ID))
}

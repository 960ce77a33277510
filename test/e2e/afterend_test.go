package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// pickedUp places an order and hands it over.
func (s *site) pickedUp(items ...cafe.Item) cafe.Order {
	s.t.Helper()
	o, err := s.PlaceOrder(within(s.t), cafe.NewOrder{Items: items, Phone: "+821012345678"}, "")
	require.NoError(s.t, err)
	awaitBoard(s.t, s.Cafe, 1, "paid")
	for _, command := range []string{"accept", "ready", "pick-up"} {
		_, err := s.Act(within(s.t), o.ID, command, nil)
		require.NoError(s.t, err)
	}
	o, err = s.Await(within(s.t), o.ID, func(o cafe.Order) bool { return o.Status == "picked_up" && o.PickupNumber != nil })
	require.NoError(s.t, err)
	return o
}

// colleague gives somebody an account, and signs them in at an address of the back office.
func (s *site) colleague(name, role, language, address string, width, height int64) *window {
	s.t.Helper()
	var account struct{ Token string }
	require.NoError(s.t, s.Staff(within(s.t), http.MethodPost, "/store/staff", fields{"name": name, "role": role, "stores": []string{"main"}}, &account))
	w := s.browser.open(name, language, width, height)
	w.goTo(s.Store + "/store/manage" + address)
	w.fill("#token", account.Token)
	w.click("#login [type=submit]")
	w.sees("#view", "")
	return w
}

// asksFor fills the form of a refund for pieces of the first line, and comes to the question whether to.
func (w *window) asksFor(pieces, reason string) {
	w.t.Helper()
	w.sees("#refund-lines select", "")
	w.do(`const first = document.querySelector("#refund-lines select"); first.value = ` + pieces + `; first.dispatchEvent(new Event("input", { bubbles: true }))`)
	w.fill("[data-field=reason]", reason)
	w.click("#view [type=submit]")
	w.sees("#asking", "")
}

// The wrong drink: a manager finds the order by its number and gives one piece back; everybody is told.
func TestAManagerRefundsAnOrderThatWasPickedUp(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	o := s.pickedUp(cafe.Item{Product: "IceAmericano", Qty: 2}, cafe.Item{Product: "CafeLatte", Qty: 1, Note: "extra hot"})
	mina := s.colleague("mina", "manager", "en", "#orders", phoneWidth, phoneHeight)
	mina.sees(".item-row", *o.PickupNumber)
	mina.accessible()
	mina.fits()
	mina.fill("#find", "27")
	mina.click("#view [type=submit]")
	mina.sees("#find + .problem", "such as A-27")
	mina.fill("#find", strings.ToLower(strings.ReplaceAll(*o.PickupNumber, "-", "")))
	mina.click("#view [type=submit]")
	mina.sees("h1", "Order "+*o.PickupNumber)
	mina.sees(".lines", "extra hot")
	mina.accessible()
	mina.fits()

	mina.click("#view [type=submit]")
	mina.sees("#refund-lines + .problem", "choose what goes back")
	jun := s.colleague("jun", "manager", "ko", "#order/"+o.ID, tabletWidth, tabletHeight)
	jun.asksFor("2", "메뉴가 잘못 나감")
	mina.asksFor("1", "wrong drink")
	mina.sees(".money", "₩2,000 goes back. The store keeps ₩5,000.")
	mina.sees("#asking", "Refund ₩2,000?")
	mina.click("#asking-yes")
	mina.sees("[data-refund='1']", "refunded")
	mina.sees("[data-refund='1']", "mina")
	mina.sees(".sums", "₩5,000")
	mina.sees("#refund-lines", "Ice Americano")
	mina.accessible()
	jun.seesNo("#asking")
	jun.sees(".notice", "입력하신 환불은 보내지 않았어요")

	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.goTo(s.Customer + "/o/" + o.ID)
	customer.sees("#items", "1 refunded")
	customer.sees("#money", "₩2,000 has been refunded.")
	customer.sees("#timeline", "wrong drink")
	customer.accessible()
	require.Eventually(t, func() bool {
		texts, err := s.Texts(within(t), o.ID)
		return err == nil && slices.ContainsFunc(texts, func(m cafe.Message) bool { return strings.Contains(m.Text, "환불") })
	}, patience, pollEvery, "a text that money went back")

	// An amount, and then nothing is left to give back.
	jun.click("[name=refund-by][value=amount]")
	jun.fill("[data-field=amount]", "5,001")
	jun.fill("[data-field=reason]", "늦게 나감")
	jun.click("#view [type=submit]")
	jun.sees("[data-field=amount] + .problem", "5,000원 이하")
	jun.fill("[data-field=amount]", "5,000")
	jun.click("#view [type=submit]")
	jun.click("#asking-yes")
	jun.sees("[data-why=nothing]", "전액 환불")
	jun.accessible()
	mina.sees("[data-why=nothing]", "")
	customer.reload()
	customer.sees("#money", "₩7,000 has been refunded.")
	moved, err := s.Payments(within(t), o.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"charge 7000", "refund 2000", "refund 5000"}, moved)

	bora := s.colleague("bora", "barista", "en", "#orders", tabletWidth, tabletHeight)
	bora.sees("h1", "Devices")
	bora.seesNo(`#tabs [href="#orders"]`)
}

// An answer that is lost leaves one refund, however often it is asked for.
func TestARefundWhoseAnswerIsLostIsMadeOnce(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	o := s.pickedUp(cafe.Item{Product: "IceAmericano", Qty: 3})
	mina := s.colleague("mina", "manager", "en", "#order/"+o.ID, tabletWidth, tabletHeight)
	mina.do(`const real = fetch; globalThis.posted = 0; globalThis.fetch = async (path, options) => {
		const answer = await real(path, options);
		if (options?.method !== "POST") return answer;
		globalThis.posted++;
		throw new TypeError("the answer is lost");
	}`)
	mina.asksFor("1", "wrong drink")
	mina.click("#asking-yes")
	mina.await("globalThis.posted === 1", "a request")
	mina.sees("[data-refund='1']", "refunded")
	mina.sees(".notice", "A refund of ₩2,000 was asked for meanwhile")
	mina.await(`![...document.querySelectorAll("#refund-lines select")].some((e) => e.value !== "0")`, "a form that asks for nothing")
	settled, err := s.Order(within(t), o.ID)
	require.NoError(t, err)
	require.EqualValues(t, 2000, settled.Refund.Amount)
}

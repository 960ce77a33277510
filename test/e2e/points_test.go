package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// allBack is the rate of points at which a member can pay the next order with the last one's.
const allBack = "CAFEFORME_POINTS_RATE=100"

// earns has the member who is signed in order one Americano, which the store makes, and waits until the points
// are there.
func (s *site) earns(w *window) {
	s.t.Helper()
	w.goTo(s.Customer + "/")
	w.click(firstAdd)
	w.await(`document.querySelector("#membership_number").value`, "the membership number")
	w.click("#order")
	id := w.orderID()
	_, err := s.Act(within(s.t), id, "accept", map[string]any{"eta_minutes": 5})
	require.NoError(s.t, err)
	s.balances(w, "2,000")
}

// balances waits until the member's page has the balance.
func (s *site) balances(w *window, points string) {
	s.t.Helper()
	w.goTo(s.Customer + "/member")
	require.Eventually(s.t, func() bool {
		w.reload()
		w.sees("#entries", "Earned")
		return w.textOf("#balance") == points
	}, patience, pollEvery, "a balance of %s", points)
}

func TestAMemberPaysHalfWithPointsAndGetsThemBack(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t, allBack)
	w := s.member("the member")
	s.enter(w, "Mina")
	w.sees("#worth", "Spend 100 points or more when you order. 100 points are worth ₩100")
	s.earns(w)

	w.goTo(s.Customer + "/")
	w.click(firstAdd)
	w.click(firstAdd)
	w.sees("#order", "₩4,000")
	w.sees("#points-balance", "you have 2,000")
	w.accessible()
	w.fits()

	w.fill("#points", "99")
	w.click("#points-use")
	w.sees("#points-said", "100 or more")
	w.focused("#points")
	w.fill("#points", "2001")
	w.click("#points-use")
	w.sees("#points-said", "Your balance: 2,000")
	w.sees("#order", "₩4,000")

	w.click("#points-all")
	w.sees("#points-said", "Points used: 2,000")
	w.sees("#bill", "-₩2,000")
	w.sees("#total", "₩2,000")
	w.sees("#order", "₩2,000")
	w.accessible()
	w.fits()
	w.click("#points-remove")
	w.sees("#order", "₩4,000")
	w.seesNo("#bill")
	w.fill("#points", "1500")
	w.click("#points-use")
	w.sees("#order", "₩2,500")
	w.reload()
	w.sees("#order", "₩2,500")

	// The cart gets smaller than what was to be spent: the points follow.
	w.click("#points-remove")
	w.click("#points-all")
	w.sees("#points-said", "2,000")
	w.sees("#order", "₩2,000")

	w.click("#order")
	id := w.orderID()
	w.sees("#bill", "2,000 points")
	w.sees("#total", "₩2,000")
	w.sees("#money", "You paid ₩2,000 and 2,000 points")
	w.accessible()
	w.fits()
	w.goTo(s.Customer + "/orders/" + id + "/receipt")
	w.sees("#sums", "Subtotal")
	w.sees("#sums", "₩4,000")
	w.sees("#sums", "Paid with points")
	w.accessible()
	s.balances(w, "0")
	w.sees("#entries", "Spent")

	w.goTo(s.Customer + "/o/" + id)
	w.click("#cancel")
	w.sees("#sure-why", "₩2,000 and 2,000 points")
	w.click("#really")
	w.sees("#headline", "Your order is cancelled")
	w.sees("#money", "₩2,000 and 2,000 points")
	s.balances(w, "2,000")
	w.sees("#entries", "Came back: the order was undone")
	w.goTo(s.Customer + "/")
	w.sees("#empty", "Nothing here yet")
}

// An order of points alone needs no payment page, and its points go back by its lines.
func TestAnOrderOfPointsAloneIsPaidAtOnce(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t, allBack)
	w := s.member("the member")
	s.enter(w, "Mina")
	s.earns(w)
	w.goTo(s.Customer + "/")
	w.click(firstAdd)
	w.do(`document.querySelector("#payment_method").value = "redirect"`)
	w.click("#points-all")
	w.sees("#order", "₩0")
	w.click("#order")
	id := w.orderID()
	w.sees("#money", "You paid 2,000 points")
	require.Equal(t, "paid", s.status(id))
	_, err := s.Act(within(t), id, "reject", map[string]any{"reason": "sold_out"})
	require.NoError(t, err)
	w.sees("#money", "2,000 points")
	s.balances(w, "2,000")
	o, err := s.Await(within(t), id, func(o cafe.Order) bool { return o.Refund != nil && o.Refund.Status == "refunded" })
	require.NoError(t, err)
	require.Zero(t, o.Refund.Amount)
}

// halfPastTwelve returns that time of tomorrow, in Seoul where the store is: it makes two cups for a slot.
func (s *site) halfPastTwelve() time.Time {
	s.t.Helper()
	require.NoError(s.t, s.Staff(within(s.t), "PUT", "/store/stores/main", map[string]any{
		"name": map[string]string{"ko": "강남점", "en": "Gangnam"}, "time_zone": "Asia/Seoul", "prep_minutes": 10, "cups_per_slot": 2,
	}, nil))
	tomorrow := time.Now().In(time.FixedZone("KST", 9*60*60)).AddDate(0, 0, 1)
	return time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 12, 30, 0, 0, tomorrow.Location())
}

// at chooses a slot of the store in Seoul.
func (w *window) at(slot time.Time) {
	w.t.Helper()
	w.click("[name=when][value=later]")
	w.await(fmt.Sprintf(`document.querySelector("#slot-day option[value='%s']")`, slot.Format(time.DateOnly)), "the day")
	w.do(fmt.Sprintf(`const day = document.querySelector("#slot-day"); day.value = %q; day.dispatchEvent(new Event("change"))`, slot.Format(time.DateOnly)))
	w.click(fmt.Sprintf("#slot-times [data-at^=%q]", slot.Format("2006-01-02T15:04")))
}

// hasRoom reports whether the slot has room for a cup.
func (s *site) hasRoom(slot time.Time) bool {
	s.t.Helper()
	var listed struct {
		Slots []struct {
			At        time.Time `json:"at"`
			Available bool      `json:"available"`
		} `json:"slots"`
	}
	request, err := http.NewRequestWithContext(within(s.t), http.MethodGet, s.Customer+"/stores/main/slots?date="+slot.Format(time.DateOnly), http.NoBody)
	require.NoError(s.t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer answer.Body.Close()
	require.NoError(s.t, json.NewDecoder(answer.Body).Decode(&listed))
	for _, each := range listed.Slots {
		if each.At.Equal(slot) {
			return each.Available
		}
	}
	require.Fail(s.t, "the slot is not listed")
	return false
}

// A coupon and points on one order: the bill says both, each goes when it is removed, and both come back.
func TestAMemberUsesACouponAndPoints(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t, allBack)
	require.NoError(t, s.Staff(within(t), "PUT", "/store/coupons/HELLO", map[string]any{
		"amount": 1000, "currency": "KRW", "min_subtotal": 3000, "uses": 1,
	}, nil))
	w := s.member("the member")
	s.enter(w, "Mina")
	s.earns(w)
	w.goTo(s.Customer + "/")
	w.click(firstAdd)
	w.fill("#coupon", "hello")
	w.click("#coupon-use")
	w.sees("#coupon-said", "too small for this coupon")
	w.click(firstAdd)
	w.click("#coupon-use")
	w.sees("#coupon-said", "HELLO is used")
	w.sees("#bill", "Coupon HELLO")
	w.sees("#order", "₩3,000")
	w.click("#points-all")
	w.sees("#order", "₩1,000")
	w.click("#coupon-remove")
	w.sees("#order", "₩2,000")
	w.fill("#coupon", "HELLO")
	w.click("#coupon-use")
	w.sees("#order", "₩1,000")
	noon := s.halfPastTwelve()
	w.at(noon)
	w.sees("#pickup-chosen", "12:30")
	w.accessible()
	w.fits()
	w.click("#order")
	id := w.orderID()
	w.sees("#bill", "Coupon HELLO")
	w.sees("#money", "You paid ₩1,000 and 2,000 points")
	w.sees("#headline", "12:30")
	require.False(t, s.hasRoom(noon))

	stranger := s.customer("en")
	stranger.click(firstAdd)
	stranger.click(firstAdd)
	stranger.fill("#coupon", "HELLO")
	stranger.click("#coupon-use")
	stranger.sees("#coupon-said", "used up")
	stranger.sees("#order", "₩4,000")

	_, err := s.Act(within(t), id, "adjust", map[string]any{"lines": []map[string]int{{"line": 1, "qty": 1}}, "reason": "sold_out"})
	require.NoError(t, err)
	w.sees("#money", "₩500 and 1,000 points")
	w.click("#cancel")
	w.sees("#sure-why", "₩500 and 1,000 points")
	w.click("#really")
	w.sees("#headline", "Your order is cancelled")
	s.balances(w, "2,000")
	require.True(t, s.hasRoom(noon), "the slot's room is back")
	require.Eventually(t, func() bool {
		stranger.do(`const use = document.querySelector("#coupon-use"); if (!use.hidden) use.click()`)
		return stranger.is(`document.querySelector("#order").textContent.includes("₩3,000")`)
	}, patience, pollEvery, "the coupon's use to come back")
}

// A manager gives a piece back of an order that was paid half with points: half of it goes back in points.
func TestAManagerRefundsMoneyAndPoints(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t, allBack)
	w := s.member("the member")
	s.enter(w, "Mina")
	s.earns(w)
	w.goTo(s.Customer + "/")
	w.click(firstAdd)
	w.click(firstAdd)
	w.click("#points-all")
	w.sees("#order", "₩2,000")
	w.click("#order")
	id := w.orderID()
	for _, command := range []string{"accept", "ready", "pick-up"} {
		_, err := s.Act(within(t), id, command, nil)
		require.NoError(t, err)
	}
	s.balances(w, "2,000") // earned on the money

	mina := s.colleague("mina", "manager", "en", "#order/"+id, phoneWidth, phoneHeight)
	mina.sees(".sums", "2,000 points")
	mina.sees(".sums", "Paid with points")
	mina.asksFor("1", "too cold")
	mina.sees("#asking", "₩1,000 and 1,000 points")
	mina.accessible()
	mina.fits()
	mina.click("#asking-yes")
	mina.sees("[data-refund='1'] .what", "₩1,000 and 1,000 points")
	w.goTo(s.Customer + "/o/" + id)
	w.sees("#money", "₩1,000 and 1,000 points has been refunded")
	s.balances(w, "2,000") // 1,000 came back, and 1,000 that the money had earned went
	w.sees("#entries", "Came back for what was refunded")
}

// The points are spent in another window, and the server is too busy to say what an order costs: both are said
// at the field, and the price goes by what the server has said.
func TestPointsThatCannotBeSpentAreSaidAtTheirField(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t, allBack)
	w := s.member("the member")
	s.enter(w, "Mina")
	s.earns(w)
	w.goTo(s.Customer + "/")
	w.click(firstAdd)
	w.do(`globalThis.realFetch = fetch; globalThis.fetch = (path, options) => path !== "/orders/quote" ? realFetch(path, options) :
		(globalThis.busy ??= true) && (globalThis.busy === "over" ? realFetch(path, options) : Promise.resolve(new Response(
			JSON.stringify({ code: "rate_limited" }), { status: 429, headers: { "Retry-After": "1" } })))`)
	w.fill("#coupon", "HELLO")
	w.click("#coupon-use")
	w.sees("#coupon-said", "Too many requests")
	w.await(`document.querySelector("#order").disabled`, "no order at a price that nobody knows")
	w.do(`globalThis.busy = "over"`)
	w.sees("#coupon-said", "We do not know this coupon")
	w.sees("#order", "₩2,000")

	w.click("#points-all")
	w.sees("#order", "₩0")
	w.do(`const { number, token } = JSON.parse(localStorage.getItem("cafeforme.member"));
		realFetch("/orders", { method: "POST", headers: { "Content-Type": "application/json", Authorization: "Bearer " + token },
			body: JSON.stringify({ items: [{ product: "IceAmericano", qty: 1 }], membership_number: number, points: 2000 }),
		}).then(({ status }) => (globalThis.spent = status))`)
	w.await(`globalThis.spent === 201`, "the points spent elsewhere")
	w.click("#order")
	w.sees("#points-said", "fewer points")
	w.sees("#points-balance", "you have 0")
	w.sees("#order", "₩2,000")
	w.seesNo("#notice")
	w.do(`document.querySelector("#order").scrollIntoView()`)
	w.accessible()
}

// A coupon that nobody knows is said at its field, in the customer's language, and changes no price.
func TestACouponThatCannotBeUsedIsSaidAtItsField(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	for language, says := range map[string]string{"en": "We do not know this coupon", "ko": "없는 쿠폰이에요"} {
		w := s.browser.open("a customer in "+language, language, phoneWidth, phoneHeight)
		w.goTo(s.Customer + "/")
		w.click(firstAdd)
		w.sees("#order", "2,000")
		w.click("#coupon-use")
		w.focused("#coupon")
		w.fill("#coupon", "nothing")
		w.click("#coupon-use")
		w.sees("#coupon-said", says)
		w.sees("#order", "2,000")
		w.do(`document.querySelector("#order").scrollIntoView()`) // the bar that leads to it lies over no drink then
		w.accessible()
		w.fits()
		w.click("#order")
		require.Equal(t, "paid", s.status(w.orderID()), "in %s", language)
	}
}

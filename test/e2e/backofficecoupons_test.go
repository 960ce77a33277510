package e2e_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/apiclient"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/test/cafe"
)

// ordersWith places an order of two americanos and a latte, for 7,000 won, with the coupon.
func (s *site) ordersWith(code string) (o cafe.Order, err error) {
	s.t.Helper()
	items := []cafe.Item{{Product: "IceAmericano", Qty: 2}, {Product: "CafeLatte", Qty: 1}}
	_, err = apiclient.Call(within(s.t), http.MethodPost, s.Customer+"/orders", nil, fields{"items": items, "coupon": code}, &o)
	return o, err
}

// unusable requires that an order with the coupon is refused for the reason.
func (s *site) unusable(code string, reason coupon.Reason) {
	s.t.Helper()
	_, err := s.ordersWith(code)
	var problem *cafe.Problem
	require.ErrorAs(s.t, err, &problem)
	require.Equal(s.t, "coupon_unusable", problem.Code)
	require.Equal(s.t, reason.Sentence(), problem.Detail)
}

// An owner makes a coupon, customers use it, a manager reads how often, and it ends.
func TestAnOwnerKeepsTheCoupons(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	owner := s.backOffice("en")
	owner.resize(phoneWidth, phoneHeight)
	owner.click(`#tabs a[href="#coupons"]`)
	owner.sees("#view", "There are no coupons yet.")
	owner.click(`a[href="#new-coupon"]`)
	owner.sees("h1", "New coupon")
	wrongCoupon(owner)
	owner.fill(field("code"), "spring-10")
	owner.do(`document.querySelector('[data-field="until"]').value = "2099-12-31"`)
	owner.click(saveButton)
	owner.sees("h1", "Coupon SPRING-10")
	owner.sees(".savebar", "Saved.")
	require.Equal(t, "#coupon/SPRING-10", ask[string](owner, "location.hash"))
	owner.sees(`[data-list="items"]`, "Ice Americano")
	owner.accessible()
	owner.fits()

	o, err := s.ordersWith("spring-10")
	require.NoError(t, err)
	require.EqualValues(t, 6200, o.Total.Amount, "20 percent of two americanos")
	mina := s.colleague("mina", "manager", "ko", "#coupons", phoneWidth, phoneHeight)
	mina.sees(`[data-code="SPRING-10"]`, "20% 할인, 최대 1,000원")
	mina.sees(`[data-code="SPRING-10"]`, "2회 중 1회 사용")
	mina.seesNo(`#view a[href^="#coupon"], a[href="#new-coupon"]`)
	mina.accessible()
	mina.fits()
	mina.do(`location.hash = "#coupon/SPRING-10"`)
	mina.await(`location.hash === "#menu"`, "the menu in place of what is not hers")
	mina.seesNo(saveButton)

	twoOwnersOfACoupon(s, owner)
	_, err = s.ordersWith("SPRING-10")
	require.NoError(t, err)
	s.unusable("SPRING-10", coupon.UsedUp)
	owner.visit("#coupons")
	owner.sees(`[data-code="SPRING-10"]`, "2 of 2 used")
	owner.sees(`[data-code="SPRING-10"]`, "Used up")
	endAndUseAgain(s, owner)
}

// wrongCoupon fills the form of a new coupon, and is told what is wrong at its field.
func wrongCoupon(owner *window) {
	owner.t.Helper()
	owner.fill(field("code"), "a b")
	owner.click(saveButton)
	owner.sees(field("code")+" + .problem", "3 to 40 capital letters")
	owner.sees(field("percent")+" + .problem", "whole number")
	owner.focused(field("code"))
	owner.accessible()
	owner.fill(field("code"), "SPRING-10")
	owner.fill(field("percent"), "120")
	owner.fill(field("max_amount"), "1,000")
	owner.fill(field("min_subtotal"), "6,000")
	owner.fill(field("uses"), "2")
	owner.do(`for (const [name, day] of [["from", "2026-03-02"], ["until", "2026-03-01"]])
		document.querySelector('[data-field="' + name + '"]').value = day`)
	owner.do(`const select = document.querySelector('[data-list="items"] + .adding select'); select.value = "IceAmericano"`)
	owner.click(`[data-list="items"] + .adding button`)
	owner.sees(`[data-list="items"]`, "Ice Americano")
	owner.click(saveButton)
	owner.sees(field("percent")+" + .problem", "between 1 and 100")
	owner.sees(field("until")+" + .problem", "before the first")
	owner.fits()
	owner.fill(field("percent"), "20")
}

// twoOwnersOfACoupon has somebody else change the coupon while it is edited.
func twoOwnersOfACoupon(s *site, owner *window) {
	s.t.Helper()
	var document fields
	require.NoError(s.t, s.Staff(within(s.t), http.MethodGet, "/store/coupons/SPRING-10", nil, &document))
	document["min_subtotal"] = 6500
	require.NoError(s.t, s.Staff(within(s.t), http.MethodPut, "/store/coupons/SPRING-10", document, nil))
	owner.fill(field("min_subtotal"), "6,800")
	owner.click(saveButton)
	owner.sees("#conflict", "Somebody else has changed this too")
	owner.sees("#conflict", "₩6,500")
	owner.accessible()
	owner.fits()
	owner.click("#conflict .choices button:nth-child(1)")
	owner.sees(".savebar", "Theirs is kept")
	owner.sees(field("min_subtotal"), "6500")
}

func endAndUseAgain(s *site, owner *window) {
	s.t.Helper()
	owner.click(`a[href="#coupon/SPRING-10"]`)
	owner.fill(field("uses"), "3")
	owner.click(saveButton)
	owner.sees(".savebar", "Saved.")
	owner.click("#ending button")
	owner.sees("#asking", "Orders that have used it keep their discount.")
	owner.accessible()
	owner.click("#asking-yes")
	owner.sees(".notice", "SPRING-10 has ended.")
	owner.sees(`[data-code="SPRING-10"]`, "Ended")
	s.unusable("SPRING-10", coupon.Ended)
	owner.click(`a[href="#coupon/SPRING-10"]`)
	owner.sees("#ending", "This coupon has ended")
	owner.click("#ending button")
	owner.sees(".notice", "SPRING-10 can be used again.")
	_, err := s.ordersWith("SPRING-10")
	require.NoError(s.t, err)
	s.unusable("SPRING-10", coupon.UsedUp)
}

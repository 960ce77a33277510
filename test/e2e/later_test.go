package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// dueSoon has the store, in Seoul, take just so long for an order that one for the slot that it returns is
// offered within a minute and a half: there is half a minute left to order it. Two cups fit a slot.
func (s *site) dueSoon() (slot time.Time) {
	s.t.Helper()
	const left, slots = 35 * time.Second, 5 * time.Minute
	offer := time.Now().Add(left).Truncate(time.Minute).Add(time.Minute)
	slot = offer.Truncate(slots).Add(2 * slots)
	require.NoError(s.t, s.Staff(within(s.t), http.MethodPut, "/store/stores/main", map[string]any{
		"name": map[string]string{"ko": "강남점", "en": "Gangnam"}, "time_zone": "Asia/Seoul",
		"prep_minutes": int(slot.Sub(offer).Minutes()), "cups_per_slot": 2,
	}, nil))
	return slot
}

// A customer orders for later; the board has the order under Later until it is due, and then among the new ones,
// where it rings. It is accepted, made and picked up.
func TestAnOrderForLaterFromTheCartToThePickUp(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	slot := s.dueSoon()
	full := slot.Add(5 * time.Minute)
	_, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 2}}, PickupAt: &full}, "")
	require.NoError(t, err)

	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight).inZone("America/New_York")
	customer.goTo(s.Customer + "/")
	customer.click(firstAdd)
	customer.click("[name=when][value=later]")
	customer.sees("#slot-times", "")
	customer.sees("#order", "Choose a time")
	customer.await(`document.querySelector("#order").disabled`, "no order without a time")
	seoul := time.FixedZone("KST", 9*60*60)
	button := func(at time.Time) string {
		return fmt.Sprintf("#slot-times [data-at^=%q]", at.In(seoul).Format("2006-01-02T15:04"))
	}
	customer.sees(button(full), "full")
	customer.await(fmt.Sprintf("document.querySelector('%s').disabled", button(full)), "a full slot that cannot be pressed")
	customer.sees(button(slot), slot.In(seoul).Format("3:04"))
	customer.click(button(slot))
	customer.sees("#pickup-chosen", slot.In(seoul).Format("3:04"))
	customer.accessible()
	customer.fits()
	customer.click("#order")
	id := customer.orderID()
	customer.sees("#headline", slot.In(seoul).Format("3:04"))
	customer.sees("#pickup", "You can cancel")

	staff := s.staff("en")
	staff.sees("#later .ticket:nth-child(1) .eta", slot.In(seoul).Format("3:04"))
	staff.await(`document.querySelectorAll("#later .ticket").length === 2 && !document.querySelector("#new .ticket")`, "two orders for later")
	staff.await(`document.querySelectorAll("#later .ticket:nth-child(1) [data-command]").length === 1`, "it can be rejected, not accepted")
	staff.accessible()
	_, err = s.Act(within(t), id, "accept", nil)
	require.ErrorContains(t, err, "too_early")

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	_, err = s.Await(ctx, id, func(o cafe.Order) bool { return len(o.Timeline) == 2 })
	require.NoError(t, err)
	staff.sees("#new .ticket .eta", slot.In(seoul).Format("3:04"))
	staff.await(`document.querySelectorAll("#later .ticket").length === 1`, "the other one stays")
	staff.await(`[...document.querySelectorAll("#new .ticket .actions button")].length === 4`, "what a new order can be told")
	customer.sees("#timeline", "the store has the order now")
	staff.click(accept5)
	customer.sees("#headline", "is making your order for")
	staff.click("#making [data-command=ready]")
	staff.click("#ready [data-command=pick-up]")
	customer.await(`document.querySelector("#main").dataset.status === "picked_up"`, "the end")

	customer.goTo(s.Customer + "/")
	customer.click(firstAdd)
	customer.await(`document.querySelector("[name=when][value=now]").checked`, "no time that is left of the order before")
}

// The slot fills up while the customer looks at it: the next ones are offered, and one press takes one of them.
func TestASlotThatFillsUpInTheCart(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	slot := s.dueSoon().Add(time.Hour)
	customer := s.customer("ko")
	customer.click(firstAdd)
	customer.at(slot.In(time.FixedZone("KST", 9*60*60)))
	_, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 2}}, PickupAt: &slot}, "")
	require.NoError(t, err)
	customer.click("#order")
	customer.sees("#slot-said", "다 찼어요")
	customer.sees("#slot-next", "")
	customer.click("#slot-next .slot")
	customer.sees("#pickup-chosen", "픽업")
	customer.click("#order")
	require.Equal(t, "paid", s.status(customer.orderID()))
}

// A store that is closed now takes orders for when it is open; another store's times are others.
func TestAStoreThatIsClosedIsOrderedAtForLater(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	staff := s.staff("en")
	staff.pause("quarter")
	customer := s.customer("en")
	customer.sees("#closed", "")
	customer.click(firstAdd)
	customer.await(`document.querySelector("#order").disabled`, "no order for now")
	customer.click("[name=when][value=later]")
	customer.click("#slot-times .slot:not([disabled])")
	customer.click("#order")
	require.Equal(t, "paid", s.status(customer.orderID()))
	staff.sees("#later .ticket", "Ice Americano")
}

// A time is one store's: who changes the store orders for now again.
func TestAnotherStoreHasOtherTimes(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	s.twoStores()
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.goTo(s.Customer + "/s/main")
	customer.sees(".drink", "")
	customer.click(firstAdd)
	customer.click("[name=when][value=later]")
	customer.click("#slot-times .slot:not([disabled])")
	customer.sees("#pickup-chosen", "Pick-up")
	customer.reload()
	customer.sees("#pickup-chosen", "Pick-up")
	customer.click("#change-store")
	customer.click("[data-store=brooklyn] .pick")
	customer.await(`document.querySelector("[name=when][value=now]").checked && document.querySelector("#pickup-chosen").hidden`, "an order for now")
}

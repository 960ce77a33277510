package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// withMilk gives the latte of the menu a milk that it has to have, and shots that it can have.
func withMilk(s *surface) *surface {
	names := func(ko, en string) order.Names { return order.Names{order.Korean: ko, order.English: en} }
	s.menu.change(func(state *catalog.State) {
		state.Catalog.Groups = []catalog.Group{
			{Group: "milk", Name: names("우유", "Milk"), Min: 1, Max: 1, Options: []catalog.Option{
				{Option: "whole", Name: names("일반 우유", "Whole milk"), Default: true, MaxQty: 1, Available: true},
				{Option: "oat", Name: names("오트", "Oat milk"), Price: 500, MaxQty: 1, Available: true},
			}},
			{Group: "shots", Name: names("샷", "Shots"), Max: 3, Options: []catalog.Option{
				{Option: "extra_shot", Name: names("샷 추가", "Extra shot"), Price: 500, MaxQty: 3, Available: true},
			}},
		}
		latte := state.Catalog.Items[1]
		latte.Groups = []string{"milk", "shots"}
		state.Catalog = state.Catalog.WithItem(latte)
	})
	return s
}

const oatLatte = `{"items":[{"product":"CafeLatte","qty":2,"options":[{"group":"milk","option":"oat"},{"group":"shots","option":"extra_shot","qty":2}],
	"note":" hot, please ","price":{"amount":5000,"currency":"KRW"}}],"language":"en"}`

func TestAnOrderHasItsOptions(t *testing.T) {
	t.Parallel()
	s := withMilk(newCustomerSurface(t))
	got := s.post("/orders", oatLatte).wants(http.StatusCreated).order()
	require.Equal(t, spec.Money{Amount: 10000, Currency: "KRW"}, got.Total)
	line := got.Items[0]
	require.Equal(t, "Cafe Latte", line.Name)
	require.Equal(t, spec.Names{Ko: "카페 라떼", En: "Cafe Latte"}, line.Names)
	require.Equal(t, "hot, please", *line.Note)
	require.Equal(t, spec.Money{Amount: 3500, Currency: "KRW"}, line.BasePrice)
	require.Equal(t, spec.Money{Amount: 5000, Currency: "KRW"}, line.Price)
	require.Equal(t, spec.Money{Amount: 10000, Currency: "KRW"}, line.Total)
	require.Equal(t, []spec.OrderItemOption{
		{Group: "milk", Option: "oat", Name: "Oat milk", Names: spec.Names{Ko: "오트", En: "Oat milk"}, Qty: 1, Price: spec.Money{Amount: 500, Currency: "KRW"}},
		{Group: "shots", Option: "extra_shot", Name: "Extra shot", Names: spec.Names{Ko: "샷 추가", En: "Extra shot"}, Qty: 2, Price: spec.Money{Amount: 500, Currency: "KRW"}},
	}, line.Options)
	require.Equal(t, "2x Cafe Latte (Oat milk, 2x Extra shot)", s.orders.placed[0].Summary)
}

// What was ordered is told of as it was ordered, whatever the menu has become.
func TestAnOrderKeepsWhatItWasCalled(t *testing.T) {
	t.Parallel()
	s := withMilk(newCustomerSurface(t))
	placed := s.post("/orders", oatLatte).wants(http.StatusCreated).order()
	s.menu.change(func(state *catalog.State) { state.Catalog = catalog.Catalog{} })
	require.Equal(t, placed.Items, s.get("/orders/"+placed.ID).wants(http.StatusOK).order().Items)
}

func TestAQuoteIsWhatTheOrderCosts(t *testing.T) {
	t.Parallel()
	s := withMilk(newCustomerSurface(t))
	quote := decodeAs[spec.Quote](s.post("/orders/quote", oatLatte).wants(http.StatusOK))
	require.Equal(t, s.post("/orders", oatLatte).wants(http.StatusCreated).order().Items, quote.Items)
	require.Equal(t, spec.Money{Amount: 10000, Currency: "KRW"}, quote.Total)
	require.Equal(t, quote.Total, quote.Subtotal)
	require.Equal(t, int64(500), quote.Points)
	s.post("/orders/quote", `{"items":[{"product":"Wine","qty":1}]}`).refuses(http.StatusUnprocessableEntity, "invalid_product", "items[0].product")
	require.Len(t, s.orders.placed, 1)
}

// A client that builds its body anew means the same by it.
func TestARetryMayBeWrittenInAnotherWay(t *testing.T) {
	t.Parallel()
	s := withMilk(newCustomerSurface(t))
	const key = "0123456789abcdef"
	first := s.post("/orders", `{"items":[{"product":"CafeLatte","qty":1,"options":[{"group":"milk","option":"oat","qty":1}]},{"product":"IceAmericano","qty":1,"options":[]}]}`,
		"Idempotency-Key", key).wants(http.StatusCreated).order()
	again := s.post("/orders", `{"items":[{"product":"CafeLatte","qty":1,"options":[{"group":"milk","option":"oat"}]},{"product":"IceAmericano","qty":1}]}`,
		"Idempotency-Key", key).wants(http.StatusCreated).order()
	require.Equal(t, first.ID, again.ID)
}

func TestAQuoteIsToBeHadWhileTheStoreIsClosed(t *testing.T) {
	t.Parallel()
	s := withMilk(newCustomerSurface(t))
	s.menu.change(func(state *catalog.State) { state.Store.Pause.Paused = true })
	s.post("/orders/quote", oatLatte).wants(http.StatusOK)
	s.post("/orders", oatLatte).refuses(http.StatusConflict, "store_closed", "")
}

func TestOptionsThatCannotBeHadAreRefused(t *testing.T) {
	t.Parallel()
	latte := func(options string) string {
		return `{"items":[{"product":"CafeLatte","qty":1,"options":` + options + `}]}`
	}
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
		field  string
	}{
		"an option that is sold out":  {latte(`[{"group":"milk","option":"oat"}]`), http.StatusConflict, "sold_out", "items[0].options[0].option"},
		"an unknown option":           {latte(`[{"group":"milk","option":"goat"}]`), http.StatusUnprocessableEntity, "invalid_option", "items[0].options[0].option"},
		"an unknown group":            {latte(`[{"group":"size","option":"large"}]`), http.StatusUnprocessableEntity, "invalid_group", "items[0].options[0].group"},
		"no group":                    {latte(`[{"option":"large"}]`), http.StatusUnprocessableEntity, "invalid_group", "items[0].options[0].group"},
		"too many":                    {latte(`[{"group":"shots","option":"extra_shot","qty":4}]`), http.StatusUnprocessableEntity, "invalid_qty", "items[0].options[0].qty"},
		"none of it":                  {latte(`[{"group":"shots","option":"extra_shot","qty":0}]`), http.StatusUnprocessableEntity, "invalid_qty", "items[0].options[0].qty"},
		"an option that is no object": {latte(`["oat"]`), http.StatusUnprocessableEntity, "invalid_options", "items[0].options[0]"},
		"the price without options": {`{"items":[{"product":"CafeLatte","qty":1,"options":[{"group":"shots","option":"extra_shot"}],"price":{"amount":3500,"currency":"KRW"}}]}`,
			http.StatusConflict, "price_changed", "items[0].price"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withMilk(newCustomerSurface(t))
			s.menu.change(func(state *catalog.State) {
				state.Overrides = state.Overrides.WithOption("milk", "oat", catalog.Availability{})
			})
			s.post("/orders", c.body).refuses(c.status, c.code, c.field)
			s.post("/orders/quote", c.body).refuses(c.status, c.code, c.field)
			s.nothingPlaced()
		})
	}
}

func TestTheStaffSaysThatAnOptionIsSoldOut(t *testing.T) {
	t.Parallel()
	s := withMilk(newStoreSurface(t))
	until := s.clock.Now().Add(time.Hour).UTC().Truncate(time.Second)
	option := decodeAs[spec.StoreMenuOption](s.put("/store/options/milk/oat", `{"available":false,"until":"`+until.Format(time.RFC3339)+`"}`).wants(http.StatusOK))
	require.False(t, option.Available)
	require.True(t, until.Equal(*option.Until))
	milk := decodeAs[spec.StoreMenu](s.get("/store/menu").wants(http.StatusOK)).Groups[0]
	require.False(t, milk.Options[1].Available)
	require.True(t, milk.Options[0].Available)

	s.clock.advance(time.Hour)
	require.True(t, decodeAs[spec.StoreMenu](s.get("/store/menu").wants(http.StatusOK)).Groups[0].Options[1].Available, "its time is over")
	s.put("/store/options/milk/oat", `{"available":false}`).wants(http.StatusOK)
	require.True(t, decodeAs[spec.StoreMenuOption](s.put("/store/options/milk/oat", `{"available":true}`).wants(http.StatusOK)).Available)
	s.put("/store/options/milk/goat", `{"available":true}`).refuses(http.StatusNotFound, "not_found", "")
	s.put("/store/options/milk/oat", `{"available":false,"until":"tomorrow"}`).refuses(http.StatusUnprocessableEntity, "invalid_until", "until")
	s.put("/store/options/milk/oat", `{"available":false,"until":"9999-12-31T00:00:00Z"}`).refuses(http.StatusUnprocessableEntity, "invalid_until", "until")
}

// A switch that was read before somebody changed the price writes nothing back of it.
func TestASoldOutSwitchLeavesThePriceAlone(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.put("/store/menu/CafeLatte", `{"price":{"amount":4000,"currency":"KRW"}}`).wants(http.StatusOK)
	item := decodeAs[spec.StoreMenuItem](s.put("/store/menu/CafeLatte", `{"available":false}`).wants(http.StatusOK))
	require.False(t, item.Available)
	require.Equal(t, spec.Money{Amount: 4000, Currency: "KRW"}, item.Price)
	kept, _ := s.menu.item("CafeLatte")
	require.True(t, kept.Available, "the catalog is another matter")
}

// The staff sees what a switch has no effect on: a drink whose milk is used up, or whose hours are over.
func TestTheStaffSeesWhyAnItemCannotBeHad(t *testing.T) {
	t.Parallel()
	s := withMilk(newStoreSurface(t))
	shown := func() *spec.Unavailability {
		for _, item := range decodeAs[spec.StoreMenu](s.get("/store/menu").wants(http.StatusOK)).Items {
			if item.Product == "CafeLatte" {
				require.Equal(t, item.Available, item.Unavailable == nil)
				return item.Unavailable
			}
		}
		return nil
	}
	require.Nil(t, shown())
	until := s.clock.Now().Add(time.Hour).UTC().Truncate(time.Second)
	for _, option := range []string{"whole", "oat"} {
		s.put("/store/options/milk/"+option, `{"available":false,"until":"`+until.Format(time.RFC3339)+`"}`).wants(http.StatusOK)
	}
	require.Equal(t, &spec.Unavailability{Reason: "options", Group: new("milk"), Until: &until}, shown())

	// A press of its switch is answered with what is still the matter.
	put := decodeAs[spec.StoreMenuItem](s.put("/store/menu/CafeLatte", `{"available":true}`).wants(http.StatusOK))
	require.False(t, put.Available)
	require.Equal(t, shown(), put.Unavailable)
	put = decodeAs[spec.StoreMenuItem](s.put("/store/menu/CafeLatte", `{"available":false}`).wants(http.StatusOK))
	require.Equal(t, &spec.Unavailability{Reason: "sold_out"}, put.Unavailable)

	s.clock.advance(time.Hour)
	s.put("/store/menu/CafeLatte", `{"available":true}`).wants(http.StatusOK)
	require.Nil(t, shown())
	s.menu.change(func(state *catalog.State) { state.Catalog.Items[1].Hours = []store.Period{{"07:00", "11:00"}} })
	tomorrow := time.Date(2026, 3, 3, 7, 0, 0, 0, time.UTC)
	require.Equal(t, &spec.Unavailability{Reason: "hours", Until: &tomorrow}, shown())
}

func TestANewPriceIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	s := withMilk(newCustomerSurface(t))
	body := `{"items":[{"product":"IceAmericano","qty":1},` + strings.TrimPrefix(strings.Replace(oatLatte, "5000", "4500", 1), `{"items":[`)
	for _, path := range []string{"/orders", "/orders/quote"} {
		problem := s.post(path, body).refuses(http.StatusConflict, "price_changed", "items[1].price")
		require.Equal(t, 2, *problem.Line)
		require.Equal(t, spec.Money{Amount: 5000, Currency: "KRW"}, *problem.Price)
	}
	s.nothingPlaced()
	sold := s.post("/orders", `{"items":[{"product":"Affogato","qty":1}]}`).refuses(http.StatusConflict, "sold_out", "items[0].product")
	require.Nil(t, sold.Line)
	require.Nil(t, sold.Price)
}

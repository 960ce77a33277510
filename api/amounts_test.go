package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/order"
)

// atStripe are the surfaces while Stripe is the provider of payments.
func storeAtStripe(c *StoreConfig)       { c.Amounts = stripe.Amounts }
func customerAtStripe(c *CustomerConfig) { c.Amounts = stripe.Amounts }

// priced is [tea] at another price.
func priced(amount int64, currency string) string {
	return strings.Replace(tea, `"amount":3000,"currency":"KRW"`, fmt.Sprintf(`"amount":%d,"currency":%q`, amount, currency), 1)
}

func TestAPriceIsInACurrencyThatPeoplePayWith(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ZZZ", "XXX", "XTS", "XAU", "CLF", "DEM", "KR", "k€w"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s := newStoreSurface(t)
			s.menu.state.Catalog.Items = nil
			problem := s.put("/store/menu/GreenTea", priced(3000, code)).refuses(http.StatusUnprocessableEntity, "invalid_price", "price.currency")
			require.Contains(t, problem.Detail, "ISO 4217")
		})
	}
}

// 100,000,000 of the currency itself is the highest price, whatever its decimals.
func TestThePriceHasTheSameBoundInEveryCurrency(t *testing.T) {
	t.Parallel()
	for currency, highest := range map[string]int64{"KRW": 100_000_000, "USD": 100_000_000_00, "IDR": 100_000_000_00, "KWD": 100_000_000_000} {
		t.Run(currency, func(t *testing.T) {
			t.Parallel()
			s := newStoreSurface(t)
			s.menu.state.Catalog.Items = nil
			s.put("/store/menu/GreenTea", priced(highest, currency)).wants(http.StatusOK)
			s.put("/store/menu/GreenTea", priced(highest+1, currency)).refuses(http.StatusUnprocessableEntity, "invalid_price", "price.amount")
		})
	}
}

func TestAPriceThatStripeCannotChargeIsRefusedWhereItIsSet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount   int64
		currency string
		words    string
	}{
		"a third decimal that is not 0": {1255, "KWD", "price.amount must be a multiple of 0.010 KWD: Stripe charges KWD in no smaller steps"},
		"a fraction of an ariary":       {4500_50, "MGA", "price.amount must be a multiple of 1.00 MGA: Stripe charges MGA in no smaller steps"},
		"nine digits":                   {1_000_000_00, "USD", "price.amount must be 999999.99 USD at most: Stripe charges no more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStoreSurface(t, storeAtStripe)
			s.menu.state.Catalog.Items = nil
			problem := s.put("/store/menu/GreenTea", priced(c.amount, c.currency)).refuses(http.StatusUnprocessableEntity, "invalid_price", "price.amount")
			require.Equal(t, c.words, problem.Detail)
			require.Empty(t, s.menu.state.Catalog.Items)
			sandbox := newStoreSurface(t)
			sandbox.menu.state.Catalog.Items = nil
			sandbox.put("/store/menu/GreenTea", priced(c.amount, c.currency)).wants(http.StatusOK)
		})
	}
	t.Run("a price below the smallest charge is fine: people order several", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t, storeAtStripe)
		s.put("/store/menu/GreenTea", priced(20, "KRW")).wants(http.StatusOK)
	})
}

// A price that was set before is no reason to sell what has run out.
func TestAProductWithAPriceOfOldCanBeSoldOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		price order.Money
		blame string
	}{
		"a third decimal that is not 0":    {order.Money{Amount: 1255, Currency: "KWD"}, "price.amount"},
		"a currency that is none any more": {order.Money{Amount: 1255, Currency: "DEM"}, "price.currency"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStoreSurface(t, storeAtStripe)
			s.sells(c.price.Amount, c.price.Currency)
			body := strings.Replace(priced(c.price.Amount, c.price.Currency), `"available":true`, `"available":false`, 1)
			s.put("/store/menu/GreenTea", body).wants(http.StatusOK)
			s.put("/store/menu/BlackTea", body).refuses(http.StatusUnprocessableEntity, "invalid_price", c.blame)
		})
	}
}

// sells puts one product at that price on the menu, and nothing else.
func (s *surface) sells(amount int64, currency string) {
	item := menuItem("GreenTea", "녹차", "Green Tea", amount)
	item.Price.Currency = currency
	s.menu.state.Catalog.Items = []catalog.Item{item}
}

// What can never be charged starts no workflow: nobody is told of a declined card,
// and nothing is stuck.
func TestATotalThatCanNeverBeChargedIsRefusedBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount   int64
		currency string
		qty      int
		words    string
	}{
		"below Stripe's minimum":           {20, "USD", 2, "total must be 0.50 USD at least: Stripe charges no less"},
		"above Stripe's maximum":           {500_000_00, "USD", 2, "total must be 999999.99 USD at most: Stripe charges no more"},
		"a third decimal that is not 0":    {1255, "KWD", 1, "total must be a multiple of 0.010 KWD: Stripe charges KWD in no smaller steps"},
		"a currency that is none any more": {1255, "DEM", 1, "total is in DEM, which is not a currency of ISO 4217 that people pay with"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t, customerAtStripe)
			s.sells(c.amount, c.currency)
			problem := s.post("/orders", fmt.Sprintf(`{"items":[{"product":"GreenTea","qty":%d}]}`, c.qty)).
				refuses(http.StatusUnprocessableEntity, "invalid_total", "total")
			require.Equal(t, c.words, problem.Detail)
			require.Empty(t, s.orders.placed)
		})
	}
}

func TestATotalThatCanBeChargedIsPlaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount   int64
		currency string
		qty      int
	}{
		"several of what is too cheap alone":      {20, "USD", 3},
		"two of what has a fraction alone":        {1255, "KWD", 2},
		"690 krónur, sent as 69000":               {690, "ISK", 1},
		"two and a half million rupiah of a cent": {2_500_000, "IDR", 1},
		"what is free":                            {0, "USD", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t, customerAtStripe)
			s.sells(c.amount, c.currency)
			s.post("/orders", fmt.Sprintf(`{"items":[{"product":"GreenTea","qty":%d}]}`, c.qty)).wants(http.StatusCreated)
		})
	}
}

func TestTheSandboxTakesTotalsThatStripeDoesNot(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.sells(20, "USD")
	s.post("/orders", `{"items":[{"product":"GreenTea","qty":1}]}`).wants(http.StatusCreated)
}

// Where only the provider knows the bound, the customer hears that it is the total,
// and not their card.
func TestATotalThatTheProviderRefusesIsNoDeclinedCard(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, customerAtStripe)
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: order.DeclineInvalidTotal}
	problem := s.post("/orders", twoAmericanos).refuses(http.StatusUnprocessableEntity, "invalid_total", "total")
	require.Equal(t, s.orders.placed[0].ID, *problem.OrderID)
	require.NotContains(t, problem.Detail, "declined")
}

func TestAChangedPriceIsNamedWithItsDecimals(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.sells(1200_00, "HUF")
	problem := s.post("/orders", `{"items":[{"product":"GreenTea","qty":1,"price":{"amount":1100,"currency":"HUF"}}]}`).
		refuses(http.StatusConflict, "price_changed", "items[0].price")
	require.Equal(t, "the price of GreenTea is 1200.00 HUF now", problem.Detail)
}

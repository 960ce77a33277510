package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/test/cafe"
)

// sellOnlyTea puts green tea at that price on the menu, and takes off the others: a
// menu has one currency.
func sellOnlyTea(t *testing.T, c *cafe.Cafe, amount int64, currency string) {
	t.Helper()
	const product = "GreenTea"
	var menu struct {
		Items []struct {
			Product string `json:"product"`
		} `json:"items"`
	}
	require.NoError(t, json.Unmarshal(editMenu(t, c, http.MethodGet, "", nil), &menu))
	for _, item := range menu.Items {
		if item.Product != product {
			editMenu(t, c, http.MethodDelete, "/"+item.Product, nil)
		}
	}
	editMenu(t, c, http.MethodPut, "/"+product, map[string]any{
		"name": map[string]string{"ko": "녹차", "en": "Green Tea"}, "available": true,
		"price": map[string]any{"amount": amount, "currency": currency},
	})
}

// editMenu sends a request of the staff's about the menu, and returns the answer.
func editMenu(t *testing.T, c *cafe.Cafe, method, product string, body any) []byte {
	t.Helper()
	data, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(within(t), method, c.Store+"/store/menu"+product, bytes.NewReader(data))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+c.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Less(t, response.StatusCode, http.StatusBadRequest, "%s", answer)
	return answer
}

// Browsers have no decimals for forints and rupiah, ISO 4217 has two: 120000 are
// 1,200.00 forints on every page.
func TestPagesShowMoneyWithTheDecimalsOfItsCurrency(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	sellOnlyTea(t, s.Cafe, 120_000, "HUF")
	const shown = "Ft\u00a01,200.00"
	customer := s.customer("en")
	customer.sees(".drink .price", shown)
	customer.click(firstAdd)
	customer.sees("#total", shown)
	customer.click("#order")
	customer.orderID()
	customer.sees("#total", shown)
	customer.sees("#money", shown)
	customer.goTo(s.Customer + "/dev")
	customer.sees("#payments", shown)

	staff := s.staff("ko")
	staff.click("summary")
	staff.sees("#switches", "1,200.00")
	for _, c := range []struct {
		amount          int64
		currency, shown string
	}{{2_500_000, "IDR", "Rp\u00a025,000.00"}, {1250, "KWD", "KWD\u00a01.250"}, {690, "ISK", "kr\u00a0690"}, {4000, "KRW", "₩4,000"}} {
		sellOnlyTea(t, s.Cafe, c.amount, c.currency)
		w := s.customer("en")
		w.await(fmt.Sprintf(`document.querySelector(".drink .price").innerText === %q`, c.shown), c.shown)
	}
}

// Stripe alone knows what the least is in a currency that it converts: the order
// has failed, and nothing waits for an operator who could not mend it.
func TestATotalThatStripeRefusesEndsItsOrder(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startStripeDev(t)
	tea := cafe.NewOrder{Items: []cafe.Item{{Product: "GreenTea", Qty: 1}}, PaymentMethod: stripetest.Visa}
	var problem *cafe.Problem

	sellOnlyTea(t, d.Cafe, 20, "USD")
	_, err := d.PlaceOrder(within(t), tea, "")
	require.ErrorAs(t, err, &problem)
	require.Equal(t, http.StatusUnprocessableEntity, problem.Status)
	require.Equal(t, "invalid_total", problem.Code)
	require.Empty(t, problem.OrderID, "nothing was started")

	sellOnlyTea(t, d.Cafe, 100_00, "IDR")
	_, err = d.PlaceOrder(within(t), tea, "")
	require.ErrorAs(t, err, &problem)
	require.NotEmpty(t, problem.OrderID)
	d.awaitEnd(problem.OrderID)
	o, err := d.Order(within(t), problem.OrderID)
	require.NoError(t, err)
	require.Equal(t, "payment_failed", o.Status)
	require.NotContains(t, d.operator("orders", "list"), problem.OrderID)

	sellOnlyTea(t, d.Cafe, 690, "ISK")
	o, err = d.PlaceOrder(within(t), tea, "")
	require.NoError(t, err)
	require.Equal(t, []string{"charge 69000"}, d.stripe.Money(o.ID))
	_, err = d.Cancel(within(t), o.ID)
	require.NoError(t, err)
	d.await(o.ID, refundedOrder)
	require.Equal(t, []string{"charge 69000", "refund 69000"}, d.stripe.Money(o.ID))
	require.Contains(t, d.operator("audit", "--since", "1h"), "No differences.")
}

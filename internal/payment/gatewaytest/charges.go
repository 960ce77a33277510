package gatewaytest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// concurrentCalls is how many calls are made at once.
const concurrentCalls = 10

var chargeCases = map[string]func(t *testing.T, h *Harness){
	"a charge takes the money once":                     chargeOnce,
	"many charges at once take the money once":          chargeConcurrently,
	"a charge is taken in its currency":                 chargeCurrencies,
	"a declined charge stays declined":                  chargeDeclined,
	"another charge under the same key is invalid":      chargeOtherwise,
	"an order without cost moves no money":              chargeNothing,
	"a caller who leaves learns nothing":                chargeAbandoned,
	"a charge that the customer confirms is made":       chargeConfirmed,
	"a charge that the customer does not confirm fails": chargeUnconfirmed,
	"a payment method that pays is known":               knowMethod,
}

func chargeOnce(t *testing.T, h *Harness) {
	c := newCharge(h.Pays)
	first := h.pay(t, c)
	if c.PaymentMethod != order.MethodRedirect { // whose page may have made it
		require.False(t, first.MadeBefore)
	}
	for _, repeated := range []order.Charge{c, repeatedCharge(c)} {
		result := h.pay(t, repeated)
		require.Equal(t, first.Reference, result.Reference)
		require.True(t, result.MadeBefore)
	}
	h.requireMoved(t, Charged)
	orders, err := h.Gateway.OrdersSince(t.Context(), c.PlacedAt.Add(-RetryAfter))
	require.NoError(t, err)
	require.Equal(t, []string{"ord_1"}, orders)
}

func chargeConcurrently(t *testing.T, h *Harness) {
	c := newCharge(h.Pays)
	var all sync.WaitGroup
	for range concurrentCalls {
		all.Go(func() {
			if _, err := h.Gateway.Charge(t.Context(), c); err != nil { // one beside another may be told to come again
				assert.Equal(t, order.CodeUnavailable, order.ErrorCode(err), err)
			}
		})
	}
	all.Wait()
	h.pay(t, repeatedCharge(c))
	h.requireMoved(t, Charged)
}

// chargeCurrencies has currencies with no, two and three decimals, and some that are told
// apart by some providers.
func chargeCurrencies(t *testing.T, h *Harness) {
	for n, amount := range []order.Money{
		{Amount: 4000, Currency: "KRW"}, {Amount: 450, Currency: "USD"}, {Amount: 1250, Currency: "KWD"}, {Amount: 690, Currency: "ISK"},
		{Amount: 1200_00, Currency: "HUF"}, {Amount: 4500_00, Currency: "MGA"}, {Amount: 12_000, Currency: "UGX"},
	} {
		if len(h.Currencies) > 0 && !slices.Contains(h.Currencies, amount.Currency) {
			continue
		}
		c := newCharge(h.Pays)
		c.OrderID += amount.Currency
		c.IdempotencyKey, c.Amount = c.OrderID+"/charge", amount
		result := h.pay(t, c)
		refund := RefundOf(c)
		refund.Reference = result.Reference
		_, err := h.Gateway.Refund(t.Context(), refund)
		require.NoError(t, err)
		moved, err := h.Gateway.MovementsOf(t.Context(), []string{c.OrderID})
		require.NoError(t, err)
		require.Len(t, moved, 2, n)
		for i, kind := range []string{payment.KindCharge, payment.KindRefund} {
			require.Equal(t, kind, moved[i].Kind)
			require.Equal(t, amount.Amount, moved[i].Amount)
			require.Equal(t, amount.Currency, moved[i].Currency)
		}
	}
}

func chargeDeclined(t *testing.T, h *Harness) {
	for method, code := range h.Declines {
		c := newCharge(method)
		c.OrderID += method
		c.IdempotencyKey = c.OrderID + "/charge"
		for _, asked := range []order.Charge{c, c, repeatedCharge(c)} {
			result, err := h.Gateway.Charge(t.Context(), asked)
			require.NoError(t, err)
			require.True(t, result.Declined)
			require.Equal(t, code, result.DeclineCode)
		}
		found, err := h.Gateway.Void(t.Context(), VoidOf(c))
		require.NoError(t, err)
		require.False(t, found.Captured)
		moved, err := h.Gateway.MovementsOf(t.Context(), []string{c.OrderID})
		require.NoError(t, err)
		require.Empty(t, moved)
	}
}

func chargeOtherwise(t *testing.T, h *Harness) {
	c := newCharge(h.Pays)
	h.pay(t, c)
	c.Amount.Amount++
	_, err := h.Gateway.Charge(t.Context(), c)
	RequireCode(t, order.CodeInvalid, err)
	h.requireMoved(t, Charged)
}

func chargeNothing(t *testing.T, h *Harness) {
	c := newCharge(h.Pays)
	c.Amount = Won(0)
	result := h.pay(t, c)
	_, err := h.Gateway.Void(t.Context(), VoidOf(c))
	require.NoError(t, err)
	refund := RefundOf(c)
	refund.Reference = result.Reference
	_, err = h.Gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	h.requireMoved(t)
}

func chargeAbandoned(t *testing.T, h *Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Gateway.Charge(ctx, newCharge(h.Pays))
	RequireCode(t, order.CodeUnavailable, err)
	h.requireMoved(t)
}

func chargeConfirmed(t *testing.T, h *Harness) {
	if h.Confirm == nil {
		t.Skip("customers confirm nothing")
	}
	c := newCharge(h.Unconfirmed)
	for _, asked := range []order.Charge{c, c, repeatedCharge(c)} {
		result, err := h.Gateway.Charge(t.Context(), asked)
		require.NoError(t, err)
		require.NotNil(t, result.Action)
	}
	h.requireMoved(t)
	h.Confirm(t, c.OrderID, true)
	h.pay(t, repeatedCharge(c))
	h.requireMoved(t, Charged)
}

func chargeUnconfirmed(t *testing.T, h *Harness) {
	if h.Confirm == nil {
		t.Skip("customers confirm nothing")
	}
	c := newCharge(h.Unconfirmed)
	_, err := h.Gateway.Charge(t.Context(), c)
	require.NoError(t, err)
	h.Confirm(t, c.OrderID, false)
	for range 2 {
		result, err := h.Gateway.Charge(t.Context(), repeatedCharge(c))
		require.NoError(t, err)
		require.True(t, result.Declined)
		require.NotEmpty(t, result.DeclineCode)
	}
	h.requireMoved(t)
}

func knowMethod(t *testing.T, h *Harness) {
	require.True(t, h.Gateway.KnownMethod(h.Pays))
	require.False(t, h.Gateway.KnownMethod(""))
}

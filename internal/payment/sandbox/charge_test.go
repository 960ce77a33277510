package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/order"
)

func TestTheUnavailableMethodAnswersItsThirdCall(t *testing.T) {
	t.Parallel()
	gateway := openSandbox(t, newPath(t))
	for range 2 {
		_, err := gateway.Charge(t.Context(), gatewaytest.ChargeWith("pm_sandbox_unavailable"))
		gatewaytest.RequireCode(t, order.CodeUnavailable, err)
		require.Empty(t, movements(t, gateway))
	}
	result, err := gateway.Charge(t.Context(), gatewaytest.ChargeWith("pm_sandbox_unavailable"))
	require.NoError(t, err)
	require.NotEmpty(t, result.Reference)
	require.Equal(t, []payment.Movement{gatewaytest.Charged}, movements(t, gateway))
}

func TestCallsAreCountedForEachKey(t *testing.T) {
	t.Parallel()
	gateway := openSandbox(t, newPath(t))
	other := gatewaytest.ChargeWith("pm_sandbox_unavailable")
	other.IdempotencyKey = "ord_2/charge"
	for range 2 {
		_, err := gateway.Charge(t.Context(), other)
		gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	}
	_, err := gateway.Charge(t.Context(), gatewaytest.ChargeWith("pm_sandbox_unavailable"))
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
}

func TestAnotherChargeUnderTheSameKeyIsInvalid(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*order.Charge){
		"another order":    func(c *order.Charge) { c.OrderID = "ord_2" },
		"another amount":   func(c *order.Charge) { c.Amount.Amount++ },
		"another currency": func(c *order.Charge) { c.Amount.Currency = "USD" },
		"another method":   func(c *order.Charge) { c.PaymentMethod = "pm_card_chargeDeclined" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway := openSandbox(t, newPath(t))
			charge := gatewaytest.ChargeWith("pm_card_visa")
			_, err := gateway.Charge(t.Context(), charge)
			require.NoError(t, err)
			change(&charge)
			_, err = gateway.Charge(t.Context(), charge)
			gatewaytest.RequireCode(t, order.CodeInvalid, err)
			_, err = gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			gatewaytest.RequireCode(t, order.CodeInvalid, err)
			require.Equal(t, []payment.Movement{gatewaytest.Charged}, movements(t, gateway))
		})
	}
}

func TestAChargeThatCannotBeIsInvalid(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*order.Charge){
		"idempotency_key": func(c *order.Charge) { c.IdempotencyKey = "" },
		"amount":          func(c *order.Charge) { c.Amount.Amount = -1 },
		"payment_method":  func(c *order.Charge) { c.PaymentMethod = "pm_unknown" },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			gateway := openSandbox(t, newPath(t))
			charge := gatewaytest.ChargeWith("pm_card_visa")
			change(&charge)
			_, err := gateway.Charge(t.Context(), charge)
			gatewaytest.RequireCode(t, order.CodeInvalid, err)
			var e *order.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, field, e.Field)
			_, err = gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			gatewaytest.RequireCode(t, order.CodeInvalid, err)
		})
	}
}

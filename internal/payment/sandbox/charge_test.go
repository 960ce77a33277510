package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/order"
)

func TestChargeTakesTheMoneyOnce(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"pm_card_visa", "pm_sandbox_refund_unavailable"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			gateway := openSandbox(t, newPath(t))
			first, err := gateway.Charge(t.Context(), gatewaytest.ChargeWith(method))
			require.NoError(t, err)
			require.NotEmpty(t, first.Reference)
			require.False(t, first.Declined)
			again, err := gateway.Charge(t.Context(), gatewaytest.ChargeWith(method))
			require.NoError(t, err)
			require.True(t, again.MadeBefore)
			require.False(t, first.MadeBefore)
			require.Equal(t, first.Reference, again.Reference)
			require.Equal(t, []payment.Movement{gatewaytest.Charged}, movements(t, gateway))
		})
	}
}

func TestADeclinedChargeStaysDeclined(t *testing.T) {
	t.Parallel()
	for method, code := range map[string]string{
		"pm_card_chargeDeclined":                  "generic_decline",
		"pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			gateway := openSandbox(t, newPath(t))
			for range 2 {
				result, err := gateway.Charge(t.Context(), gatewaytest.ChargeWith(method))
				require.NoError(t, err)
				require.True(t, result.Declined)
				require.Equal(t, code, result.DeclineCode)
			}
			require.Empty(t, movements(t, gateway))
		})
	}
}

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

func TestTheTimeoutMethodChargesAndLosesItsFirstAnswer(t *testing.T) {
	t.Parallel()
	gateway := openSandbox(t, newPath(t))
	_, err := gateway.Charge(t.Context(), gatewaytest.ChargeWith("pm_sandbox_timeout"))
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	require.ErrorContains(t, err, "the answer was lost")
	require.Equal(t, []payment.Movement{gatewaytest.Charged}, movements(t, gateway), "the money is gone already")
	result, err := gateway.Charge(t.Context(), gatewaytest.ChargeWith("pm_sandbox_timeout"))
	require.NoError(t, err)
	require.NotEmpty(t, result.Reference)
	require.Len(t, movements(t, gateway), 1)
}

func TestAChargeWithoutCostMovesNoMoney(t *testing.T) {
	t.Parallel()
	gateway := openSandbox(t, newPath(t))
	free := gatewaytest.ChargeWith("pm_card_visa")
	free.Amount = gatewaytest.Won(0)
	_, err := gateway.Charge(t.Context(), free)
	require.NoError(t, err)
	require.Empty(t, movements(t, gateway))
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

func TestVoidBarsAChargeThatWasNotCaptured(t *testing.T) {
	t.Parallel()
	for name, callsBefore := range map[string]int{"never charged": 0, "charged without an answer": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway := openSandbox(t, newPath(t))
			charge := gatewaytest.ChargeWith("pm_sandbox_unavailable")
			for range callsBefore {
				_, err := gateway.Charge(t.Context(), charge)
				gatewaytest.RequireCode(t, order.CodeUnavailable, err)
			}
			for range 2 {
				result, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
				require.NoError(t, err)
				require.Zero(t, result)
			}
			for range 3 {
				_, err := gateway.Charge(t.Context(), charge)
				gatewaytest.RequireCode(t, order.CodeRefused, err)
			}
			require.Empty(t, movements(t, gateway))
		})
	}
}

func TestVoidFindsAChargeThatWasCaptured(t *testing.T) {
	t.Parallel()
	gateway := openSandbox(t, newPath(t))
	charge := gatewaytest.ChargeWith("pm_sandbox_timeout")
	_, err := gateway.Charge(t.Context(), charge)
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	require.NoError(t, err)
	require.True(t, found.Captured)
	known, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err, "the charge stands")
	require.Equal(t, known.Reference, found.Reference)
	_, err = gateway.Refund(t.Context(), gatewaytest.RefundOf(charge))
	require.NoError(t, err)
}

func TestVoidOfADeclinedChargeFindsNothing(t *testing.T) {
	t.Parallel()
	gateway := openSandbox(t, newPath(t))
	charge := gatewaytest.ChargeWith("pm_card_chargeDeclined")
	_, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	result, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	require.NoError(t, err)
	require.False(t, result.Captured)
}

package payment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/order"
)

// openCharged opens a new sandbox in which the order was charged, and returns
// the payment's reference.
func openCharged(t *testing.T, charge order.Charge) (*payment.Sandbox, string) {
	t.Helper()
	sandbox := openSandbox(t, newPath(t))
	result, err := sandbox.Charge(t.Context(), charge)
	require.NoError(t, err)
	return sandbox, result.Reference
}

func TestRefundGivesTheMoneyBackOnce(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_card_visa")
	sandbox, reference := openCharged(t, charge)
	refund := gatewaytest.RefundOf(charge)
	refund.Reference = reference
	first, err := sandbox.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.NotEmpty(t, first.Reference)
	again, err := sandbox.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Equal(t, []payment.Movement{charged, refunded}, movements(t, sandbox))
}

func TestARefundOfLessThanWasChargedIsFine(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_card_visa")
	sandbox, _ := openCharged(t, charge)
	refund := gatewaytest.RefundOf(charge)
	refund.Amount = gatewaytest.Won(1500)
	_, err := sandbox.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.EqualValues(t, 1500, movements(t, sandbox)[1].Amount)
}

func TestTheRefundUnavailableMethodRefundsAtTheThirdCall(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_sandbox_refund_unavailable")
	sandbox, _ := openCharged(t, charge)
	for range 2 {
		_, err := sandbox.Refund(t.Context(), gatewaytest.RefundOf(charge))
		gatewaytest.RequireCode(t, order.CodeUnavailable, err)
		require.Equal(t, []payment.Movement{charged}, movements(t, sandbox))
	}
	_, err := sandbox.Refund(t.Context(), gatewaytest.RefundOf(charge))
	require.NoError(t, err)
	require.Equal(t, []payment.Movement{charged, refunded}, movements(t, sandbox))
}

func TestRefundRefusesWhatWasNeverCaptured(t *testing.T) {
	t.Parallel()
	declined, voided := gatewaytest.ChargeWith("pm_card_chargeDeclined"), gatewaytest.ChargeWith("pm_card_visa")
	for name, prepare := range map[string]func(*testing.T, *payment.Sandbox){
		"an unknown charge": func(*testing.T, *payment.Sandbox) {},
		"a declined charge": func(t *testing.T, sandbox *payment.Sandbox) {
			_, err := sandbox.Charge(t.Context(), declined)
			require.NoError(t, err)
		},
		"a voided charge": func(t *testing.T, sandbox *payment.Sandbox) {
			_, err := sandbox.Void(t.Context(), gatewaytest.VoidOf(voided))
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := openSandbox(t, newPath(t))
			prepare(t, sandbox)
			_, err := sandbox.Refund(t.Context(), gatewaytest.RefundOf(voided))
			gatewaytest.RequireCode(t, order.CodeRefused, err)
			require.Empty(t, movements(t, sandbox))
		})
	}
}

func TestRefundRefusesWhatTheChargeDoesNotCover(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*order.RefundRequest){
		"more than was charged":  func(r *order.RefundRequest) { r.Amount.Amount++ },
		"another currency":       func(r *order.RefundRequest) { r.Amount.Currency = "USD" },
		"another order's charge": func(r *order.RefundRequest) { r.OrderID = "ord_2" },
		"another reference":      func(r *order.RefundRequest) { r.Reference = "pi_other" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			charge := gatewaytest.ChargeWith("pm_card_visa")
			sandbox, _ := openCharged(t, charge)
			refund := gatewaytest.RefundOf(charge)
			change(&refund)
			_, err := sandbox.Refund(t.Context(), refund)
			gatewaytest.RequireCode(t, order.CodeRefused, err)
			require.Equal(t, []payment.Movement{charged}, movements(t, sandbox))
		})
	}
}

func TestAnOrderIsRefundedOnceWhateverTheKey(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_card_visa")
	sandbox, _ := openCharged(t, charge)
	refund := gatewaytest.RefundOf(charge)
	refund.Amount = gatewaytest.Won(1000)
	_, err := sandbox.Refund(t.Context(), refund)
	require.NoError(t, err)
	refund.IdempotencyKey = "another key"
	_, err = sandbox.Refund(t.Context(), refund)
	gatewaytest.RequireCode(t, order.CodeRefused, err)
	require.Len(t, movements(t, sandbox), 2)
}

func TestAnotherRefundUnderTheSameKeyIsInvalid(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_card_visa")
	sandbox, _ := openCharged(t, charge)
	_, err := sandbox.Refund(t.Context(), gatewaytest.RefundOf(charge))
	require.NoError(t, err)
	other := gatewaytest.RefundOf(charge)
	other.Amount = gatewaytest.Won(1)
	_, err = sandbox.Refund(t.Context(), other)
	gatewaytest.RequireCode(t, order.CodeInvalid, err)
}

func TestARefundThatCannotBeIsInvalid(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_card_visa")
	sandbox, _ := openCharged(t, charge)
	for _, change := range []func(*order.RefundRequest){
		func(r *order.RefundRequest) { r.IdempotencyKey = "" },
		func(r *order.RefundRequest) { r.Amount.Amount = -1 },
	} {
		refund := gatewaytest.RefundOf(charge)
		change(&refund)
		_, err := sandbox.Refund(t.Context(), refund)
		gatewaytest.RequireCode(t, order.CodeInvalid, err)
	}
}

package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
)

// openCharged opens a new sandbox in which the order was charged.
func openCharged(t *testing.T, charge order.Charge) *sandbox.Gateway {
	t.Helper()
	gateway := openSandbox(t, newPath(t))
	_, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	return gateway
}

func TestARefundOfLessThanWasChargedIsFine(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_card_visa")
	gateway := openCharged(t, charge)
	refund := gatewaytest.RefundOf(charge)
	refund.Amount = gatewaytest.Won(1500)
	_, err := gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.EqualValues(t, 1500, movements(t, gateway)[1].Amount)
}

func TestTheRefundUnavailableMethodRefundsAtTheThirdCall(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_sandbox_refund_unavailable")
	gateway := openCharged(t, charge)
	for range 2 {
		_, err := gateway.Refund(t.Context(), gatewaytest.RefundOf(charge))
		gatewaytest.RequireCode(t, order.CodeUnavailable, err)
		require.Equal(t, []payment.Movement{gatewaytest.Charged}, movements(t, gateway))
	}
	_, err := gateway.Refund(t.Context(), gatewaytest.RefundOf(charge))
	require.NoError(t, err)
	require.Equal(t, []payment.Movement{gatewaytest.Charged, gatewaytest.Refunded}, movements(t, gateway))
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
			gateway := openCharged(t, charge)
			refund := gatewaytest.RefundOf(charge)
			change(&refund)
			_, err := gateway.Refund(t.Context(), refund)
			gatewaytest.RequireCode(t, order.CodeRefused, err)
			require.Equal(t, []payment.Movement{gatewaytest.Charged}, movements(t, gateway))
		})
	}
}

// What has gone back counts, whatever the key.
func TestARefundUnderAnotherKeyGivesNothingBackTwice(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_card_visa")
	gateway := openCharged(t, charge)
	refund := gatewaytest.PartOf(charge, 1, 1000, 1000)
	made, err := gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	refund.IdempotencyKey = "another key"
	for range 2 {
		result, err := gateway.Refund(t.Context(), refund)
		require.NoError(t, err)
		require.Equal(t, made, result)
	}
	require.Equal(t, []payment.Movement{gatewaytest.Charged, gatewaytest.RefundedPart(1000)}, movements(t, gateway))
}

// A file of the time when a charge had one refund says so with an index.
func TestAnOldFileLearnsOfSeveralRefunds(t *testing.T) {
	t.Parallel()
	path, charge := newPath(t), gatewaytest.ChargeWith("pm_card_visa")
	before := openSandbox(t, path)
	_, err := before.Charge(t.Context(), charge)
	require.NoError(t, err)
	made, err := before.Refund(t.Context(), gatewaytest.PartOf(charge, 1, 1000, 1000))
	require.NoError(t, err)
	old, err := sqlite.Open(path)
	require.NoError(t, err)
	_, err = old.ExecContext(t.Context(), `DELETE FROM schemas_made;
		CREATE UNIQUE INDEX sandbox_refunds_made ON sandbox_refunds (charge_key) WHERE reference <> '';`)
	require.NoError(t, err)
	_, err = before.Refund(t.Context(), gatewaytest.PartOf(charge, 2, 1000, 2000))
	require.Error(t, err, "the index is there")
	require.NoError(t, old.Close())

	gateway := openSandbox(t, path)
	again, err := gateway.Refund(t.Context(), gatewaytest.RefundOf(charge))
	gatewaytest.RequireCode(t, order.CodeInvalid, err)
	require.Zero(t, again)
	result, err := gateway.Refund(t.Context(), gatewaytest.PartOf(charge, 1, 1000, 1000))
	require.NoError(t, err)
	require.Equal(t, made, result)
	_, err = gateway.Refund(t.Context(), gatewaytest.PartOf(charge, 2, 1000, 2000))
	require.NoError(t, err)
	require.Len(t, movements(t, gateway), 3)
}

func TestAnotherRefundUnderTheSameKeyIsInvalid(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_card_visa")
	gateway := openCharged(t, charge)
	_, err := gateway.Refund(t.Context(), gatewaytest.RefundOf(charge))
	require.NoError(t, err)
	other := gatewaytest.RefundOf(charge)
	other.Amount = gatewaytest.Won(1)
	_, err = gateway.Refund(t.Context(), other)
	gatewaytest.RequireCode(t, order.CodeInvalid, err)
}

func TestARefundThatCannotBeIsInvalid(t *testing.T) {
	t.Parallel()
	charge := gatewaytest.ChargeWith("pm_card_visa")
	gateway := openCharged(t, charge)
	for _, change := range []func(*order.RefundRequest){
		func(r *order.RefundRequest) { r.IdempotencyKey = "" },
		func(r *order.RefundRequest) { r.Amount.Amount = -1 },
	} {
		refund := gatewaytest.RefundOf(charge)
		change(&refund)
		_, err := gateway.Refund(t.Context(), refund)
		gatewaytest.RequireCode(t, order.CodeInvalid, err)
	}
}

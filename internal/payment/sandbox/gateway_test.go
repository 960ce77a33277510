package sandbox_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/order"
)

var _ activities.Gateway = (*sandbox.Gateway)(nil)

// newPath returns the path of a sandbox file that is not there yet.
func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "sandbox.db") }

// openSandbox opens the sandbox at path and closes it when the test ends.
func openSandbox(t *testing.T, path string) *sandbox.Gateway {
	t.Helper()
	gateway, err := sandbox.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, gateway.Close()) })
	return gateway
}

// movements returns the ledger, without the times.
func movements(t *testing.T, gateway *sandbox.Gateway) []payment.Movement {
	t.Helper()
	found, err := gateway.Payments(t.Context(), 100)
	require.NoError(t, err)
	for i := range found {
		require.WithinDuration(t, time.Now(), found[i].At, time.Minute)
		require.Equal(t, time.UTC, found[i].At.Location())
		found[i].At = time.Time{}
	}
	return found
}

func TestTheSandboxKnowsItsPaymentMethods(t *testing.T) {
	t.Parallel()
	gateway := openSandbox(t, newPath(t))
	for _, token := range []string{
		"pm_card_visa", "pm_card_chargeDeclined", "pm_card_chargeDeclinedInsufficientFunds",
		"pm_sandbox_unavailable", "pm_sandbox_timeout", "pm_sandbox_refund_unavailable",
	} {
		require.True(t, gateway.KnownMethod(token), token)
	}
	require.False(t, gateway.KnownMethod(""))
	require.False(t, gateway.KnownMethod("pm_card_mastercard"))
}

func TestLedgerListsTheLastMovementsOldestFirst(t *testing.T) {
	t.Parallel()
	gateway := openSandbox(t, newPath(t))
	for _, id := range []string{"ord_1", "ord_2", "ord_3"} {
		charge := gatewaytest.ChargeWith("pm_card_visa")
		charge.OrderID, charge.IdempotencyKey = id, id
		_, err := gateway.Charge(t.Context(), charge)
		require.NoError(t, err)
	}
	found, err := gateway.Payments(t.Context(), 2)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, "ord_2", found[0].OrderID)
	require.Equal(t, "ord_3", found[1].OrderID)
	found, err = gateway.Payments(t.Context(), 0)
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestTheSandboxRemembersAcrossProcesses(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	first, err := sandbox.Open(path)
	require.NoError(t, err)
	before, err := first.Charge(t.Context(), gatewaytest.ChargeWith("pm_card_visa"))
	require.NoError(t, err)
	unavailable := gatewaytest.ChargeWith("pm_sandbox_unavailable")
	unavailable.IdempotencyKey = "ord_2/charge"
	for range 2 {
		_, err = first.Charge(t.Context(), unavailable)
		gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	}
	require.NoError(t, first.Close())

	again := openSandbox(t, path)
	after, err := again.Charge(t.Context(), gatewaytest.ChargeWith("pm_card_visa"))
	require.NoError(t, err)
	require.Equal(t, before.Reference, after.Reference)
	_, err = again.Charge(t.Context(), unavailable)
	require.NoError(t, err, "the third call")
	require.Len(t, movements(t, again), 2)
}

func TestManyCallsAtOnceHaveOneEffect(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	sandboxes := []*sandbox.Gateway{openSandbox(t, path), openSandbox(t, path)}
	together := func(do func(*sandbox.Gateway)) {
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() { do(sandboxes[i%2]) })
		}
		all.Wait()
	}
	charge := gatewaytest.ChargeWith("pm_card_visa")
	var references sync.Map
	together(func(gateway *sandbox.Gateway) {
		result, err := gateway.Charge(t.Context(), charge)
		assert.NoError(t, err)
		references.Store(result.Reference, true)
	})
	together(func(gateway *sandbox.Gateway) {
		result, err := gateway.Refund(t.Context(), gatewaytest.RefundOf(charge))
		assert.NoError(t, err)
		references.Store(result.Reference, true)
	})
	found := 0
	references.Range(func(any, any) bool { found++; return true })
	require.Equal(t, 2, found, "one payment and one refund")
	require.Equal(t, []payment.Movement{gatewaytest.Charged, gatewaytest.Refunded}, movements(t, sandboxes[0]))
}

func TestASandboxThatCannotBeOpenedSaysWhy(t *testing.T) {
	t.Parallel()
	_, err := sandbox.Open(t.TempDir())
	require.ErrorContains(t, err, "open the payment sandbox")
}

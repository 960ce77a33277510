package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/sqlite"
)

// faulty are the payment methods that meet faults.
var faulty = map[gatewaytest.Fault]string{
	gatewaytest.ChargeNotMade:    "pm_sandbox_unavailable",
	gatewaytest.ChargeAnswerLost: "pm_sandbox_timeout",
	gatewaytest.RefundNotMade:    "pm_sandbox_refund_unavailable",
	gatewaytest.Hanging:          "pm_card_visa",
}

func TestConformance(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Harness {
		t.Helper()
		path := newPath(t)
		return &gatewaytest.Harness{
			Gateway: openSandbox(t, path), Pays: "pm_card_visa",
			Declines: map[string]string{
				"pm_card_chargeDeclined": "generic_decline", "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
			},
			Meet: func(t *testing.T, fault gatewaytest.Fault) (string, bool) {
				t.Helper()
				if fault == gatewaytest.Hanging {
					lock(t, path)
				}
				method, can := faulty[fault]
				return method, can
			},
		}
	})
}

// lock takes the file for the test, which no writer gets past.
func lock(t *testing.T, path string) {
	t.Helper()
	database, err := sqlite.Open(path)
	require.NoError(t, err)
	tx, err := database.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = tx.Rollback() // the test's context may have done so
		require.NoError(t, database.Close())
	})
}

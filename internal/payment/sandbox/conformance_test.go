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
		gateway := openSandbox(t, path)
		return &gatewaytest.Harness{
			Gateway: gateway, Pays: "pm_card_visa", Session: sessionOn(gateway, path),
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

// sessionOn is what customers do on the sandbox's page.
func sessionOn(gateway *sandbox.Gateway, path string) *gatewaytest.Session {
	try := func(t *testing.T, page string, outcome payment.Attempt) {
		t.Helper()
		if _, err := gateway.Pay(t.Context(), sessionOf(t, page), outcome); err != nil {
			gatewaytest.RequireCode(t, order.CodeTooLate, err)
		}
	}
	return &gatewaytest.Session{
		Pay: func(t *testing.T, _ order.Charge, page string) string {
			t.Helper()
			try(t, page, payment.AttemptPaid)
			return ""
		},
		Decline: func(t *testing.T, _ order.Charge, page string) { t.Helper(); try(t, page, payment.AttemptDeclined) },
		Expire: func(t *testing.T, _ order.Charge, _ string) {
			t.Helper()
			exec(t, path, "UPDATE sandbox_sessions SET expires_at = 1")
		},
	}
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

package stripe_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/order"
)

// chargedStripe is a gateway at which the order was charged 4,000 won.
func chargedStripe(t *testing.T, change ...func(*stripe.Config)) (*stripe.Gateway, *stripetest.Server, order.RefundRequest) {
	t.Helper()
	gateway, server := newStripe(t, change...)
	charge := stripeCharge(stripetest.Visa)
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	return gateway, server, stripeRefund(charge, result.Reference)
}

func TestStripesTroubleGivesTheMoneyBackOnce(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]stripetest.Fault{
		"the answer is lost":                 {{Method: "POST", Path: onRefund, After: true, Drop: true}},
		"a saved 500 for ever":               {{Method: "POST", Path: onRefund, Status: 500, Save: true}},
		"it works, and answers a saved 500":  {{Method: "POST", Path: onRefund, After: true, Status: 500, Save: true}},
		"503":                                {{Method: "POST", Path: onRefund, Status: 503, Times: 3}},
		"it is locked":                       {{Method: "POST", Path: onRefund, Status: 429, Type: "invalid_request_error", Code: "lock_timeout"}},
		"the look-up fails":                  {{Method: "GET", Path: onRefund, Status: 500}},
		"a saved 500, and the look-up fails": {{Method: "POST", Path: onRefund, Status: 500, Save: true}, {Method: "GET", Path: onRefund, Status: 500, Times: 2}},
		"the refund was made, which nobody can see": {
			{Method: "POST", Path: onRefund, Status: 400, Type: "invalid_request_error", Code: "charge_already_refunded"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server, refund := chargedStripe(t)
			server.Fail(faults...)
			_, err := gateway.Refund(t.Context(), refund)
			for attempt := 0; err != nil && attempt < 6; attempt++ {
				gatewaytest.RequireCode(t, order.CodeUnavailable, err)
				_, err = gateway.Refund(t.Context(), refund)
			}
			require.NoError(t, err)
			if name != "the refund was made, which nobody can see" {
				require.Equal(t, []string{"charge 4000", "refund 4000"}, server.Money("ord_1"))
			}
		})
	}
}

// The empty balance is topped up: nobody has to have each refund tried again.
func TestARefundWaitsForTheBalance(t *testing.T) {
	t.Parallel()
	gateway, server, refund := chargedStripe(t)
	server.Fail(stripetest.Fault{
		Method: "POST", Path: onRefund, Status: 400, Type: "invalid_request_error", Code: "balance_insufficient", Times: -1,
	})
	for range 2 {
		_, err := gateway.Refund(t.Context(), refund)
		gatewaytest.RequireCode(t, order.CodeMisconfigured, err)
	}
	server.Mend()
	_, err := gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.Equal(t, []string{"charge 4000", "refund 4000"}, server.Money("ord_1"))
}

func TestARefundADayLaterIsLookedUpFirst(t *testing.T) {
	t.Parallel()
	clock := time.Now()
	gateway, server, refund := chargedStripe(t, func(c *stripe.Config) { c.Now = func() time.Time { return clock } })
	// Go's client sends a request with an idempotency key once more when a
	// connection that it used before is closed.
	server.Fail(stripetest.Fault{Method: "POST", Path: onRefund, After: true, Drop: true, Times: 2})
	_, err := gateway.Refund(t.Context(), refund)
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	server.Mend()
	server.ForgetKeys()
	clock = clock.Add(26 * time.Hour)
	_, err = gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.Equal(t, []string{"charge 4000", "refund 4000"}, server.Money("ord_1"))
}

func TestARefundFromTheDashboardCounts(t *testing.T) {
	t.Parallel()
	t.Run("in full", func(t *testing.T) {
		t.Parallel()
		gateway, server, refund := chargedStripe(t)
		made := server.RefundInDashboard("ord_1", 4000)
		result, err := gateway.Refund(t.Context(), refund)
		require.NoError(t, err)
		require.Equal(t, made.ID, result.Reference)
		require.Equal(t, []string{"charge 4000", "refund 4000"}, server.Money("ord_1"))
	})
	t.Run("in part", func(t *testing.T) {
		t.Parallel()
		gateway, server, refund := chargedStripe(t)
		server.RefundInDashboard("ord_1", 1500)
		for range 2 {
			_, err := gateway.Refund(t.Context(), refund)
			require.NoError(t, err)
		}
		require.Equal(t, []string{"charge 4000", "refund 1500", "refund 2500"}, server.Money("ord_1"))
	})
}

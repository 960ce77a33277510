package stripe_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
)

// faults are what goes wrong at Stripe. Go's client sends a request with an idempotency
// key once more when a connection that it used before is closed: a lost answer is lost
// twice.
var faults = map[gatewaytest.Fault]stripetest.Fault{
	gatewaytest.ChargeNotMade:    {Method: "POST", Path: onCreate, Status: 503, Times: 2},
	gatewaytest.ChargeAnswerLost: {Method: "POST", Path: onConfirm, After: true, Drop: true, Times: 2},
	gatewaytest.ChargeTooMany:    {Method: "POST", Path: onCreate, Status: 429, Type: "invalid_request_error", Code: "rate_limit", RetryAfter: 7},
	gatewaytest.RefundNotMade:    {Method: "POST", Path: onRefund, Status: 503, Times: 3},
	gatewaytest.RefundAnswerLost: {Method: "POST", Path: onRefund, After: true, Drop: true, Times: 2},
	gatewaytest.RefundTooMany:    {Method: "POST", Path: onRefund, Status: 429, Type: "invalid_request_error", Code: "rate_limit", RetryAfter: 7},
}

func TestConformance(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Harness {
		t.Helper()
		var hangs atomic.Bool
		gateway, server := newStripe(t, func(c *stripe.Config) {
			c.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if hangs.Load() {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return http.DefaultTransport.RoundTrip(r)
			})}
		})
		return &gatewaytest.Harness{
			Gateway: gateway, Pays: stripetest.Visa,
			Declines:    map[string]string{stripetest.Declined: "generic_decline", stripetest.InsufficientFunds: "insufficient_funds"},
			Unconfirmed: stripetest.NeedsAction,
			Confirm:     func(_ *testing.T, orderID string, well bool) { server.Complete(orderID, well) },
			Meet: func(_ *testing.T, fault gatewaytest.Fault) (string, bool) {
				if fault == gatewaytest.Hanging {
					hangs.Store(true)
					return stripetest.Visa, true
				}
				server.Fail(faults[fault])
				return stripetest.Visa, true
			},
			Misconfigured: func(t *testing.T) (payment.Gateway, string) {
				t.Helper()
				const revoked = "sk_test_revoked"
				gateway, _ := newStripe(t, func(c *stripe.Config) { c.APIKey = revoked })
				return gateway, revoked
			},
			FailRefunds:     func(_ *testing.T, orderID string) { server.FailRefunds(orderID) },
			RefundElsewhere: func(_ *testing.T, orderID string, amount int64) { server.RefundInDashboard(orderID, amount) },
		}
	})
}

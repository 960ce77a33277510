package stripe_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/order"
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

// faultsOnPage are the same where the customer pays on Stripe's page: that the money was
// taken is learned by a look at it.
var faultsOnPage = map[gatewaytest.Fault]stripetest.Fault{
	gatewaytest.ChargeNotMade:    {Method: "POST", Path: onSessions, Status: 503, Times: 2},
	gatewaytest.ChargeAnswerLost: {Method: "GET", Path: onSessions, Drop: true, Times: 2},
	gatewaytest.ChargeTooMany:    {Method: "POST", Path: onSessions, Status: 429, Type: "invalid_request_error", Code: "rate_limit", RetryAfter: 7},
	gatewaytest.RefundNotMade:    faults[gatewaytest.RefundNotMade],
	gatewaytest.RefundAnswerLost: faults[gatewaytest.RefundAnswerLost],
	gatewaytest.RefundTooMany:    faults[gatewaytest.RefundTooMany],
}

func TestConformance(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Harness {
		t.Helper()
		h := newHarness(t, stripetest.Visa, faults)
		h.Declines = map[string]string{stripetest.Declined: "generic_decline", stripetest.InsufficientFunds: "insufficient_funds"}
		return h
	})
}

func TestConformanceOnStripesPage(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Harness {
		t.Helper()
		return newHarness(t, order.MethodRedirect, faultsOnPage)
	})
}

func newHarness(t *testing.T, pays string, faults map[gatewaytest.Fault]stripetest.Fault) *gatewaytest.Harness {
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
		Gateway: gateway, Pays: pays, Session: sessionsAt(server),
		Unconfirmed: stripetest.NeedsAction,
		Confirm:     func(_ *testing.T, orderID string, well bool) { server.Complete(orderID, well) },
		Meet: func(_ *testing.T, fault gatewaytest.Fault) (string, bool) {
			if fault == gatewaytest.Hanging {
				hangs.Store(true)
				return pays, true
			}
			server.Fail(faults[fault])
			return pays, true
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
}

// sessionsAt is what customers do on Stripe's page.
func sessionsAt(server *stripetest.Server) *gatewaytest.Session {
	return &gatewaytest.Session{
		Pay: func(_ *testing.T, _ order.Charge, page string) string {
			server.PayOnPage(page, stripetest.Visa)
			return ""
		},
		Decline: func(_ *testing.T, _ order.Charge, page string) { server.PayOnPage(page, stripetest.Declined) },
		Expire:  func(_ *testing.T, _ order.Charge, page string) { server.ExpirePage(page) },
	}
}

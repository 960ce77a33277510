package toss_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/toss"
	"github.com/cafeforme/cafeforme/internal/tosstest"
	"github.com/cafeforme/cafeforme/order"
)

// faults are what goes wrong at Toss Payments. Go's client sends a request with an idempotency
// key once more when a connection that it used before is closed: a lost answer is lost twice.
var faults = map[gatewaytest.Fault]tosstest.Fault{
	gatewaytest.ChargeNotMade:    {Method: "POST", Path: onConfirm, Status: 500, Code: "FAILED_INTERNAL_SYSTEM_PROCESSING", Times: 2},
	gatewaytest.ChargeAnswerLost: {Method: "POST", Path: onConfirm, After: true, Drop: true, Times: 2},
	gatewaytest.ChargeTooMany:    {Method: "POST", Path: onConfirm, Status: 429, RetryAfter: 7},
	gatewaytest.RefundNotMade:    {Method: "POST", Path: onCancel, Status: 500, Code: "FAILED_REFUND_PROCESS", Times: 3},
	gatewaytest.RefundAnswerLost: {Method: "POST", Path: onCancel, After: true, Drop: true, Times: 2},
	gatewaytest.RefundTooMany:    {Method: "POST", Path: onCancel, Status: 429, RetryAfter: 7},
}

func TestConformance(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Harness {
		t.Helper()
		var hangs, late atomic.Bool
		gateway, server := newToss(t, func(c *toss.Config) {
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				if hangs.Load() {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return http.DefaultTransport.RoundTrip(r)
			})
			c.Now = func() time.Time {
				if late.Load() {
					return time.Now().Add(time.Hour)
				}
				return time.Now()
			}
		})
		return &gatewaytest.Harness{
			Gateway: gateway, Pays: order.MethodRedirect, Currencies: []string{"KRW"},
			Session: &gatewaytest.Session{
				Pay: func(_ *testing.T, c order.Charge, _ string) string {
					return server.Authenticate(c.OrderID, c.Amount.Amount, "")
				},
				Decline: func(_ *testing.T, c order.Charge, _ string) { server.DeclineInWindow(c.OrderID, c.Amount.Amount) },
				Expire:  func(*testing.T, order.Charge, string) { late.Store(true) },
			},
			Meet: func(_ *testing.T, fault gatewaytest.Fault) (string, bool) {
				if fault == gatewaytest.Hanging {
					hangs.Store(true)
					return order.MethodRedirect, true
				}
				server.Fail(faults[fault])
				return order.MethodRedirect, true
			},
			Misconfigured: func(t *testing.T) (payment.Gateway, string) {
				t.Helper()
				const revoked = "test_sk_revoked"
				gateway, _ := newToss(t, func(c *toss.Config) { c.SecretKey = revoked })
				return gateway, revoked
			},
			RefundElsewhere: func(_ *testing.T, orderID string, amount int64) { server.CancelInConsole(orderID, amount) },
		}
	})
}

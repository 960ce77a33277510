package toss_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/tosstest"
	"github.com/cafeforme/cafeforme/order"
)

// part gives so much of an order of 4,000 won back, as the refund of that number.
func part(number int, amount, due int64) order.RefundRequest {
	return gatewaytest.PartOf(tossCharge(), number, amount, due)
}

func TestWhatTossIsAskedToGiveBack(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	key := server.Charged("ord_1", 4000)
	_, err := gateway.Refund(t.Context(), part(1, 1500, 1500))
	require.NoError(t, err)
	_, err = gateway.Refund(t.Context(), part(2, 2500, 4000))
	require.NoError(t, err)
	calls := server.Calls("/" + key + "/cancel")
	require.Equal(t, "ord_1/refund", calls[0].Key)
	require.Equal(t, map[string]any{"cancelReason": "ord_1 refund 1", "cancelAmount": 1500.0, "refundableAmount": 4000.0}, calls[0].Body)
	require.Equal(t, "ord_1/refund/2", calls[1].Key)
	require.Equal(t, map[string]any{"cancelReason": "ord_1 refund 2", "cancelAmount": 2500.0, "refundableAmount": 2500.0}, calls[1].Body)

	whole := part(1, 4000, 4000)
	whole.OrderID = "ord_2"
	server.Charged("ord_2", 4000)
	_, err = gateway.Refund(t.Context(), whole)
	require.NoError(t, err)
	calls = server.Calls("/cancel")
	require.NotContains(t, calls[2].Body, "cancelAmount", "some methods can be given back as a whole alone")
}

// What goes wrong is looked into before it is tried again, and gives nothing back twice.
func TestTroubleGivesTheMoneyBackOnce(t *testing.T) {
	t.Parallel()
	cancel := func(f tosstest.Fault) tosstest.Fault {
		f.Method, f.Path = "POST", onCancel
		return f
	}
	for name, fault := range map[string]tosstest.Fault{
		"a refusal that passes is kept by the key":  cancel(tosstest.Fault{Status: 400, Code: "PROVIDER_ERROR", Times: 2}),
		"the money goes back, and the key keeps it": cancel(tosstest.Fault{After: true, Status: 400, Code: "PROVIDER_ERROR"}),
		"the bank is closed":                        cancel(tosstest.Fault{Status: 403, Code: "NOT_AVAILABLE_BANK"}),
		"a failure is kept by the key":              cancel(tosstest.Fault{Status: 500, Code: "FAILED_REFUND_PROCESS", Save: true}),
		"it went back, it is said":                  cancel(tosstest.Fault{After: true, Status: 400, Code: "ALREADY_CANCELED_PAYMENT"}),
		"it went back, it is said in another way":   cancel(tosstest.Fault{After: true, Status: 400, Code: "ALREADY_REFUND_PAYMENT"}),
		"the first request is being worked on":      cancel(tosstest.Fault{Status: 409, Code: "IDEMPOTENT_REQUEST_PROCESSING", Times: 2}),
		"the balance was another one for a moment":  cancel(tosstest.Fault{Status: 400, Code: "NOT_MATCHES_REFUNDABLE_AMOUNT"}),
		"the answer is lost":                        cancel(tosstest.Fault{After: true, Drop: true, Times: 2}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server, now := newTimedToss(t)
			server.Charged("ord_1", 4000)
			server.Fail(fault)
			_, err := gateway.Refund(t.Context(), part(1, 1500, 1500))
			for attempt := 0; err != nil && attempt < 4; attempt++ {
				gatewaytest.RequireCode(t, order.CodeUnavailable, err)
				now.pass(10 * time.Second)
				_, err = gateway.Refund(t.Context(), part(1, 1500, 1500))
			}
			require.NoError(t, err)
			require.Equal(t, []string{"charge 4000", "refund 1500"}, server.Money("ord_1"))
		})
	}
}

// Somebody cancels in the merchant console after the look, and before the refund arrives: what
// they gave back counts.
func TestARaceWithTheMerchantConsoleGivesNothingBackTwice(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	server.Charged("ord_1", 4000)
	release := held(t, server, onCancel)
	done := make(chan error, 1)
	go func() {
		_, err := gateway.Refund(t.Context(), part(1, 3000, 3000))
		done <- err
	}()
	require.Eventually(t, func() bool { return len(server.Calls(onCancel)) == 1 }, 5*time.Second, time.Millisecond)
	server.CancelInConsole("ord_1", 1000)
	release()
	require.NoError(t, <-done)
	require.Equal(t, []string{"charge 4000", "refund 1000", "refund 2000"}, server.Money("ord_1"))
}

func TestWhatTossNeverGivesBackIsTheOperators(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"NOT_CANCELABLE_PAYMENT", "EXCEED_MAX_REFUND_DUE", "NOT_ALLOWED_PARTIAL_REFUND", "REFUND_REJECTED", "NOT_CANCELABLE_AMOUNT", "SOMETHING_NEW",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			gateway, server := newToss(t)
			server.Charged("ord_1", 4000)
			server.Fail(tosstest.Fault{Method: "POST", Path: onCancel, Status: 403, Code: code, Times: -1})
			_, err := gateway.Refund(t.Context(), part(1, 1500, 1500))
			gatewaytest.RequireCode(t, order.CodeRefused, err)
			require.ErrorContains(t, err, code)
		})
	}
}

// A reference of another order's payment gives nothing back.
func TestARefundIsOfTheOrdersOwnPayment(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	refund := part(1, 4000, 4000)
	refund.Reference = server.Charged("ord_2", 4000)
	_, err := gateway.Refund(t.Context(), refund)
	gatewaytest.RequireCode(t, order.CodeRefused, err)
	require.Equal(t, []string{"charge 4000"}, server.Money("ord_2"))
}

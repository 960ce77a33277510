package gatewaytest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// maxAttempts is how many calls come to a result, once a fault has passed.
	maxAttempts = 7
	// callTimeout is how long the callers of a provider wait that hangs.
	callTimeout = 200 * time.Millisecond
	// callLimit is how soon after that a call is over.
	callLimit = 5 * time.Second
)

var faultCases = map[string]func(t *testing.T, h *Harness){
	"a charge that was not made is made once":             func(t *testing.T, h *Harness) { chargeAfter(t, h, ChargeNotMade) },
	"a charge whose answer was lost is looked up":         func(t *testing.T, h *Harness) { chargeAfter(t, h, ChargeAnswerLost) },
	"a refund that was not made is made once":             func(t *testing.T, h *Harness) { refundAfter(t, h, RefundNotMade) },
	"a refund whose answer was lost is looked up":         func(t *testing.T, h *Harness) { refundAfter(t, h, RefundAnswerLost) },
	"a part that was not made is made once":               func(t *testing.T, h *Harness) { partAfter(t, h, RefundNotMade) },
	"a part whose answer was lost is looked up":           func(t *testing.T, h *Harness) { partAfter(t, h, RefundAnswerLost) },
	"a void finds a charge whose answer was lost":         voidAfterLostAnswer,
	"a provider that is asked too often is left alone":    leaveAlone,
	"a provider that hangs is unavailable":                callHanging,
	"a provider that is set up wrong is no decline":       callMisconfigured,
	"a void after a charge that was not made bars it too": voidAfterFailure,
}

// meet returns the payment method that meets the fault.
func (h *Harness) meet(t *testing.T, fault Fault) string {
	t.Helper()
	method, can := h.Meet(t, fault)
	if !can {
		t.Skip("the provider knows no such fault")
	}
	return method
}

// chargeMeeting returns a charge that has met the fault: where there is a page of the
// provider's, before it was made or once the customer has paid there.
func (h *Harness) chargeMeeting(t *testing.T, fault Fault) order.Charge {
	t.Helper()
	c := newCharge(h.meet(t, fault))
	result, err := h.Gateway.Charge(t.Context(), c)
	if err == nil && result.Action != nil {
		c = h.paidOnPage(t, c, result.Action.URL)
		_, err = h.Gateway.Charge(t.Context(), c)
	}
	RequireCode(t, order.CodeUnavailable, err)
	return repeatedCharge(c)
}

func chargeAfter(t *testing.T, h *Harness, fault Fault) {
	c := h.chargeMeeting(t, fault)
	_, err := h.Gateway.Charge(t.Context(), c)
	for attempt := 0; err != nil && attempt < maxAttempts; attempt++ {
		RequireCode(t, order.CodeUnavailable, err)
		_, err = h.Gateway.Charge(t.Context(), c)
	}
	require.NoError(t, err)
	result := h.pay(t, c)
	h.requireMoved(t, Charged)
	found, err := h.Gateway.Void(t.Context(), VoidOf(c))
	require.NoError(t, err)
	require.True(t, found.Captured)
	require.Equal(t, result.Reference, found.Reference)
}

func refundAfter(t *testing.T, h *Harness, fault Fault) {
	refund := h.paid(t, h.meet(t, fault))
	h.refundAtLast(t, refund)
	h.requireMoved(t, Charged, Refunded)
}

// refundAtLast asks for the refund until it is made.
func (h *Harness) refundAtLast(t *testing.T, refund order.RefundRequest) {
	t.Helper()
	_, err := h.Gateway.Refund(t.Context(), refund)
	for attempt := 0; err != nil && attempt < maxAttempts; attempt++ {
		RequireCode(t, order.CodeUnavailable, err)
		_, err = h.Gateway.Refund(t.Context(), refund)
	}
	require.NoError(t, err)
}

func voidAfterLostAnswer(t *testing.T, h *Harness) {
	c := h.chargeMeeting(t, ChargeAnswerLost)
	found, err := h.Gateway.Void(t.Context(), VoidOf(c))
	for attempt := 0; err != nil && attempt < maxAttempts; attempt++ {
		RequireCode(t, order.CodeUnavailable, err)
		found, err = h.Gateway.Void(t.Context(), VoidOf(c))
	}
	require.NoError(t, err)
	require.True(t, found.Captured)
	refund := RefundOf(c)
	refund.Reference = found.Reference
	_, err = h.Gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	h.requireMoved(t, Charged, Refunded)
}

func voidAfterFailure(t *testing.T, h *Harness) {
	c := h.chargeMeeting(t, ChargeNotMade)
	found, err := h.Gateway.Void(t.Context(), VoidOf(c))
	for attempt := 0; err != nil && attempt < maxAttempts; attempt++ {
		RequireCode(t, order.CodeUnavailable, err)
		found, err = h.Gateway.Void(t.Context(), VoidOf(c))
	}
	require.NoError(t, err)
	require.False(t, found.Captured)
	h.requireBarred(t, c)
	h.requireMoved(t)
}

func leaveAlone(t *testing.T, h *Harness) {
	c := newCharge(h.meet(t, ChargeTooMany))
	result, err := h.Gateway.Charge(t.Context(), c)
	if err == nil && result.Action != nil {
		c = h.paidOnPage(t, c, result.Action.URL)
		_, err = h.Gateway.Charge(t.Context(), c)
	}
	RequireLeftAlone(t, err)
	h.requireMoved(t)
	refund := RefundOf(c)
	refund.Reference = h.pay(t, repeatedCharge(c)).Reference
	h.meet(t, RefundTooMany)
	_, err = h.Gateway.Refund(t.Context(), refund)
	RequireLeftAlone(t, err)
	h.requireMoved(t, Charged)
}

// RequireLeftAlone fails the test unless err asks to be left alone for [RetryAfter].
func RequireLeftAlone(t *testing.T, err error) {
	t.Helper()
	RequireCode(t, order.CodeUnavailable, err)
	var e *order.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, RetryAfter, e.RetryAfter)
}

func callHanging(t *testing.T, h *Harness) {
	c := newCharge(h.meet(t, Hanging))
	for name, call := range map[string]func(ctx context.Context) error{
		"charge": func(ctx context.Context) error { _, err := h.Gateway.Charge(ctx, c); return err },
		"void":   func(ctx context.Context) error { _, err := h.Gateway.Void(ctx, VoidOf(c)); return err },
		"refund": func(ctx context.Context) error { _, err := h.Gateway.Refund(ctx, RefundOf(c)); return err },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
		began := time.Now()
		err := call(ctx)
		cancel()
		require.Equal(t, order.CodeUnavailable, order.ErrorCode(err), "%s: %v", name, err)
		require.Less(t, time.Since(began), callLimit, name)
	}
}

func callMisconfigured(t *testing.T, h *Harness) {
	if h.Misconfigured == nil {
		t.Skip("there is nothing to set up")
	}
	gateway, secret := h.Misconfigured(t)
	c := newCharge(h.Pays)
	refund := RefundOf(c)
	refund.Reference = "pi_1"
	_, charged := gateway.Charge(t.Context(), c)
	_, voided := gateway.Void(t.Context(), VoidOf(c))
	_, refunded := gateway.Refund(t.Context(), refund)
	for _, err := range []error{charged, voided, refunded} {
		RequireCode(t, order.CodeMisconfigured, err)
		require.NotContains(t, err.Error(), secret)
	}
}

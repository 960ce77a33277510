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

func chargeAfter(t *testing.T, h *Harness, fault Fault) {
	c := newCharge(h.meet(t, fault))
	_, err := h.Gateway.Charge(t.Context(), c)
	RequireCode(t, order.CodeUnavailable, err)
	var result order.ChargeResult
	for attempt := 0; err != nil && attempt < maxAttempts; attempt++ {
		RequireCode(t, order.CodeUnavailable, err)
		result, err = h.Gateway.Charge(t.Context(), repeatedCharge(c))
	}
	require.NoError(t, err)
	require.False(t, result.Declined)
	h.requireMoved(t, Charged)
	found, err := h.Gateway.Void(t.Context(), VoidOf(c))
	require.NoError(t, err)
	require.True(t, found.Captured)
	require.Equal(t, result.Reference, found.Reference)
}

func refundAfter(t *testing.T, h *Harness, fault Fault) {
	method, can := h.Meet(t, fault)
	if !can {
		t.Skip("the provider knows no such fault")
	}
	refund := h.paid(t, method)
	_, err := h.Gateway.Refund(t.Context(), refund)
	for attempt := 0; err != nil && attempt < maxAttempts; attempt++ {
		RequireCode(t, order.CodeUnavailable, err)
		_, err = h.Gateway.Refund(t.Context(), refund)
	}
	require.NoError(t, err)
	h.requireMoved(t, Charged, Refunded)
}

func voidAfterLostAnswer(t *testing.T, h *Harness) {
	c := newCharge(h.meet(t, ChargeAnswerLost))
	_, err := h.Gateway.Charge(t.Context(), c)
	RequireCode(t, order.CodeUnavailable, err)
	found, err := h.Gateway.Void(t.Context(), VoidOf(c))
	require.NoError(t, err)
	require.True(t, found.Captured)
	refund := RefundOf(c)
	refund.Reference = found.Reference
	_, err = h.Gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	h.requireMoved(t, Charged, Refunded)
}

func voidAfterFailure(t *testing.T, h *Harness) {
	c := newCharge(h.meet(t, ChargeNotMade))
	_, err := h.Gateway.Charge(t.Context(), c)
	RequireCode(t, order.CodeUnavailable, err)
	found, err := h.Gateway.Void(t.Context(), VoidOf(c))
	for attempt := 0; err != nil && attempt < maxAttempts; attempt++ {
		RequireCode(t, order.CodeUnavailable, err)
		found, err = h.Gateway.Void(t.Context(), VoidOf(c))
	}
	require.NoError(t, err)
	require.False(t, found.Captured)
	_, err = h.Gateway.Charge(t.Context(), repeatedCharge(c))
	RequireCode(t, order.CodeRefused, err)
	h.requireMoved(t)
}

func leaveAlone(t *testing.T, h *Harness) {
	c := newCharge(h.meet(t, ChargeTooMany))
	_, err := h.Gateway.Charge(t.Context(), c)
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

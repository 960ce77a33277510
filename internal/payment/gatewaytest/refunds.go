package gatewaytest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// These refunds are of the whole charge.
var refundCases = map[string]func(t *testing.T, h *Harness){
	"a refund gives the money back once":             refundOnce,
	"many refunds at once give the money back once":  refundConcurrently,
	"a refund finds its payment without a reference": refundWithoutReference,
	"a refund of what was not charged is refused":    refundOfNothing,
	"a refund that fails later is the operator's":    refundFailsLater,
}

// paid returns the refund of an order that was charged.
func (h *Harness) paid(t *testing.T, method string) order.RefundRequest {
	t.Helper()
	c := newCharge(method)
	refund := RefundOf(c)
	refund.Reference = h.pay(t, c).Reference
	return refund
}

func refundOnce(t *testing.T, h *Harness) {
	refund := h.paid(t, h.Pays)
	first, err := h.Gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.NotEmpty(t, first.Reference)
	result, err := h.Gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.Equal(t, first, result)
	h.requireMoved(t, Charged, Refunded)
}

func refundConcurrently(t *testing.T, h *Harness) {
	refund := h.paid(t, h.Pays)
	var all sync.WaitGroup
	for range concurrentCalls {
		all.Go(func() {
			if _, err := h.Gateway.Refund(t.Context(), refund); err != nil {
				assert.Equal(t, order.CodeUnavailable, order.ErrorCode(err), err)
			}
		})
	}
	all.Wait()
	_, err := h.Gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	h.requireMoved(t, Charged, Refunded)
}

func refundWithoutReference(t *testing.T, h *Harness) {
	refund := h.paid(t, h.Pays)
	refund.Reference = ""
	_, err := h.Gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	h.requireMoved(t, Charged, Refunded)
}

func refundOfNothing(t *testing.T, h *Harness) {
	unknown := newCharge(h.Pays)
	_, err := h.Gateway.Refund(t.Context(), RefundOf(unknown))
	RequireCode(t, order.CodeRefused, err)
	for method := range h.Declines {
		declined := newCharge(method)
		declined.OrderID += method
		declined.IdempotencyKey = declined.OrderID + "/charge"
		_, err := h.Gateway.Charge(t.Context(), declined)
		require.NoError(t, err)
		_, err = h.Gateway.Refund(t.Context(), RefundOf(declined))
		RequireCode(t, order.CodeRefused, err)
	}
	_, err = h.Gateway.Void(t.Context(), VoidOf(unknown))
	require.NoError(t, err)
	_, err = h.Gateway.Refund(t.Context(), RefundOf(unknown))
	RequireCode(t, order.CodeRefused, err)
	h.requireMoved(t)
}

func refundFailsLater(t *testing.T, h *Harness) {
	if h.FailRefunds == nil {
		t.Skip("a refund that was made stays made")
	}
	refund := h.paid(t, h.Pays)
	_, err := h.Gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	h.FailRefunds(t, refund.OrderID)
	_, err = h.Gateway.Refund(t.Context(), refund)
	RequireCode(t, order.CodeRefused, err)
	h.requireMoved(t, Charged)
}

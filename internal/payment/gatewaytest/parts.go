package gatewaytest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// These refunds are of a part of the charge.
var partCases = map[string]func(t *testing.T, h *Harness){
	"parts of a charge add up":                          partsAddUp,
	"a part is given back once":                         partsConcurrently,
	"a part is made although a later one was first":     partAfterLater,
	"a part beyond what was charged is refused":         partBeyondCharge,
	"what others have given back counts towards a part": partAfterOthers,
	"a part that others have given back is not made":    partOfOthers,
	"a part that fails later keeps no other back":       partFailsLater,
}

// paidCharge returns a charge of 4,000 won that was made.
func (h *Harness) paidCharge(t *testing.T) order.Charge {
	t.Helper()
	c := newCharge(h.Pays)
	h.pay(t, c)
	return c
}

// giveBack makes the refund, which succeeds, and returns its reference.
func (h *Harness) giveBack(t *testing.T, refund order.RefundRequest) string {
	t.Helper()
	result, err := h.Gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.NotEmpty(t, result.Reference)
	return result.Reference
}

// partsAddUp has a second part that is as large as the first, and one that is smaller.
func partsAddUp(t *testing.T, h *Harness) {
	c := h.paidCharge(t)
	parts := []order.RefundRequest{PartOf(c, 1, 1500, 1500), PartOf(c, 2, 1500, 3000), PartOf(c, 3, 1000, 4000)}
	var references []string
	for _, part := range parts {
		references = append(references, h.giveBack(t, part))
	}
	for n, part := range parts {
		require.Equal(t, references[n], h.giveBack(t, part), "asked for again, it is the same")
	}
	require.NotEqual(t, references[0], references[1])
	require.NotEqual(t, references[1], references[2])
	h.requireMoved(t, Charged, RefundedPart(1500), RefundedPart(1500), RefundedPart(1000))
}

func partsConcurrently(t *testing.T, h *Harness) {
	c := h.paidCharge(t)
	for _, part := range []order.RefundRequest{PartOf(c, 1, 1000, 1000), PartOf(c, 2, 500, 1500)} {
		var all sync.WaitGroup
		for range concurrentCalls {
			all.Go(func() {
				if _, err := h.Gateway.Refund(t.Context(), part); err != nil {
					assert.Equal(t, order.CodeUnavailable, order.ErrorCode(err), err)
				}
			})
		}
		all.Wait()
		h.giveBack(t, part)
	}
	h.requireMoved(t, Charged, RefundedPart(1000), RefundedPart(500))
}

// partAfterLater: an attempt is repeated much later, with what it was asked for with.
func partAfterLater(t *testing.T, h *Harness) {
	c := h.paidCharge(t)
	h.giveBack(t, PartOf(c, 2, 1000, 2000))
	h.giveBack(t, PartOf(c, 1, 1000, 1000))
	h.requireMoved(t, Charged, RefundedPart(1000), RefundedPart(1000))
}

func partBeyondCharge(t *testing.T, h *Harness) {
	c := h.paidCharge(t)
	_, err := h.Gateway.Refund(t.Context(), PartOf(c, 1, 4001, 4001))
	RequireCode(t, order.CodeRefused, err)
	h.requireMoved(t, Charged)
	h.giveBack(t, PartOf(c, 2, 3000, 3000))
	_, err = h.Gateway.Refund(t.Context(), PartOf(c, 3, 2000, 5000))
	RequireCode(t, order.CodeRefused, err)
	h.requireMoved(t, Charged, RefundedPart(3000))
}

func partAfterOthers(t *testing.T, h *Harness) {
	if h.RefundElsewhere == nil {
		t.Skip("nobody else gives money back")
	}
	c := h.paidCharge(t)
	h.RefundElsewhere(t, c.OrderID, 1000)
	first := PartOf(c, 1, 1500, 1500)
	made := h.giveBack(t, first)
	require.Equal(t, made, h.giveBack(t, first))
	h.requireMoved(t, Charged, RefundedPart(1000), RefundedPart(500))
	h.giveBack(t, PartOf(c, 2, 1000, 2500))
	h.requireMoved(t, Charged, RefundedPart(1000), RefundedPart(500), RefundedPart(1000))
}

func partOfOthers(t *testing.T, h *Harness) {
	if h.RefundElsewhere == nil {
		t.Skip("nobody else gives money back")
	}
	c := h.paidCharge(t)
	first := PartOf(c, 1, 1000, 1000)
	made := h.giveBack(t, first)
	h.RefundElsewhere(t, c.OrderID, 3000)
	for range 2 {
		require.NotEqual(t, made, h.giveBack(t, PartOf(c, 2, 2000, 3000)), "the newest is named")
	}
	require.Equal(t, made, h.giveBack(t, first))
	h.requireMoved(t, Charged, RefundedPart(1000), RefundedPart(3000))
}

// partFailsLater has an operator settle the first part by hand, so that it is due no more.
func partFailsLater(t *testing.T, h *Harness) {
	if h.FailRefunds == nil {
		t.Skip("a refund that was made stays made")
	}
	c := h.paidCharge(t)
	first := PartOf(c, 1, 1500, 1500)
	h.giveBack(t, first)
	h.FailRefunds(t, c.OrderID)
	_, err := h.Gateway.Refund(t.Context(), first)
	RequireCode(t, order.CodeRefused, err)
	h.giveBack(t, PartOf(c, 2, 1000, 1000))
	_, err = h.Gateway.Refund(t.Context(), first)
	RequireCode(t, order.CodeRefused, err)
	h.requireMoved(t, Charged, RefundedPart(1000))
}

// partAfter has the fault strike the second part.
func partAfter(t *testing.T, h *Harness, fault Fault) {
	c := newCharge(h.meet(t, fault))
	h.pay(t, c)
	h.refundAtLast(t, PartOf(c, 1, 1000, 1000))
	h.meet(t, fault)
	h.refundAtLast(t, PartOf(c, 2, 1000, 2000))
	h.requireMoved(t, Charged, RefundedPart(1000), RefundedPart(1000))
}

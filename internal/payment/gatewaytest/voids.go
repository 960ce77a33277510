package gatewaytest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

var voidCases = map[string]func(t *testing.T, h *Harness){
	"a void bars a charge that nobody has asked for":  voidBefore,
	"a void finds a charge that was made":             voidAfter,
	"charges and voids at once agree about the money": voidConcurrently,
}

func voidBefore(t *testing.T, h *Harness) {
	c := newCharge(h.Pays)
	for range 2 {
		result, err := h.Gateway.Void(t.Context(), VoidOf(c))
		require.NoError(t, err)
		require.False(t, result.Captured)
	}
	for _, asked := range []order.Charge{c, repeatedCharge(c)} {
		h.requireBarred(t, asked)
	}
	h.requireMoved(t)
}

func voidAfter(t *testing.T, h *Harness) {
	c := newCharge(h.Pays)
	made := h.pay(t, c)
	for range 2 {
		result, err := h.Gateway.Void(t.Context(), VoidOf(c))
		require.NoError(t, err)
		require.True(t, result.Captured)
		require.Equal(t, made.Reference, result.Reference)
	}
	h.pay(t, repeatedCharge(c))
	h.requireMoved(t, Charged)
}

func voidConcurrently(t *testing.T, h *Harness) {
	c := newCharge(h.Pays)
	var all sync.WaitGroup
	var found sync.Map
	for range concurrentCalls {
		all.Go(func() { _, _ = h.Gateway.Charge(t.Context(), c) })
		all.Go(func() {
			result, err := h.Gateway.Void(t.Context(), VoidOf(c))
			if assert.NoError(t, err) {
				found.Store(result.Captured, true)
			}
		})
	}
	all.Wait()
	_, captured := found.Load(true)
	_, barred := found.Load(false)
	require.NotEqual(t, captured, barred, "all voids agree")
	if captured {
		h.requireMoved(t, Charged)
		return
	}
	h.requireMoved(t)
}

package api

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestACommandWithoutAnAnswerIsReconciled(t *testing.T) {
	t.Parallel()
	var told []string
	tell := func(_ context.Context, id string) { told = append(told, id) }
	store := newStoreSurface(t, func(c *StoreConfig) { c.OutcomeUnknown = tell })
	store.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	customer := newCustomerSurface(t, func(c *CustomerConfig) { c.OutcomeUnknown = tell })
	customer.orders.seed(placementOf(knownID), order.PaymentSucceeded)

	require.Equal(t, http.StatusOK, store.post("/store/orders/"+knownID+"/accept", `{}`).status)
	require.Equal(t, http.StatusOK, customer.post("/orders/"+knownID+"/cancel", `{}`).status)
	require.Empty(t, told)

	store.orders.actErr, customer.orders.actErr = errDown, errDown
	require.Equal(t, http.StatusServiceUnavailable, store.post("/store/orders/"+knownID+"/ready", `{}`).status)
	require.Equal(t, http.StatusServiceUnavailable, customer.post("/orders/"+knownID+"/cancel", `{}`).status)
	require.Equal(t, []string{knownID, knownID}, told)
}

package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// An order that nobody can work on yet was placed when it was placed, and has all
// of its time to pay once somebody can.
func TestAnOrderIsPlacedWhenItIsPlacedNotWhenAWorkerComes(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	o := s.order()
	o.placement.Terms.PayWithin = 3 * time.Second
	hasty, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := o.Place(hasty, o.placement)
	require.Error(t, err, "nobody is there to answer")
	pending, err := o.Read(t.Context(), o.placement.ID)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return time.Since(pending.PlacedAt) > o.placement.Terms.PayWithin }, patience, 50*time.Millisecond)

	s.run(worker.NewOrders(s.client, s.dependencies(), worker.Deployment{}))

	paid := o.place(order.Paid)
	require.Equal(t, pending.PlacedAt, paid.PlacedAt)
	require.Greater(t, paid.Timeline[0].At.Sub(paid.PlacedAt), o.placement.Terms.PayWithin)
	o.act(order.Cancel, workflows.Command{}, order.Cancelled)
	o.end(order.Cancelled)
}

package workflows_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
)

// No worker is there from before the time to pay is up until after it. The customer, who has paid
// meanwhile, is not kept waiting for ever, and gets the money back.
func TestTheTimeToPayIsUpWhileNobodyIsAtWork(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runUnversioned()
	p := placement()
	p.ID = "ord_" + rand.Text()
	p.Terms.PayWithin, p.Terms.ActWithin = 6*time.Second, 6*time.Second
	world := s.router.world(p.ID)
	world.confirming = true
	placed, err := orderclient.NewClient(s.client, nil).Place(t.Context(), p)
	require.NoError(t, err)
	require.NotNil(t, placed.PaymentAction)
	stop()
	world.confirm("yes")
	time.Sleep(time.Until(placed.PlacedAt.Add(p.Terms.ActWithin + time.Second)))
	s.runUnversioned()

	var ended order.Snapshot
	require.NoError(t, s.client.GetWorkflow(t.Context(), p.ID, "").Get(t.Context(), &ended))
	require.Equal(t, order.PaymentFailed, ended.Status)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, world.ledgers().money)
}

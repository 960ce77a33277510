package operator

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// refundStuck hands the order over, and gives an amount of it back that the provider refuses.
func (g *guest) refundStuck() (refund string) {
	g.Helper()
	g.place()
	g.act(order.Accept, order.MarkReady, order.PickUp)
	g.end()
	brokenCard.Store(g.id, true)
	stored, err := cafe.database.Revision(g.Context(), g.id)
	require.NoError(g, err)
	_, err = g.Refund(g.Context(), workflows.Refund{Order: stored.Snapshot, GiveBack: workflows.GiveBack{Refund: 1, Amount: 1500}})
	require.NoError(g, err)
	g.eventually(func(s order.Snapshot) bool { return len(s.StuckOn) == 1 })
	return workflows.RefundID(g.id, 1)
}

// An operator finds a refund after the end, sees what it is stuck on, and frees it under the
// order's ID or its own.
func TestAStuckRefundAfterTheEndIsFoundAndFreed(t *testing.T) {
	t.Parallel()
	for name, named := range map[string]func(g *guest, refund string) string{
		"under the order's ID": func(g *guest, _ string) string { return g.id },
		"under its own":        func(_ *guest, refund string) string { return refund },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := visit(t)
			refund := g.refundStuck()
			id := named(g, refund)

			require.Contains(t, g.listed(ListOptions{On: orderclient.StuckOnValues()[1]}), refund)
			require.Contains(t, g.measuredStuck(), `cafeforme_stuck_orders{on="refund"}`)
			text, err := g.command(func(ctx context.Context, env app.Environment) error {
				return Show(ctx, env, ShowOptions{ID: id})
			})
			require.NoError(t, err)
			require.Contains(t, text, "Order "+g.id+" is picked_up; refund of 1500 KRW pending; stuck on refund.")
			require.Contains(t, text, "the last failure was: the card is closed")
			require.Contains(t, text, "Waiting for the refund. Stuck on: refund.")

			brokenCard.Delete(g.id)
			text, err = g.command(func(ctx context.Context, env app.Environment) error {
				return Retry(ctx, env, []string{id}, "", Attribution{Actor: "Jun"})
			})
			require.NoError(t, err)
			require.Contains(t, text, "refund of 1500 KRW")
			g.eventually(func(s order.Snapshot) bool { return s.Refund.Status == order.Refunded && len(s.StuckOn) == 0 })
		})
	}
}

func TestARefundAfterTheEndIsSettled(t *testing.T) {
	t.Parallel()
	g := visit(t)
	g.refundStuck()
	text, err := g.command(func(ctx context.Context, env app.Environment) error {
		return SettleRefund(ctx, env, g.id, "bank 77", 1, Attribution{Actor: "Jun"})
	})
	require.NoError(t, err)
	require.Contains(t, text, "refund of 1500 KRW refunded")

	text, err = g.command(func(ctx context.Context, env app.Environment) error {
		return ForceRefund(ctx, env, g.id, Attribution{Actor: "Jun"})
	})
	require.Error(t, err, text)
}

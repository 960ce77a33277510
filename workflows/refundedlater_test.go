package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Whatever is given back after the end of an order with points and a coupon, by lines and by amounts: each
// refund moves its money and its points once, what was earned follows what is kept, and when all pieces
// went back, so has everything that was paid.
func TestWhateverIsRefundedAfterTheEndMoneyAndPointsAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		placed := placement()
		drawDiscounts(t, &placed)
		o, err := order.New(placed, time.Date(2026, 5, 4, 4, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		for _, name := range []order.EventName{order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp} {
			require.NoError(t, o.Apply(order.Event{Name: name}, o.Snapshot().PlacedAt))
		}
		s := o.Snapshot()
		earned := s.Points
		for range rapid.IntRange(1, 4).Draw(t, "refunds") {
			give := drawGiveBack(t, s)
			if order.Restore(s, 0).Check(give.Event()) != nil {
				continue // there is nothing left of it
			}
			b := setup(t)
			b.placement = placed
			b.suffer(script{placed: placed, trouble: map[string]trouble{
				"refund": drawTrouble(t, "refund"), "return": drawTrouble(t, "return"),
			}})
			b.at(3*time.Hour, func() { b.updateNow("retry", workflows.UpdateRetry, workflows.Operation{Actor: "Jun"}) })
			s = b.refund(s, give)
			made, done := s.Refunds[len(s.Refunds)-1], b.world.ledgers()
			require.Equal(t, nothingAtZero("refund ", made.Amount), done.money)
			require.Equal(t, nothingAtZero("return ", made.Points), done.scarce)
			require.Equal(t, nothingAtZero("adjust by ", s.Points-earned), done.points)
			earned = s.Points
			require.Equal(t, s.Kept()/20, earned)
			require.GreaterOrEqual(t, s.KeptPoints(), int64(0))
		}
		if s.Items[0].Left() == 0 && s.Items[1].Left() == 0 {
			require.Zero(t, s.Kept())
			require.Zero(t, s.KeptPoints())
		}
	})
}

func drawGiveBack(t *rapid.T, s order.Snapshot) workflows.GiveBack {
	give := workflows.GiveBack{Refund: s.NextRefund(), Actor: "Mina"}
	if rapid.Bool().Draw(t, "an amount") {
		give.Amount = rapid.Int64Range(1, max(1, s.Kept())).Draw(t, "amount")
		return give
	}
	line := rapid.IntRange(1, len(s.Items)).Draw(t, "line")
	give.Lines = []order.LineQty{{Line: line, Qty: rapid.IntRange(1, max(1, s.Items[line-1].Left())).Draw(t, "pieces")}}
	return give
}

// nothingAtZero is the entry of a ledger, which has none of what is nothing.
func nothingAtZero(what string, n int64) []string {
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprint(what, n)}
}

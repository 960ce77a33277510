package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// The first attempt takes the money and loses its answer; from the given one on
// the gateway refuses. Tests run ten attempts in a round.
func TestMoneyTakenBeforeARefusalIsFoundAndRefunded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from    int
		code    order.Code
		failure string
	}{
		"refused at the next attempt":       {2, order.CodeRefused, workflows.FailurePaymentRefused},
		"unknown at the next attempt":       {2, order.CodeNotFound, workflows.FailurePaymentRefused},
		"refused in the next round":         {11, order.CodeRefused, workflows.FailurePaymentRefused},
		"unknown at the first attempt":      {1, order.CodeNotFound, workflows.FailurePaymentRefused},
		"our account's at the next attempt": {2, order.CodeMisconfigured, workflows.FailurePaymentUnavailable},
		"our account's in the next round":   {11, order.CodeMisconfigured, workflows.FailurePaymentUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.world.lose["charge"] = first(c.from - 1)
			b.world.fail["charge"] = func(attempt int) error {
				if attempt >= c.from {
					return &order.Error{Code: c.code, Message: "the API key was revoked"}
				}
				return nil
			}

			s := b.run()

			require.Equal(t, order.PaymentFailed, s.Status)
			require.Equal(t, c.failure, s.FailureCode)
			require.Equal(t, 1, b.world.attempts["void"])
			if c.from > 1 {
				require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
			}
		})
	}
}

func TestAVoidThatIsRefusedForGoodWaitsForTheOperator(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["charge"] = down(b.env.Now, b.start.Add(time.Hour))
	b.world.fail["void"] = refuse("the books are closed")
	b.look(10*time.Minute, func(s order.Snapshot) {
		require.Equal(t, []string{workflows.StuckOnPayment}, s.StuckOn)
	})
	b.operate(time.Hour, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "nothing in the books"})

	s := b.run()

	require.NoError(t, b.answers[workflows.UpdateSettleRefund].err)
	require.Nil(t, s.Refund)
	require.Equal(t, []string{order.NoteOperator}, notes(s))
}

func TestALongChargeThatKeepsFailingIsStuckOnPayment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement.Terms.PayWithin = time.Hour
	b.world.fail["charge"] = down(b.env.Now, b.start.Add(30*time.Minute))
	b.look(20*time.Minute, func(s order.Snapshot) {
		require.Equal(t, []string{workflows.StuckOnPayment}, s.StuckOn)
	})
	b.happyEnding(40 * time.Minute)

	s := b.run()

	require.Equal(t, order.PickedUp, s.Status)
}

func TestAStuckLaneStaysStuckWhileNothingComesThrough(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["text"] = down(b.env.Now, b.start.Add(6*time.Hour))
	b.update(20*time.Minute, "accept", order.Accept, workflows.Command{})
	for _, at := range []time.Duration{19 * time.Minute, 22 * time.Minute, 5 * time.Hour} {
		b.look(at, func(s order.Snapshot) { require.Equal(t, []string{workflows.StuckOnSMS}, s.StuckOn) })
	}
	b.update(7*time.Hour, "ready", order.MarkReady, workflows.Command{})
	b.update(8*time.Hour, "pick-up", order.PickUp, workflows.Command{})

	b.run()
}

func TestATakeBackThatIsRefusedForGoodIsStuckUntilItIsMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["take back"] = func(attempt int) error {
		if attempt == 1 {
			return &order.Error{Code: order.CodeInvalid, Message: "refused"}
		}
		return nil
	}
	b.update(time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(2*time.Minute, "reject", order.Reject, workflows.Command{})
	b.look(3*time.Minute, func(s order.Snapshot) { require.Equal(t, []string{workflows.StuckOnPoints}, s.StuckOn) })
	b.operate(time.Hour, workflows.UpdateRetry, workflows.Operation{})

	b.run()

	require.Equal(t, []string{"credit 250", "take back"}, b.world.points)
}

func TestARefundThatComesThroughAfterItsSettlementLeavesATrace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var gateway *activities.Payments
	b.env.OnActivity(gateway.Refund, mock.Anything, mock.Anything).After(8*time.Second).Return(order.RefundResult{Reference: "re_1"}, nil)
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
	b.operate(time.Minute+4*time.Second, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "bank 77"})

	s := b.run()

	require.Equal(t, order.Refunded, s.Refund.Status)
	require.Contains(t, s.Timeline[2].Reason, "bank 77")
	require.NotEmpty(t, notes(s))
}

// The order is being refunded already: nothing is added to its history.
func TestAForceRefundOfARefundThatIsDueChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["refund"] = down(b.env.Now, b.start.Add(time.Hour))
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
	b.operate(2*time.Minute, workflows.UpdateForceRefund, workflows.Operation{Actor: "Jun", Reason: "a regular"})

	s := b.run()

	require.NoError(t, b.answers[workflows.UpdateForceRefund].err)
	require.True(t, b.answers[workflows.UpdateForceRefund].rejected)
	require.Empty(t, notes(s))
}

func TestTwoGiveUpsAtOnceGiveUpTwoTexts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement.Terms.AcceptWithin = time.Minute
	b.world.fail["text"] = down(b.env.Now, b.start.Add(24*time.Hour))
	b.at(10*time.Minute, func() {
		b.updateNow("one", workflows.UpdateGiveUpText, workflows.Operation{})
		b.updateNow("two", workflows.UpdateGiveUpText, workflows.Operation{})
	})

	s := b.run()

	require.Empty(t, b.world.texts, "the first text was pointless by then, and two were given up")
	require.Len(t, notes(s), 5)
	require.Equal(t, b.start.Add(10*time.Minute), s.Timeline[len(s.Timeline)-1].At)
}

package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestARefundThatTheProviderRefusesForGoodWaitsForTheOperator(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["refund"] = refuse("the card is closed")
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
	b.look(2*time.Minute, func(s order.Snapshot) {
		require.Equal(t, []string{workflows.StuckOnRefund}, s.StuckOn)
	})
	b.operate(24*time.Hour, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "bank transfer 77"})

	s := b.run()

	require.Equal(t, order.Refunded, s.Refund.Status)
	require.Equal(t, []string{"charge 5000"}, b.world.money)
	require.Equal(t, []string{order.NoteOperator}, notes(s))
	require.Equal(t, "Jun", s.Timeline[2].Actor)
	require.Contains(t, s.Timeline[2].Reason, "bank transfer 77")
	require.Equal(t, 1, b.world.attempts["refund"])
}

func TestRetryTriesARefusedRefundAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["refund"] = func(attempt int) error {
		if attempt == 1 {
			return &order.Error{Code: order.CodeRefused, Message: "the API key is wrong"}
		}
		return nil
	}
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
	b.operate(time.Hour, workflows.UpdateRetry, workflows.Operation{Reason: "key mended"})

	s := b.run()

	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
	require.Equal(t, order.ActorOperator, s.Timeline[2].Actor)
	require.Equal(t, "retry: key mended", s.Timeline[2].Reason)
}

func TestRetryDoesNotWaitForTheBackoff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["refund"] = func(int) error {
		if b.env.Now().Before(b.start.Add(3*time.Hour - time.Second)) {
			return &order.Error{Code: order.CodeUnavailable, Message: "down"}
		}
		return nil
	}
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
	b.operate(3*time.Hour, workflows.UpdateRetry, workflows.Operation{})
	b.look(3*time.Hour+time.Second, func(s order.Snapshot) {
		require.Equal(t, order.Refunded, s.Refund.Status)
	})

	b.run()
}

func TestForceRefundEndsAnOpenOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after  time.Duration
		points []string
	}{
		"that is paid":     {30 * time.Second, []string{"take back"}},
		"that is accepted": {90 * time.Second, []string{"credit 250", "take back"}},
		"that is ready":    {150 * time.Second, []string{"credit 250", "take back"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.update(time.Minute, "accept", order.Accept, workflows.Command{})
			b.update(2*time.Minute, "ready", order.MarkReady, workflows.Command{})
			b.operate(c.after, workflows.UpdateForceRefund, workflows.Operation{Actor: "Jun", Reason: "flooded kitchen"})

			s := b.run()

			require.Equal(t, order.Cancelled, s.Status)
			require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
			require.Equal(t, c.points, b.world.points)
			last := s.Timeline[len(s.Timeline)-1]
			require.Equal(t, "Jun", last.Actor)
			require.Equal(t, "flooded kitchen", last.Reason)
		})
	}
}

func TestForceRefundDuringThePaymentIsHonouredAfterIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["charge"] = down(b.env.Now, b.start.Add(time.Minute))
	b.operate(10*time.Second, workflows.UpdateForceRefund, workflows.Operation{})

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Cancelled}, statuses(s))
}

func TestGivingUpATextSkipsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["text"] = down(b.env.Now, b.start.Add(24*time.Hour))
	b.happyEnding(time.Minute)
	for i, id := range []string{"one", "two", "three", "four"} {
		b.at(time.Hour*time.Duration(i+1), func() {
			b.updateNow(id, workflows.UpdateGiveUpText, workflows.Operation{Actor: "Jun"})
		})
	}

	s := b.run()

	require.Equal(t, order.PickedUp, s.Status)
	require.Empty(t, b.world.texts)
	require.NoError(t, b.answers["one"].err)
}

func TestOperationsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		update string
		in     workflows.Operation
		code   order.Code
	}{
		"settling without a reference":   {workflows.UpdateSettleRefund, workflows.Operation{}, order.CodeInvalid},
		"settling when nothing is due":   {workflows.UpdateSettleRefund, workflows.Operation{Reference: "x"}, order.CodeTooLate},
		"settling with an endless proof": {workflows.UpdateSettleRefund, workflows.Operation{Reference: strings.Repeat("x", 201)}, order.CodeInvalid},
		"settling with an endless name":  {workflows.UpdateSettleRefund, workflows.Operation{Actor: strings.Repeat("x", 81)}, order.CodeInvalid},
		"giving up no text":              {workflows.UpdateGiveUpText, workflows.Operation{}, order.CodeTooLate},
		"giving up with an endless name": {workflows.UpdateGiveUpText, workflows.Operation{Actor: strings.Repeat("x", 81)}, order.CodeInvalid},
		"retrying with an endless name":  {workflows.UpdateRetry, workflows.Operation{Actor: strings.Repeat("x", 81)}, order.CodeInvalid},
		"refunding with an endless name": {workflows.UpdateForceRefund, workflows.Operation{Actor: strings.Repeat("x", 81)}, order.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.operate(time.Minute, c.update, c.in)

			s := b.run()

			require.True(t, b.answers[c.update].rejected)
			require.Equal(t, c.code, order.ErrorCode(b.answers[c.update].err))
			require.Empty(t, notes(s))
		})
	}
}

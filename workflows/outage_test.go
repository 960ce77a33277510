package workflows_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestAPaymentThatAnswersLateIsChargedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.lose["charge"] = first(3)
	b.happyEnding(time.Minute)

	s := b.run()

	require.Equal(t, order.PickedUp, s.Status)
	require.Equal(t, []string{"charge 5000"}, b.world.money)
	require.Equal(t, 4, b.world.attempts["charge"])
}

func TestAnUnknownPaymentIsVoidedAtTheDeadline(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["charge"] = down(b.env.Now, b.start.Add(time.Hour))
	b.at(0, func() { b.updateNow("place", workflows.UpdatePlace) })

	s := b.run()

	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, workflows.FailurePaymentTimeout, s.FailureCode)
	require.Equal(t, order.PaymentFailed, b.answers["place"].snapshot.Status)
	require.Nil(t, s.Refund)
	require.Equal(t, 1, b.world.attempts["void"])
	require.Empty(t, b.world.money)
	require.WithinDuration(t, b.start.Add(2*time.Minute), s.Timeline[0].At, 10*time.Second)
}

func TestMoneyFoundAfterTheDeadlineIsRefunded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.lose["charge"] = first(1000)
	b.world.fail["void"] = down(b.env.Now, b.start.Add(20*time.Minute))
	b.look(10*time.Minute, func(s order.Snapshot) {
		require.Equal(t, order.PaymentFailed, s.Status)
		require.Nil(t, s.Refund)
		require.Equal(t, []string{workflows.StuckOnPayment}, s.StuckOn)
	})

	s := b.run()

	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, order.Refunded, s.Refund.Status)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
	require.Equal(t, []string{"refunded"}, b.world.texts)
}

func TestAPaymentThatTheGatewayRefusesForGoodFailsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["charge"] = refuse("no such payment method")

	s := b.run()

	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, workflows.FailurePaymentRefused, s.FailureCode)
	require.Equal(t, 1, b.world.attempts["charge"])
	require.Zero(t, b.world.attempts["void"])
}

// Each effect fails for six hours and then recovers. Meanwhile the order goes
// on, says what it is stuck on, and in the end nothing is lost or done twice.
func TestAnEffectThatFailsForSixHoursRecovers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		effect, stuck string
	}{
		{"credit", workflows.StuckOnPoints},
		{"project", workflows.StuckOnReadModel},
	} {
		t.Run(c.effect, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.world.fail[c.effect] = down(b.env.Now, b.start.Add(6*time.Hour))
			b.happyEnding(time.Minute)
			b.look(5*time.Hour, func(s order.Snapshot) {
				require.Equal(t, order.PickedUp, s.Status, "a dead side system stops nobody")
				require.Equal(t, []string{c.stuck}, s.StuckOn)
			})

			s := b.run()

			require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.PickedUp}, statuses(s))
			require.Equal(t, []string{"charge 5000"}, b.world.money)
			require.Equal(t, []string{"credit 250"}, b.world.points)
			require.Equal(t, c.effect == "project", s.PickupNumber == nil, "an order that has left the board needs no number")
			require.Equal(t, "picked_up", b.world.texts[len(b.world.texts)-1])
		})
	}
}

// A local activity runs before the change that calls for it is in the history: a
// worker that dies in between may have credited points for an acceptance that
// never happens. So every order that is undone bars and reverses the credit,
// which is safe only once the history has the reason.
func TestPointsOfAnAcceptanceThatWasLostAreTakenBack(t *testing.T) {
	t.Parallel()
	for _, accepted := range []bool{true, false} {
		t.Run(fmt.Sprintf("accepted=%v", accepted), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var local, durable []string
			b.env.SetOnLocalActivityStartedListener(func(info *activity.Info, _ context.Context, _ []any) {
				local = append(local, info.ActivityType.Name)
			})
			b.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
				durable = append(durable, info.ActivityType.Name)
			})
			if accepted {
				b.update(time.Minute, "accept", order.Accept, workflows.Command{})
			}
			b.update(2*time.Minute, "reject", order.Reject, workflows.Command{Reason: "no milk"})

			b.run()

			require.Equal(t, accepted, slices.Contains(local, "CreditPoints"))
			require.NotContains(t, durable, "CreditPoints")
			require.Equal(t, "take back", b.world.points[len(b.world.points)-1])
			require.Contains(t, durable, "TakeBackPoints")
			require.NotContains(t, local, "TakeBackPoints")
		})
	}
}

func TestARefundThatFailsForSixHoursIsMadeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["refund"] = down(b.env.Now, b.start.Add(6*time.Hour))
	b.world.lose["refund"] = nil
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
	b.look(5*time.Hour, func(s order.Snapshot) {
		require.Equal(t, order.RefundPending, s.Refund.Status)
		require.Equal(t, []string{workflows.StuckOnRefund}, s.StuckOn)
	})

	s := b.run()

	require.Equal(t, order.Refunded, s.Refund.Status)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
}

func TestARefundWhoseAnswerIsLostIsMadeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.lose["refund"] = first(5)
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})

	s := b.run()

	require.Equal(t, order.Refunded, s.Refund.Status)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
}

func TestATextThatHasBecomePointlessIsRecordedAsSkipped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["text"] = down(b.env.Now, b.start.Add(time.Hour))
	b.update(time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(10*time.Minute, "ready", order.MarkReady, workflows.Command{})
	b.update(2*time.Hour, "pick-up", order.PickUp, workflows.Command{})

	s := b.run()

	require.Equal(t, []string{"ready", "picked_up"}, b.world.texts)
	require.Equal(t, []string{order.NoteTextSkipped, order.NoteTextSkipped}, notes(s))
}

func TestTextsGoOutInOrderHoweverQuicklyTheOrderMovesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["text"] = down(b.env.Now, b.start.Add(10*time.Second))
	b.happyEnding(time.Second)

	b.run()

	require.Equal(t, "paid", b.world.texts[0])
	require.Equal(t, "picked_up", b.world.texts[len(b.world.texts)-1])
}

func TestATextThatTheProviderRefusesForGoodEndsThatTextAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["text"] = func(attempt int) error {
		if attempt == 1 {
			return &order.Error{Code: order.CodeRefused, Message: "not a mobile number"}
		}
		return nil
	}
	b.happyEnding(time.Minute)

	s := b.run()

	require.Equal(t, []string{"accepted", "ready", "picked_up"}, b.world.texts)
	require.Equal(t, []string{order.NoteTextFailed}, notes(s))
}

func TestAnUnknownMemberShowsAtTheCreditAndLosesNothingElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["credit"] = func(int) error {
		return &order.Error{Code: order.CodeNotFound, Message: "the member was not found"}
	}
	b.happyEnding(time.Minute)

	s := b.run()

	require.Equal(t, order.PickedUp, s.Status)
	require.Zero(t, s.Points)
	require.Equal(t, []string{order.NotePointsForfeited}, notes(s))
	require.Empty(t, s.StuckOn)
}

func TestRejectingWhileTheCreditIsPendingBarsTheCredit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["credit"] = down(b.env.Now, b.start.Add(6*time.Hour))
	b.update(time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(time.Hour, "reject", order.Reject, workflows.Command{Reason: "no more cups"})

	s := b.run()

	require.Zero(t, s.Points)
	require.Equal(t, []string{"take back"}, b.world.points)
}

func TestTheReadModelCatchesUpWithTheNewestVersionAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["project"] = down(b.env.Now, b.start.Add(3*time.Minute))
	b.happyEnding(10 * time.Second)

	s := b.run()

	require.Equal(t, s, b.world.model)
	require.LessOrEqual(t, b.world.project, 4, "one projection waits at most")
}

func TestTheTermsSayWhenAnEffectIsStuck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after         time.Duration
		early, inTime time.Duration
	}{
		"as the default has it":       {0, 4 * time.Minute, 6 * time.Minute},
		"before a text is overdue":    {30 * time.Second, 20 * time.Second, 40 * time.Second},
		"later than most":             {20 * time.Minute, 19 * time.Minute, 21 * time.Minute},
		"later than a window is long": {3 * time.Hour, 179 * time.Minute, 181 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if c.after > 0 {
				b.placement.Terms.StuckAfter = order.StuckAfter{order.EffectRefund: c.after}
			}
			b.world.fail["refund"] = down(b.env.Now, b.start.Add(8*time.Hour))
			b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
			b.look(time.Minute+c.early, func(s order.Snapshot) { require.Empty(t, s.StuckOn) })
			b.look(time.Minute+c.inTime, func(s order.Snapshot) {
				require.Equal(t, []string{workflows.StuckOnRefund}, s.StuckOn)
			})

			s := b.run()

			require.Equal(t, order.Refunded, s.Refund.Status)
			require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
		})
	}
}

func TestAPaymentIsStuckWhenTheTermsSaySo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement.Terms.StuckAfter = order.StuckAfter{order.EffectPayment: 30 * time.Second}
	b.world.fail["charge"] = down(b.env.Now, b.start.Add(90*time.Second))
	b.look(20*time.Second, func(s order.Snapshot) { require.Empty(t, s.StuckOn) })
	b.look(40*time.Second, func(s order.Snapshot) { require.Equal(t, []string{workflows.StuckOnPayment}, s.StuckOn) })
	b.happyEnding(3 * time.Minute)

	require.Equal(t, order.PickedUp, b.run().Status)
}

package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Two commands in one workflow task: the first wins, the second learns who did.
func TestOfTwoRacingCommandsOneWins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first, second order.EventName
		wins          order.Status
	}{
		{order.Accept, order.Cancel, order.Accepted},
		{order.Cancel, order.Accept, order.Cancelled},
		{order.Accept, order.Reject, order.Rejected}, // both win: the store changes its mind
		{order.Reject, order.Accept, order.Rejected},
		{order.Reject, order.Cancel, order.Rejected},
		{order.Cancel, order.Reject, order.Cancelled},
	} {
		t.Run(fmt.Sprintf("%s, then %s", c.first, c.second), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.at(time.Minute, func() {
				b.updateNow("first", string(c.first), workflows.Command{})
				b.updateNow("second", string(c.second), workflows.Command{})
			})
			b.update(2*time.Minute, "ready", order.MarkReady, workflows.Command{})
			b.update(3*time.Minute, "pick-up", order.PickUp, workflows.Command{})

			s := b.run()

			require.NoError(t, b.answers["first"].err)
			require.Contains(t, statuses(s), c.wins)
			if c.first != order.Accept || c.second != order.Reject {
				requireCode(t, order.CodeTooLate, c.wins, b.answers["second"].err)
			}
			b.requireMoneyAgreesWith(s)
		})
	}
}

func TestOfTwoRacingSignalsTheFirstWins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first, second order.EventName
		ends          order.Status
	}{
		{order.Accept, order.Cancel, order.PickedUp},
		{order.Cancel, order.Accept, order.Cancelled},
		{order.Reject, order.Cancel, order.Rejected},
		{order.Cancel, order.Reject, order.Cancelled},
	} {
		t.Run(fmt.Sprintf("%s, then %s", c.first, c.second), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.at(time.Minute, func() {
				b.env.SignalWorkflowSkippingWorkflowTask(string(c.first), nil)
				b.env.SignalWorkflow(string(c.second), nil)
			})
			b.signal(2*time.Minute, order.MarkReady, nil)
			b.signal(3*time.Minute, order.PickUp, nil)

			s := b.run()

			require.Equal(t, c.ends, s.Status)
			require.Contains(t, notes(s), order.NoteRefused)
			b.requireMoneyAgreesWith(s)
		})
	}
}

func TestAWholeLifeInOneWorkflowTask(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at(time.Minute, func() {
		for _, name := range []order.EventName{order.Accept, order.MarkReady, order.PickUp} {
			b.updateNow(string(name), string(name), workflows.Command{})
		}
	})

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.PickedUp}, statuses(s))
	require.Equal(t, []string{"credit 250"}, b.world.points)
	require.Equal(t, []string{"paid", "accepted", "ready", "picked_up"}, b.world.texts)
}

func TestAcceptAndRejectInOneWorkflowTaskCreditNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at(time.Minute, func() {
		b.env.SignalWorkflowSkippingWorkflowTask(string(order.Accept), nil)
		b.env.SignalWorkflow(string(order.Reject), nil)
	})

	s := b.run()

	require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Rejected}, statuses(s))
	require.NotContains(t, b.world.points, "credit 250")
}

func TestACommandAtTheMomentOfTheDeadlineHasOneWinner(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.update(30*time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(31*time.Minute, "ready", order.MarkReady, workflows.Command{})
	b.update(32*time.Minute, "pick-up", order.PickUp, workflows.Command{})

	s := b.run()

	if s.Status == order.Expired {
		requireCode(t, order.CodeTooLate, order.Expired, b.answers["accept"].err)
	} else {
		require.Equal(t, order.PickedUp, s.Status)
	}
	b.requireMoneyAgreesWith(s)
}

func TestARepeatedCommandSucceedsAndChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.update(time.Minute, "accept", order.Accept, workflows.Command{ETAMinutes: 5})
	b.update(90*time.Second, "again", order.Accept, workflows.Command{ETAMinutes: 50})
	b.update(2*time.Minute, "ready", order.MarkReady, workflows.Command{})
	b.update(150*time.Second, "ready again", order.MarkReady, workflows.Command{})
	b.update(3*time.Minute, "pick-up", order.PickUp, workflows.Command{})

	s := b.run()

	require.NoError(t, b.answers["again"].err)
	require.NoError(t, b.answers["ready again"].err)
	require.Equal(t, 5, *s.ETAMinutes)
	require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.PickedUp}, statuses(s))
	require.Equal(t, []string{"paid", "accepted", "ready", "picked_up"}, b.world.texts)
}

func TestARepeatedCommandIDIsTheSameCommand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.update(time.Minute, "accept", order.Accept, workflows.Command{CommandID: "tap-1"})
	b.update(2*time.Minute, "reject", order.Reject, workflows.Command{Reason: "no milk"})
	b.world.fail["refund"] = down(b.env.Now, b.start.Add(time.Hour))
	b.update(3*time.Minute, "accept again", order.Accept, workflows.Command{CommandID: "tap-1"})
	b.update(4*time.Minute, "accept anew", order.Accept, workflows.Command{CommandID: "tap-2"})

	b.run()

	require.NoError(t, b.answers["accept again"].err)
	require.Equal(t, order.Rejected, b.answers["accept again"].snapshot.Status)
	requireCode(t, order.CodeTooLate, order.Rejected, b.answers["accept anew"].err)
}

func TestACommandThatComesTooEarlyIsRefusedAsSuch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.update(30*time.Second, "early ready", order.MarkReady, workflows.Command{})
	b.update(40*time.Second, "early pick-up", order.PickUp, workflows.Command{})
	b.happyEnding(time.Minute)

	b.run()

	requireCode(t, order.CodeTooEarly, order.Paid, b.answers["early ready"].err)
	requireCode(t, order.CodeTooEarly, order.Paid, b.answers["early pick-up"].err)
}

// requireMoneyAgreesWith asserts that money, points and the last text tell the
// same story as the order's end.
func (b *bundle) requireMoneyAgreesWith(s order.Snapshot) {
	b.Helper()
	switch s.Status {
	case order.PickedUp, order.Unclaimed:
		require.Equal(b, []string{"charge 5000"}, b.world.money)
		require.Equal(b, []string{"credit 250"}, b.world.points)
		require.Equal(b, string(s.Status), b.world.texts[len(b.world.texts)-1])
	default:
		require.Equal(b, []string{"charge 5000", "refund 5000"}, b.world.money)
		require.NotEqual(b, []string{"credit 250"}, b.world.points)
		require.Equal(b, "refunded", b.world.texts[len(b.world.texts)-1])
	}
}

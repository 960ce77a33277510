package workflows_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Somebody taps and taps. The history does not grow, everybody is told that it stands,
// and operators still find their way in.
func TestRepeatedCommandsAddNothingToTheHistory(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arrive func(*liveOrder)
		repeat func(*liveOrder) (order.Snapshot, error)
		stands order.Status
	}{
		"cancel, while it is refunded": {
			arrive: func(l *liveOrder) {
				l.world.failWith("refund", refuse("the card is closed"))
				l.place(order.Paid)
				l.act(order.Cancel, workflows.Command{}, order.Cancelled)
			},
			repeat: func(l *liveOrder) (order.Snapshot, error) {
				return l.Act(l.Context(), l.placement.ID, order.Cancel, workflows.Command{Actor: "customer"})
			},
			stands: order.Cancelled,
		},
		"accept, while it is made": {
			arrive: func(l *liveOrder) {
				l.place(order.Paid)
				l.act(order.Accept, workflows.Command{}, order.Accepted)
			},
			repeat: func(l *liveOrder) (order.Snapshot, error) {
				return l.Act(l.Context(), l.placement.ID, order.Accept, workflows.Command{ETAMinutes: 3})
			},
			stands: order.Accepted,
		},
		"force-refund, while it is refunded": {
			arrive: func(l *liveOrder) {
				l.world.failWith("refund", refuse("the card is closed"))
				l.place(order.Paid)
				l.act(order.Cancel, workflows.Command{}, order.Cancelled)
			},
			repeat: func(l *liveOrder) (order.Snapshot, error) {
				s, err := l.Operate(l.Context(), l.placement.ID, workflows.UpdateForceRefund, workflows.Operation{Actor: "Jun"})
				require.Equal(l, order.CodeUnchanged, order.ErrorCode(err))
				return s, nil
			},
			stands: order.Cancelled,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setupLive(t)
			c.arrive(l)
			l.quiet()
			before := l.events()

			for range 30 {
				s, err := c.repeat(l)
				require.NoError(t, err)
				require.Equal(t, c.stands, s.Status)
			}

			require.Equal(t, before, l.events())
			require.NoError(t, l.temporal.TerminateWorkflow(t.Context(), l.placement.ID, "", "the test is over"))
		})
	}
}

// quiet waits until the order's history grows no more by itself.
func (l *liveOrder) quiet() {
	l.Helper()
	last, since := -1, time.Now()
	require.Eventually(l, func() bool {
		if now := l.events(); now != last {
			last, since = now, time.Now()
		}
		return time.Since(since) > 2*time.Second
	}, patience, 100*time.Millisecond)
}

// events returns how long the order's history is. Looking at it adds nothing.
func (l *liveOrder) events() int {
	l.Helper()
	d, err := l.temporal.DescribeWorkflowExecution(l.Context(), l.placement.ID, "")
	require.NoError(l, err)
	return int(d.GetWorkflowExecutionInfo().GetHistoryLength())
}

// Each of the operators' updates is a signal as well, for an order that takes no
// updates any more.
func TestEachOperationIsASignalAsWell(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arrive func(*bundle)
		in     any
		done   func(order.Snapshot) bool
	}{
		workflows.UpdateRetry: {
			func(b *bundle) {
				b.world.fail["refund"] = func(attempt int) error {
					if attempt == 1 {
						return refuse("the account is empty")(1)
					}
					return nil
				}
				b.signal(time.Minute, order.Cancel, nil)
			}, workflows.Operation{Actor: "Jun"},
			func(s order.Snapshot) bool { return s.Refund.Status == order.Refunded && !s.Settled },
		},
		workflows.UpdateForceRefund: {
			func(b *bundle) { b.signal(time.Minute, order.Accept, nil) }, nil,
			func(s order.Snapshot) bool { return s.Status == order.Cancelled && s.Refund.Status == order.Refunded },
		},
		workflows.UpdateSettleRefund: {
			func(b *bundle) {
				b.world.fail["refund"] = refuse("the card is closed")
				b.signal(time.Minute, order.Cancel, nil)
			}, workflows.Operation{Actor: "Jun", Reference: "bank 77"},
			func(s order.Snapshot) bool { return s.Settled },
		},
		workflows.UpdateGiveUpText: {
			func(b *bundle) {
				b.world.fail["text"] = down(b.env.Now, b.start.Add(time.Hour))
				b.happyEnding(time.Minute)
			}, workflows.Operation{Actor: "Jun"},
			func(s order.Snapshot) bool { return s.Status == order.PickedUp },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c.arrive(b)
			b.at(10*time.Minute, func() { b.env.SignalWorkflow(name, c.in) })

			s := b.run()

			require.True(t, c.done(s), "%+v", s)
			require.NotContains(t, notes(s), order.NoteRefused)
		})
	}
	t.Run("one that makes no sense is noted", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.at(time.Minute, func() { b.env.SignalWorkflow(workflows.UpdateSettleRefund, workflows.Operation{}) })
		b.at(time.Minute, func() { b.env.SignalWorkflow(workflows.UpdateGiveUpText, "now") })
		require.Equal(t, []string{order.NoteRefused, order.NoteUnreadable}, notes(b.run()))
	})
}

// temporalCancel stands for Temporal's own Cancel among the signals.
const temporalCancel order.EventName = "Temporal's Cancel"

// A worker comes back to signals of several kinds. They take effect as they came.
func TestSignalsTakeEffectInTheOrderInWhichTheyCame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		signals []order.EventName
		want    order.Status
	}{
		{[]order.EventName{order.PickUp, order.Cancel, order.Accept}, order.Cancelled},
		{[]order.EventName{order.PickUp, order.Accept, order.Cancel}, order.Accepted},
		{[]order.EventName{order.MarkReady, order.Reject, order.Accept}, order.Rejected},
		{[]order.EventName{order.MarkReady, order.PickUp, order.Cancel, order.Reject}, order.Cancelled},
		{[]order.EventName{order.Cancel, order.Reject, order.Accept}, order.Cancelled},
		{slices.Concat(slices.Repeat([]order.EventName{"retry"}, 20), []order.EventName{order.Cancel, order.Accept}), order.Cancelled},
		{slices.Concat(slices.Repeat([]order.EventName{"retry"}, 20), []order.EventName{order.Accept, order.Cancel}), order.Accepted},
		{[]order.EventName{temporalCancel, order.Accept, order.Reject}, order.Cancelled},
		{[]order.EventName{order.Accept, temporalCancel, order.MarkReady}, order.Ready},
		{[]order.EventName{order.MarkReady, temporalCancel, order.Reject}, order.Cancelled},
	} {
		t.Run(fmt.Sprint(c.signals), func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			stop := s.runUnversioned()
			o := s.order()
			o.place(order.Paid)
			o.quiet()
			stop()
			for _, name := range c.signals {
				if name == temporalCancel {
					require.NoError(t, s.client.CancelWorkflow(t.Context(), o.placement.ID, ""))
					continue
				}
				o.signal(name, nil)
			}

			s.runUnversioned()

			o.eventually(func(s order.Snapshot) bool { return s.Status != order.Paid })
			read, err := o.Read(t.Context(), o.placement.ID)
			require.NoError(t, err)
			require.Equal(t, c.want, read.Status, "%v", read.Timeline)
			require.NoError(t, replayer(t).ReplayWorkflowHistory(nil, o.history()))
		})
	}
}

// Notes are bounded, and an answer does not carry them: a hundred retries with long
// reasons leave the history small.
func TestManyInterventionsLeaveTheHistorySmall(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.world.failWith("refund", refuse("the card is closed"))
	l.place(order.Paid)
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	for i := range 120 {
		reason := fmt.Sprintf("%03d %0190d", i, 0)
		s, err := l.Operate(t.Context(), l.placement.ID, workflows.UpdateRetry, workflows.Operation{Actor: "Jun", Reason: reason})
		require.NoError(t, err)
		require.Empty(t, s.Timeline)
	}
	_, err := l.Operate(t.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "bank 77"})
	require.NoError(t, err)
	l.end(order.Cancelled)

	s, err := l.Read(t.Context(), l.placement.ID)
	require.NoError(t, err)
	require.Len(t, notes(s), order.MaxNotes+1, "the settlement is among them")
	d, err := l.temporal.DescribeWorkflowExecution(t.Context(), l.placement.ID, "")
	require.NoError(t, err)
	require.Less(t, d.GetWorkflowExecutionInfo().GetHistorySizeBytes(), int64(400_000))
}

// The input of a finished order, started under another ID: nothing happens.
func TestACopyOfAnOrderFailsBeforeItDoesAnything(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	l.handOver()
	ledgers := l.world.ledgers()

	run, err := l.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "copy-of-" + l.placement.ID, TaskQueue: workflows.TaskQueueOrders,
	}, workflows.WorkflowType, l.placement)
	require.NoError(t, err)

	require.ErrorContains(t, run.Get(t.Context(), nil), "its ID must be the order's")
	require.Equal(t, ledgers, l.world.ledgers())
	_, err = l.Read(t.Context(), run.GetID())
	require.Equal(t, order.CodeNotFound, order.ErrorCode(err), "it is no order, and so none that is stuck")
}

package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// What an operator has settled by hand is never paid by us, in whatever order things
// come to the worker.
func TestWhatIsSettledIsNeverPaidAgain(t *testing.T) {
	t.Parallel()
	settle := workflows.Operation{Actor: "Jun", Reference: "bank 77"}
	// send sends all of it in one workflow task, as a worker finds it that was away.
	send := func(b *bundle, from time.Duration, deeds ...func(last bool)) {
		b.world.fail["refund"] = first(1) // which the test environment may begin between two updates
		b.at(from, func() {
			for i, deed := range deeds {
				deed(i == len(deeds)-1)
			}
		})
	}
	bySignal := func(b *bundle, name string, in any) func(bool) {
		return func(last bool) {
			if last {
				b.env.SignalWorkflow(name, in)
			} else {
				b.env.SignalWorkflowSkippingWorkflowTask(name, in)
			}
		}
	}
	byUpdate := func(b *bundle, name string, in any) func(bool) {
		return func(bool) {
			b.env.UpdateWorkflow(name, name, &testsuite.TestUpdateCallback{
				OnAccept: func() {}, OnReject: func(err error) { require.NoError(b, err) }, OnComplete: func(_ any, err error) { require.NoError(b, err) },
			}, in)
		}
	}
	for name, happens := range map[string]func(*bundle){
		"a forced refund and its settlement at once": func(b *bundle) {
			send(b, time.Minute, byUpdate(b, workflows.UpdateForceRefund, workflows.Operation{}), byUpdate(b, workflows.UpdateSettleRefund, settle))
		},
		"a cancel and its settlement at once": func(b *bundle) {
			send(b, time.Minute, byUpdate(b, string(order.Cancel), workflows.Command{}), byUpdate(b, workflows.UpdateSettleRefund, settle))
		},
		"the same by signals": func(b *bundle) {
			send(b, time.Minute, bySignal(b, string(order.Reject), nil), bySignal(b, workflows.UpdateSettleRefund, settle))
		},
		"settled while the provider is away": func(b *bundle) {
			b.world.fail["refund"] = down(b.env.Now, b.start.Add(time.Hour))
			b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
			b.operate(30*time.Minute, workflows.UpdateSettleRefund, settle)
		},
		"settled while the provider is left alone": func(b *bundle) {
			b.world.fail["refund"] = func(int) error {
				return &order.Error{Code: order.CodeUnavailable, Message: "429", RetryAfter: 30 * time.Minute}
			}
			b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
			b.operate(10*time.Minute, workflows.UpdateSettleRefund, settle)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			happens(b)

			s := b.run()

			require.Equal(t, []string{"charge 5000"}, b.world.money)
			require.True(t, s.Settled)
			require.Equal(t, order.Refunded, s.Refund.Status)
			require.Contains(t, b.world.texts, "refunded")
		})
	}
}

// settledWhile settles the refund by hand while an attempt of the activity is out,
// which comes through then.
func (l *liveOrder) settledWhile(activity string, arrive func()) order.Snapshot {
	l.Helper()
	held := make(chan struct{})
	l.world.hold[activity] = held
	arrive()
	require.Equal(l, activity, <-l.world.arrived)
	_, err := l.Operate(l.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "bank 77"})
	require.NoError(l, err)
	close(held)
	var s order.Snapshot
	require.NoError(l, l.temporal.GetWorkflow(l.Context(), l.placement.ID, "").Get(l.Context(), &s))
	require.NoError(l, replayer(l.T).ReplayWorkflowHistory(nil, l.history()))
	return s
}

// The operator has looked into the provider's books while the void was out, which then
// finds the charge: what they have settled is not paid again, and is told.
func TestAChargeThatIsFoundAfterItsSettlementIsNotRefunded(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.placement.Terms.PayWithin = 3 * time.Second
	l.world.loseWith("charge", first(1000))

	s := l.settledWhile("void", func() { l.place(order.PaymentFailed) })

	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, int64(5000), s.Charged)
	require.Equal(t, order.Refunded, s.Refund.Status)
	require.Equal(t, []string{"charge 5000"}, l.world.ledgers().money)
	require.Equal(t, []string{order.NoteOperator, string(order.ChargeFound)}, notes(s))
	require.Contains(t, l.world.ledgers().texts, "refunded")
}

// The provider pays as well, because its attempt was out: that is noted.
func TestARefundThatIsMadeAfterItsSettlementIsNoted(t *testing.T) {
	t.Parallel()
	l := setupLive(t)

	s := l.settledWhile("refund", func() {
		l.place(order.Paid)
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	})

	require.Equal(t, []string{order.NoteOperator, order.NoteSettledAndRefunded}, notes(s))
	require.Contains(t, s.Timeline[len(s.Timeline)-1].Reason, "re_1")
}

// Nobody is there when the operator forces a refund and settles it.
func TestARefundThatIsForcedAndSettledWhileTheWorkerIsAwayIsNotPaid(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runUnversioned()
	o := s.order()
	o.place(order.Paid)
	o.quiet()
	stop()
	for _, name := range []string{workflows.UpdateForceRefund, workflows.UpdateSettleRefund} {
		require.NoError(t, o.temporal.SignalWorkflow(t.Context(), o.placement.ID, "", name,
			workflows.Operation{Actor: "Jun", Reference: "bank 77"}))
	}

	s.runUnversioned()

	o.end(order.Cancelled)
	require.Equal(t, []string{"charge 5000"}, o.world.ledgers().money)
}

package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Each provider asks to be left alone for 200 seconds, which is longer than its round
// lasts. It is left alone, and nothing spins.
func TestAProviderIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	t.Parallel()
	const asked = 200 * time.Second
	for name, c := range map[string]struct {
		effect string
		placed func(*bundle)
		most   int
	}{
		"charge":       {"charge", func(*bundle) {}, 1},
		"long charge":  {"charge", func(b *bundle) { b.placement.Terms.PayWithin = 20 * time.Minute }, 7},
		"void":         {"void", func(b *bundle) { b.world.lose["charge"] = first(1000) }, 19},
		"refund":       {"refund", func(b *bundle) { b.update(time.Minute, "cancel", order.Cancel, workflows.Command{}) }, 19},
		"text":         {"text", func(b *bundle) { b.happyEnding(time.Minute) }, 25},
		"points":       {"credit", func(b *bundle) { b.happyEnding(time.Minute) }, 20},
		"points taken": {"take back", func(b *bundle) { b.update(time.Minute, "cancel", order.Cancel, workflows.Command{}) }, 19},
		"read model":   {"project", func(b *bundle) { b.happyEnding(time.Minute) }, 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.world.fail[c.effect] = func(int) error {
				if b.env.Now().After(b.start.Add(time.Hour)) {
					return nil
				}
				return &order.Error{Code: order.CodeUnavailable, Message: "429", RetryAfter: asked}
			}
			c.placed(b)

			b.run()

			require.LessOrEqual(t, b.world.tried(c.effect), c.most)
		})
	}
}

// A charge that is put off beyond the payment deadline is over at that deadline, not
// before and not after.
func TestAChargeThatIsPutOffEndsAtThePaymentDeadline(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["charge"] = func(int) error {
		return &order.Error{Code: order.CodeUnavailable, Message: "429", RetryAfter: time.Hour}
	}

	s := b.run()

	require.Equal(t, order.PaymentFailed, s.Status)
	require.Equal(t, workflows.FailurePaymentTimeout, s.FailureCode)
	require.WithinDuration(t, b.start.Add(b.placement.Terms.PayWithin), s.Timeline[0].At, time.Second)
}

// Nobody waits for a pause who knows better.
func TestAnOperatorsRetryEndsThePause(t *testing.T) {
	t.Parallel()
	for effect, placed := range map[string]func(*bundle){
		"charge": func(b *bundle) { b.placement.Terms.PayWithin = time.Hour },
		"refund": func(b *bundle) { b.update(time.Minute, "cancel", order.Cancel, workflows.Command{}) },
	} {
		t.Run(effect, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.placement.Terms.AcceptWithin = 24 * time.Hour
			b.world.fail[effect] = func(attempt int) error {
				if attempt > 1 {
					return nil
				}
				return &order.Error{Code: order.CodeUnavailable, Message: "429", RetryAfter: 50 * time.Minute}
			}
			placed(b)
			b.operate(10*time.Minute, workflows.UpdateRetry, workflows.Operation{Actor: "Jun"})
			b.look(11*time.Minute, func(order.Snapshot) { require.Equal(t, 2, b.world.tried(effect)) })
			b.update(20*time.Minute, "cancel later", order.Cancel, workflows.Command{})

			b.run()
		})
	}
}

// The order counts as stuck when it should, also while its provider is left alone.
func TestAnOrderIsStuckWhileItsProviderIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["refund"] = func(attempt int) error {
		if attempt > 1 {
			return nil
		}
		return &order.Error{Code: order.CodeUnavailable, Message: "429", RetryAfter: 50 * time.Minute}
	}
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
	b.look(5*time.Minute, func(s order.Snapshot) { require.Empty(t, s.StuckOn) })
	b.look(7*time.Minute, func(s order.Snapshot) { require.Equal(t, []string{workflows.StuckOnRefund}, s.StuckOn) })

	b.run()

	require.Equal(t, 2, b.world.tried("refund"))
}

// News of a payment that the customer has to confirm can come many times a second.
func TestManyReportsOfAPaymentAreFewLooksAtIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.confirming = true
	for i := range 200 {
		b.at(10*time.Second+time.Duration(i)*10*time.Millisecond, func() {
			b.env.SignalWorkflow(workflows.SignalPaymentEvent, order.PaymentEvent{ID: "evt", OrderID: b.placement.ID, Kind: order.PaymentMoved})
		})
	}

	b.run()

	require.Less(t, b.world.tried("look"), 15)
}

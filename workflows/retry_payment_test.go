package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// The gateway comes back right before the operator's retry, in the middle of the
// pause before the next attempt.
func TestRetryTriesAPendingPaymentAgainAtOnce(t *testing.T) {
	t.Parallel()
	const back = 20 * time.Second // attempts are made after 17.5 s and 22.5 s

	t.Run("a charge", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.world.fail["charge"] = down(b.env.Now, b.start.Add(back))
		b.operate(back, workflows.UpdateRetry, workflows.Operation{Actor: "Jun"})
		b.look(back+time.Second, func(s order.Snapshot) { require.Equal(t, order.Paid, s.Status) })
		b.happyEnding(time.Minute)

		b.run()

		require.Equal(t, []string{"charge 5000"}, b.world.money)
	})

	t.Run("a charge that was made, and whose answers were lost", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.world.lose["charge"] = down(b.env.Now, b.start.Add(back))
		b.operate(back, workflows.UpdateRetry, workflows.Operation{})
		b.look(back+time.Second, func(s order.Snapshot) { require.Equal(t, order.Paid, s.Status) })
		b.happyEnding(time.Minute)

		b.run()

		require.Equal(t, []string{"charge 5000"}, b.world.money)
	})

	t.Run("a charge that is refused then, and may have been made before", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.world.lose["charge"] = down(b.env.Now, b.start.Add(back))
		b.world.fail["charge"] = func(int) error {
			if b.env.Now().Before(b.start.Add(back)) {
				return nil
			}
			return &order.Error{Code: order.CodeRefused, Message: "no such payment method"}
		}
		b.operate(back, workflows.UpdateRetry, workflows.Operation{})

		s := b.run()

		require.Equal(t, order.PaymentFailed, s.Status)
		require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money, "what was charged is found, and given back")
	})

	t.Run("not a charge that has no time left", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.placement.Terms.PayWithin = back + time.Second
		b.world.fail["charge"] = first(1000)
		b.operate(back, workflows.UpdateRetry, workflows.Operation{})
		b.look(back+time.Millisecond, func(s order.Snapshot) { require.Equal(t, order.PaymentPending, s.Status) })

		s := b.run()

		require.Equal(t, workflows.FailurePaymentTimeout, s.FailureCode)
		require.Empty(t, b.world.money)
	})

	t.Run("a void", func(t *testing.T) {
		t.Parallel()
		const mended = time.Hour
		b := setup(t)
		b.world.lose["charge"] = first(1000)
		b.world.fail["void"] = down(b.env.Now, b.start.Add(mended))
		b.operate(mended, workflows.UpdateRetry, workflows.Operation{})
		b.look(mended+time.Second, func(s order.Snapshot) { require.Equal(t, order.Refunded, s.Refund.Status) })

		b.run()

		require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
	})
}

// An attempt that is out when the operator gives the retry is waited for: it may
// be the one that charges.
func TestRetryWaitsForTheAttemptThatIsOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome error
		status  order.Status
		charges int
		money   []string
	}{
		"and that charges":    {nil, order.Paid, 1, []string{"charge 5000"}},
		"and that fails":      {&order.Error{Code: order.CodeUnavailable, Message: "down"}, order.Paid, 2, []string{"charge 5000"}},
		"and that is refused": {&order.Error{Code: order.CodeRefused, Message: "no such method"}, order.PaymentFailed, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setupLive(t)
			out, back := make(chan struct{}), make(chan struct{})
			l.world.failWith("charge", func(attempt int) error {
				if attempt > 1 {
					return nil
				}
				close(out)
				<-back
				return c.outcome
			})
			placed := make(chan order.Snapshot, 1)
			go func() {
				s, _ := l.Place(l.Context(), l.placement)
				placed <- s
			}()
			<-out
			_, err := l.Operate(l.Context(), l.placement.ID, workflows.UpdateRetry, workflows.Operation{Actor: "Jun"})
			require.NoError(t, err)
			close(back)

			require.Equal(t, c.status, (<-placed).Status)
			require.Equal(t, c.charges, l.world.tried("charge"))
			require.Equal(t, c.money, l.world.ledgers().money)
			if c.status == order.Paid {
				l.act(order.Cancel, workflows.Command{}, order.Cancelled)
				c.status = order.Cancelled
			}
			l.end(c.status)
		})
	}
}

// A round of charging that pauses before its next attempt ends at once.
func TestRetryEndsThePauseOfAChargeOnARealServer(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.world.failWith("charge", first(4)) // 4 s pass before the fifth
	placed := make(chan order.Snapshot, 1)
	go func() {
		s, _ := l.Place(l.Context(), l.placement)
		placed <- s
	}()
	require.Eventually(t, func() bool {
		work, err := l.PendingWork(l.Context(), l.placement.ID)
		return err == nil && len(work.Pending) == 1 && work.Pending[0].Attempt == 5 && !work.Pending[0].NextAt.IsZero()
	}, patience, 20*time.Millisecond)

	_, err := l.Operate(l.Context(), l.placement.ID, workflows.UpdateRetry, workflows.Operation{Actor: "Jun"})
	require.NoError(t, err)

	require.Equal(t, order.Paid, (<-placed).Status)
	cancelled := 0
	for _, event := range l.history().GetEvents() {
		if event.GetActivityTaskCanceledEventAttributes() != nil {
			cancelled++
		}
	}
	require.Equal(t, 1, cancelled, "the pause was ended, not waited for")
	require.Equal(t, []string{"charge 5000"}, l.world.ledgers().money)
	require.NoError(t, replayer(t).ReplayWorkflowHistory(nil, l.history()))
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.end(order.Cancelled)
}

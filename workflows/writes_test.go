package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// locals counts the local activities by their names.
func (b *bundle) locals() map[string]int {
	counted := map[string]int{}
	b.env.SetOnLocalActivityStartedListener(func(info *activity.Info, _ context.Context, _ []any) {
		counted[info.ActivityType.Name]++
	})
	return counted
}

// statusesSearched keeps the statuses that the order was made searchable by.
func (b *bundle) statusesSearched() *[]string {
	var all []string
	b.env.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(args mock.Arguments) {
		attributes := args.Get(0).(temporal.SearchAttributes)
		if status, ok := attributes.GetKeyword(workflows.OrderStatus); ok {
			all = append(all, status)
		}
	}).Return(nil).Maybe()
	return &all
}

func TestEachChangeIsOneQuickWrite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	locals := b.locals()
	b.look(time.Second, func(s order.Snapshot) {
		require.Equal(t, s, b.world.model, "an order that is paid is on the board at once")
		require.Equal(t, "A-1", *b.world.model.PickupNumber)
	})
	b.happyEnding(time.Minute)

	b.run()

	require.Equal(t, map[string]int{"CreditPoints": 1, "ProjectOrder": 4}, locals, "paid, accepted, ready, picked up")
	require.Equal(t, []string{"credit 250"}, b.world.points)
}

// A customer who had to confirm the payment is in the read model already, and is
// not shown an unpaid order until the store has looked.
func TestAnOrderThatTheReadModelHasIsProjectedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.confirming = true
	locals := b.locals()
	b.at(time.Second, func() { b.world.confirm("yes") })
	b.happyEnding(time.Minute)

	b.run()

	require.Equal(t, 5, locals["ProjectOrder"], "to be confirmed, paid, accepted, ready, picked up")
}

// The credit fails with the acceptance, and goes on by itself; the acceptance is
// written all the same, and the other way round.
func TestOfAnAcceptanceOnlyWhatFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, failing := range []string{"credit", "project"} {
		t.Run(failing, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.at(30*time.Second, func() { b.world.fail[failing] = down(b.env.Now, b.start.Add(20*time.Minute)) })
			b.update(time.Minute, "accept", order.Accept, workflows.Command{})
			b.look(2*time.Minute, func(order.Snapshot) {
				require.Equal(t, failing == "credit", b.world.model.Status == order.Accepted)
				require.Equal(t, failing == "project", slices.Equal([]string{"credit 250"}, b.world.points))
			})
			b.update(time.Hour, "ready", order.MarkReady, workflows.Command{})
			b.update(2*time.Hour, "pick-up", order.PickUp, workflows.Command{})

			b.run()

			require.Equal(t, []string{"credit 250"}, b.world.points)
		})
	}
}

// A healthy order is found by one value while it goes on, and by another at its end.
func TestAnOrderThatGoesOnIsSearchableByItsStatusWithItsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	searched := b.statusesSearched()
	b.happyEnding(time.Minute)

	b.run()

	require.Equal(t, []string{"picked_up"}, *searched)
}

// The last text cannot be delivered: the order has been picked up all the same, and
// operators find it so.
func TestAStuckOrderIsSearchableByItsStatus(t *testing.T) {
	t.Parallel()
	b := setup(t)
	searched := b.statusesSearched()
	b.at(0, func() { b.world.fail["text"] = down(b.env.Now, b.start.Add(40*time.Minute)) })
	b.update(10*time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(20*time.Minute, "ready", order.MarkReady, workflows.Command{})
	b.update(50*time.Minute, "pick-up", order.PickUp, workflows.Command{})

	b.run()

	require.Equal(t, []string{"paid", "accepted", "ready", "open", "picked_up"}, *searched)
}

// The answer to whoever has ordered has the pick-up number, and does not wait for it where
// the database is away.
func TestWhoeverHasPaidIsAnsweredWithThePickUpNumber(t *testing.T) {
	t.Parallel()
	for _, away := range []bool{false, true} {
		b := setup(t)
		if away {
			b.world.fail["project"] = down(b.env.Now, b.start.Add(time.Hour))
		}
		b.at(0, func() { b.updateNow("place", workflows.UpdatePlace) })
		b.look(time.Second, func(order.Snapshot) {
			require.NoError(t, b.answers["place"].err)
			placed := b.answers["place"].snapshot
			require.Equal(t, order.Paid, placed.Status)
			require.Equal(t, away, placed.PickupNumber == nil)
		})
		b.happyEnding(2 * time.Hour)
		b.placement.Terms.AcceptWithin = 12 * time.Hour

		b.run()
	}
}

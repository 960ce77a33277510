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

func TestAnOrdersWritesGoTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	locals := b.locals()
	b.look(time.Second, func(s order.Snapshot) {
		require.Equal(t, s, b.world.model, "the board has brought the order into the read model")
		require.Equal(t, "A-1", *b.world.model.PickupNumber)
	})
	b.happyEnding(time.Minute)

	b.run()

	require.Equal(t, map[string]int{"RecordAcceptance": 1, "ProjectOrder": 2}, locals, "accepted; ready, picked up")
	require.Equal(t, []string{"credit 250"}, b.world.points)
}

// An order that follows the first version of the workflow writes as that did.
func TestAnOrderOfTheFirstVersionWritesEachByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement.WorkflowVersion = 0
	locals := b.locals()
	b.happyEnding(time.Minute)

	b.run()

	require.Equal(t, map[string]int{"CreditPoints": 1, "ProjectOrder": 5}, locals)
	require.Equal(t, []string{"credit 250"}, b.world.points)
}

// While the store is away nobody takes the order up: the read model is written
// without it, and learns the number when it is back.
func TestTheReadModelDoesNotWaitForAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["board"] = down(b.env.Now, b.start.Add(time.Hour))
	b.look(15*time.Second, func(order.Snapshot) {
		require.Equal(t, order.Paid, b.world.model.Status)
		require.Nil(t, b.world.model.PickupNumber)
	})
	b.update(time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(2*time.Hour, "ready", order.MarkReady, workflows.Command{})
	b.update(3*time.Hour, "pick-up", order.PickUp, workflows.Command{})

	s := b.run()

	require.Equal(t, "A-1", *s.PickupNumber)
}

// The order is accepted before the store's answer has come: what the board has
// written is not the last word.
func TestAPickUpNumberThatComesLateReachesTheReadModel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.env.OnActivity("ShowOnBoard", mock.Anything, mock.Anything).After(5*time.Second).Return("A-1", nil)
	b.update(time.Second, "accept", order.Accept, workflows.Command{})
	b.look(2*time.Second, func(order.Snapshot) {
		require.Equal(t, order.Accepted, b.world.model.Status)
		require.Nil(t, b.world.model.PickupNumber)
	})
	b.look(10*time.Second, func(order.Snapshot) { require.Equal(t, "A-1", *b.world.model.PickupNumber) })
	b.update(time.Minute, "ready", order.MarkReady, workflows.Command{})
	b.update(2*time.Minute, "pick-up", order.PickUp, workflows.Command{})

	b.run()
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

	require.Equal(t, 5, locals["ProjectOrder"], "to be confirmed, paid, with its number, ready, picked up")
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

func TestAnOrderThatIsPickedUpIsSearchableAsThatWithItsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	searched := b.statusesSearched()
	b.happyEnding(time.Minute)

	b.run()

	require.Equal(t, []string{"paid", "accepted", "ready", "picked_up"}, *searched)
}

// The last text cannot be delivered: the order has been picked up all the same, and
// operators find it so.
func TestAnOrderThatCannotEndIsSearchableByItsStatus(t *testing.T) {
	t.Parallel()
	for name, dead := range map[string]time.Duration{"all day": 0, "since it was ready": 150 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			searched := b.statusesSearched()
			b.at(dead, func() { b.world.fail["text"] = down(b.env.Now, b.start.Add(6*time.Hour)) })
			b.happyEnding(time.Minute)
			b.look(5*time.Minute, func(order.Snapshot) { require.Contains(t, *searched, "picked_up") })

			b.run()

			require.Equal(t, []string{"paid", "accepted", "ready", "picked_up"}, *searched)
		})
	}
}

// A build never goes on with an order whose version it does not know.
func TestAnOrderOfALaterVersionWaitsForTheBuildThatKnowsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.placement.WorkflowVersion = workflows.CurrentVersion + 1

	b.execute()

	require.ErrorContains(t, b.env.GetWorkflowError(), "follows version 3 of the workflow, this build knows 2")
	require.Empty(t, b.world.money)
}

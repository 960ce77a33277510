package workflows_test

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

const deployment = "cafeforme"

// shop is a server of its own, on which builds of the workers come and go.
type shop struct {
	*testing.T
	client client.Client
	router *router
}

func openShop(t *testing.T) *shop {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a Temporal server: not part of the quick tests")
	}
	server, err := temporaltest.Start(filepath.Join(t.TempDir(), "temporal.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	s := &shop{T: t, client: server.Client(t, client.Options{Logger: quiet}), router: &router{}}
	// Of no version: the orders of every build use it.
	s.run(worker.NewNotifications(s.client, s.router))
	return s
}

// run runs a worker until the test ends, or stop is called.
func (s *shop) run(w sdkworker.Worker) (stop func()) {
	s.Helper()
	require.NoError(s, w.Start())
	stop = sync.OnceFunc(w.Stop)
	s.Cleanup(stop)
	return stop
}

func (s *shop) dependencies() worker.Dependencies {
	return worker.Dependencies{Gateway: s.router, Ledger: s.router, ReadModel: s.router, Reservations: s.router}
}

// runUnversioned runs the product's worker as no build.
func (s *shop) runUnversioned() (stop func()) {
	return s.run(worker.NewOrders(s.client, s.dependencies(), worker.Deployment{}))
}

// runBuild runs the product's worker as the given build.
func (s *shop) runBuild(id string) (stop func()) {
	return s.run(worker.NewOrders(s.client, s.dependencies(), worker.Deployment{Name: deployment, BuildID: id}))
}

// runIncompatibleBuild runs a build whose workflow starts with a timer that
// older orders know nothing of.
func (s *shop) runIncompatibleBuild(id string) {
	w := sdkworker.New(s.client, workflows.TaskQueueOrders, sdkworker.Options{DeploymentOptions: sdkworker.DeploymentOptions{
		UseVersioning:             true,
		Version:                   sdkworker.WorkerDeploymentVersion{DeploymentName: deployment, BuildID: id},
		DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
	}})
	worker.RegisterOrders(other{w, timedOrder}, s.dependencies())
	s.run(w)
}

// other registers its workflow where OrderWorkflow is asked for.
type other struct {
	sdkworker.Registry
	workflow any
}

func (o other) RegisterWorkflowWithOptions(_ any, options workflow.RegisterOptions) {
	o.Registry.RegisterWorkflowWithOptions(o.workflow, options)
}

func timedOrder(ctx workflow.Context, p order.Placement) (order.Snapshot, error) {
	workflow.NewTimer(ctx, time.Hour)
	return workflows.OrderWorkflow(ctx, p)
}

// promote makes the build the one that new orders run on, once its worker is
// known.
func (s *shop) promote(id string) {
	s.Helper()
	handle := s.client.WorkerDeploymentClient().GetHandle(deployment)
	require.Eventually(s, func() bool {
		_, err := handle.SetCurrentVersion(s.Context(), client.WorkerDeploymentSetCurrentVersionOptions{BuildID: id})
		return err == nil
	}, patience, 100*time.Millisecond, "build %s cannot be made current", id)
}

func (s *shop) order() *liveOrder {
	p := placement()
	p.ID = "ord_" + rand.Text()
	return &liveOrder{
		T: s.T, Client: orderclient.NewClient(s.client, nil), temporal: s.client, world: s.router.world(p.ID), placement: p,
	}
}

// orderOn places orders until one runs on the build: the server's queues learn
// of a new current version one after the other. One that is placed too early can
// wait for a worker that nobody runs.
func (s *shop) orderOn(build string) *liveOrder {
	s.Helper()
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); <-time.After(100 * time.Millisecond) {
		o := s.order()
		placing, cancel := context.WithTimeout(s.Context(), patience/6)
		placed, err := o.Place(placing, o.placement)
		cancel()
		if err == nil && placed.Status == order.Paid && o.builds()[0] == build {
			return o
		}
	}
	require.FailNow(s, "no order runs on build "+build)
	return nil
}

// builds lists the builds that the order's workflow tasks were done by, without
// repetition.
func (l *liveOrder) builds() []string {
	l.Helper()
	var all []string
	for _, event := range l.history().GetEvents() {
		require.Nil(l, event.GetWorkflowTaskFailedEventAttributes(), "a workflow task failed")
		task := event.GetWorkflowTaskCompletedEventAttributes()
		if build := task.GetDeploymentVersion().GetBuildId(); task != nil && (len(all) == 0 || all[len(all)-1] != build) {
			all = append(all, build)
		}
	}
	return all
}

func (l *liveOrder) handOver() {
	l.Helper()
	l.act(order.MarkReady, workflows.Command{}, order.Ready)
	l.act(order.PickUp, workflows.Command{}, order.PickedUp)
	l.end(order.PickedUp)
}

// The first build with versions takes over the open orders of the workers that had
// none, and they stay on it.
func TestTheFirstVersionTakesOverTheOpenOrders(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runUnversioned()
	old := s.order()
	old.place(order.Paid)
	require.Empty(t, old.builds()[0])
	s.runBuild("1")
	s.promote("1")
	stop()
	s.orderOn("1")

	old.act(order.Accept, workflows.Command{}, order.Accepted)
	s.runIncompatibleBuild("2")
	s.promote("2")
	s.orderOn("2").act(order.Cancel, workflows.Command{}, order.Cancelled)
	old.handOver()

	require.Equal(t, []string{"", "1"}, old.builds())
}

// An order ends on the build it was started on, while new orders run on the next
// one, whose workflow could not go on with the old ones.
func TestAnOrderEndsOnTheBuildItWasStartedOn(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.runBuild("1")
	s.promote("1")
	old := s.orderOn("1")
	old.act(order.Accept, workflows.Command{}, order.Accepted)

	s.runIncompatibleBuild("2")
	s.promote("2")
	fresh := s.orderOn("2")
	fresh.act(order.Accept, workflows.Command{}, order.Accepted)
	old.handOver()
	fresh.handOver()

	require.Equal(t, []string{"1"}, old.builds())
	require.Equal(t, []string{"2"}, fresh.builds())
	for _, o := range []*liveOrder{old, fresh} {
		require.Equal(t, []string{"charge 5000"}, o.world.ledgers().money)
		require.Equal(t, []string{"A-1"}, o.world.ledgers().board)
	}
	incompatible := sdkworker.NewWorkflowReplayer()
	incompatible.RegisterWorkflowWithOptions(timedOrder, workflow.RegisterOptions{Name: workflows.WorkflowType})
	require.ErrorContains(t, incompatible.ReplayWorkflowHistory(quiet, old.history()), "TMPRL1100",
		"nondeterminism: build 2 could not have ended the order")
	require.NoError(t, replayer(t).ReplayWorkflowHistory(quiet, old.history()))
}

package workflows_test

import (
	"context"
	"crypto/rand"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestMain(m *testing.M) {
	code := m.Run()
	live.stop()
	temporaltest.Stop()
	os.Exit(code)
}

// patience is how long a test waits for something that has to happen.
const patience = time.Minute

// live is the real server's workers, and the worlds around its orders.
var live = struct {
	once    sync.Once
	router  *router
	workers []sdkworker.Worker
	client  client.Client
	stop    func()
}{router: &router{}, stop: func() {}}

// liveOrder is one order on the real server.
type liveOrder struct {
	*testing.T
	*orderclient.Client
	temporal  client.Client
	world     *world
	placement order.Placement
	// walked is the workflow whose history a path is about, if that is not the order's own.
	walked string
}

// setupLive returns an order that has not been placed yet.
func setupLive(t *testing.T) *liveOrder {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a Temporal server: not part of the quick tests")
	}
	server := temporaltest.Shared(t)
	live.once.Do(func() { startLive(t, server) })
	p := placement()
	p.ID = "ord_" + rand.Text()
	return &liveOrder{
		T: t, Client: orderclient.NewClient(live.client, nil), temporal: live.client,
		world: live.router.world(p.ID), placement: p,
	}
}

func startLive(t *testing.T, server *temporaltest.Server) {
	c, err := client.Dial(client.Options{
		HostPort: server.Address, Namespace: server.Namespace, Identity: "cafeforme-test", Logger: quiet,
		ConnectionOptions: client.ConnectionOptions{DialOptions: orderclient.DialOptions()},
	})
	require.NoError(t, err)
	r := live.router
	orders := worker.NewOrders(c, worker.Dependencies{Gateway: r, Ledger: r, ReadModel: r, Reservations: r}, worker.Deployment{})
	live.workers = []sdkworker.Worker{orders, worker.NewNotifications(c, r)}
	for _, w := range live.workers {
		require.NoError(t, w.Start())
	}
	live.client = c
	live.stop = func() {
		for _, w := range live.workers {
			w.Stop()
		}
		c.Close()
	}
}

// place places the order and requires the status it has then.
func (l *liveOrder) place(want order.Status) order.Snapshot {
	l.Helper()
	s, err := l.Place(l.Context(), l.placement)
	require.NoError(l, err)
	require.Equal(l, want, s.Status)
	return s
}

// act gives a command, requires the status that follows, and returns the order.
func (l *liveOrder) act(name order.EventName, in workflows.Command, want order.Status) {
	l.Helper()
	s, err := l.Act(l.Context(), l.placement.ID, name, in)
	require.NoError(l, err)
	require.Equal(l, want, s.Status)
}

// signal gives a command as a signal, with any input.
func (l *liveOrder) signal(name order.EventName, in any) {
	l.Helper()
	require.NoError(l, l.temporal.SignalWorkflow(l.Context(), l.placement.ID, "", string(name), in))
}

// eventually waits until the order satisfies the condition.
func (l *liveOrder) eventually(condition func(order.Snapshot) bool) {
	l.Helper()
	require.Eventually(l, func() bool {
		s, err := l.Read(l.Context(), l.placement.ID)
		return err == nil && condition(s)
	}, patience, 20*time.Millisecond)
}

// end waits until the workflow is over, in the status, and found by it.
func (l *liveOrder) end(want order.Status) {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), 10*patience)
	defer cancel()
	var s order.Snapshot
	require.NoError(l, l.temporal.GetWorkflow(ctx, l.placement.ID, "").Get(ctx, &s))
	require.Equal(l, want, s.Status)
	l.listed(orderclient.Filter{Statuses: []order.Status{want}})
}

package e2e_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
	"github.com/cafeforme/cafeforme/test/cafe"
)

func TestMain(m *testing.M) {
	// These tests wait more than they work: more of them than processors can run
	// at the same time.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	pgtest.Main(m)
}

// cluster is the system as separate processes, on PostgreSQL and a Temporal
// server of its own.
type cluster struct {
	*cafe.Cafe
	t                  *testing.T
	temporal           *temporaltest.Server
	environ            []string
	api, store, worker *process
	sandbox            string
}

func startCluster(t *testing.T) *cluster {
	t.Helper()
	server, err := temporaltest.Start(filepath.Join(t.TempDir(), "temporal.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	c := &cluster{t: t, temporal: server, sandbox: filepath.Join(t.TempDir(), "sandbox.db")}
	c.environ = []string{
		env("DATABASE_URL", pgtest.NewDatabase(t)), env("TEMPORAL_ADDRESS", server.Address),
		env("TEMPORAL_NAMESPACE", server.Namespace), env("CAFEFORME_STAFF_TOKEN", "staff-token-of-the-tests"),
		env("CAFEFORME_PAYMENTS", "sandbox"), env("CAFEFORME_SANDBOX", c.sandbox), env("CAFEFORME_RATE_LIMIT", "off"),
	}
	c.worker = c.start("worker")
	c.api = c.start("api", "--addr", "127.0.0.1:0")
	c.store = c.start("store", "--addr", "127.0.0.1:0")
	c.Cafe = &cafe.Cafe{Customer: c.api.address(), Store: c.store.address(), Token: "staff-token-of-the-tests"}
	awaitReady(t, c.Customer)
	awaitReady(t, c.Store)
	return c
}

func (c *cluster) start(args ...string) *process { return start(c.t, c.environ, args...) }

// restartStore brings the store back, at a new address.
func (c *cluster) restartStore() {
	c.store = c.start("store", "--addr", "127.0.0.1:0")
	c.Store = c.store.address()
	awaitReady(c.t, c.Store)
}

func (c *cluster) place(n int) []cafe.Order {
	c.t.Helper()
	orders := make([]cafe.Order, n)
	for i := range orders {
		var err error
		orders[i], err = c.PlaceOrder(within(c.t), cafe.NewOrder{
			Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}, Phone: "+821012345678",
		}, fmt.Sprintf("a-key-of-%s-%03d", c.t.Name(), i))
		require.NoError(c.t, err)
		require.Equal(c.t, "paid", orders[i].Status)
	}
	return orders
}

// The outage that the seed was built around: the store's service dies, and
// nobody's order is lost.
func TestWithTheStoreDownOrderingTrackingAndCancellingGoOn(t *testing.T) {
	needsServers(t)
	t.Parallel()
	c := startCluster(t)
	c.store.kill()

	orders := c.place(6)
	cancelled, waiting := orders[:3], orders[3:]
	for _, o := range cancelled {
		got, err := c.Cancel(within(t), o.ID)
		require.NoError(t, err)
		require.Equal(t, "cancelled", got.Status)
	}
	for _, o := range waiting {
		got, err := c.Order(within(t), o.ID)
		require.NoError(t, err)
		require.Equal(t, "paid", got.Status)
		require.NotNil(t, got.PickupNumber, "it is on the board when the store is back")
	}

	c.restartStore()
	for _, o := range waiting {
		_, err := c.Await(within(t), o.ID, func(o cafe.Order) bool { return o.PickupNumber != nil })
		require.NoError(t, err)
	}
	require.ElementsMatch(t, ids(waiting), ids(awaitBoard(t, c.Cafe, len(waiting), "paid")))
	accepted, err := c.Act(within(t), waiting[0].ID, "accept", map[string]any{"eta_minutes": 5})
	require.NoError(t, err)
	require.Equal(t, "accepted", accepted.Status)
	for _, o := range cancelled {
		_, err := c.Await(within(t), o.ID, func(o cafe.Order) bool { return o.Refund != nil && o.Refund.Status == "refunded" })
		require.NoError(t, err)
	}
}

// awaitBoard waits for n orders in the given statuses, and returns them: an order's answer
// does not wait for its row when the database is slow.
func awaitBoard(t *testing.T, c *cafe.Cafe, n int, statuses ...string) (board []cafe.Order) {
	t.Helper()
	require.EventuallyWithT(t, func(check *assert.CollectT) {
		var err error
		board, err = c.Board(t.Context(), statuses...)
		require.NoError(check, err)
		require.Len(check, board, n)
	}, patience, pollEvery)
	return board
}

func ids(orders []cafe.Order) []string {
	var all []string
	for _, o := range orders {
		all = append(all, o.ID)
	}
	return all
}

func TestASignalFromOutsideAcceptsAnOrder(t *testing.T) {
	needsServers(t)
	t.Parallel()
	c := startCluster(t)
	o := c.place(1)[0]
	temporal := c.temporal.Client(t, client.Options{})

	require.NoError(t, temporal.SignalWorkflow(within(t), o.ID, "", "accept", "this cannot be read"))
	require.NoError(t, temporal.SignalWorkflow(within(t), o.ID, "", "accept", nil))

	got, err := c.AwaitShown(within(t), o.ID, func(o cafe.Order) bool { return o.Status == "accepted" })
	require.NoError(t, err)
	require.True(t, noted(got, "signal_unreadable"))
	customers, err := c.Order(within(t), o.ID)
	require.NoError(t, err)
	require.False(t, noted(customers, "signal_unreadable"), "the customer sees nothing of it")
	require.NoError(t, temporal.SignalWorkflow(within(t), o.ID, "", "cancel", nil))
	_, err = c.AwaitShown(within(t), o.ID, func(o cafe.Order) bool { return noted(o, "signal_refused") })
	require.NoError(t, err)
}

// Accept and cancel at once, 200 times: one winner each, and money and texts
// that agree with it.
func TestTwoHundredRaces(t *testing.T) {
	needsServers(t)
	t.Parallel()
	c := startCluster(t)
	orders := c.place(200)

	outcomes := make([]outcome, len(orders))
	var wg sync.WaitGroup
	limit := make(chan struct{}, 16)
	for i, o := range orders {
		limit <- struct{}{}
		wg.Go(func() {
			defer func() { <-limit }()
			outcomes[i] = c.race(o.ID)
		})
	}
	wg.Wait()

	ended := map[string]end{}
	accepted := 0
	for i, o := range orders {
		outcomes[i].requireOneWinner(t)
		ended[o.ID] = endCancelled
		if outcomes[i].accept == nil {
			accepted++
			ended[o.ID] = endAccepted
		}
	}
	t.Logf("%d of %d were accepted", accepted, len(orders))
	c.requireSettled(ended)
}

// outcome is what both sides of a race were told; nil is success.
type outcome struct{ accept, cancel error }

func (c *cluster) race(id string) (o outcome) {
	var wg sync.WaitGroup
	wg.Go(func() {
		o.accept = c.insist(func() error { _, err := c.Act(c.t.Context(), id, "accept", nil); return err })
	})
	wg.Go(func() {
		o.cancel = c.insist(func() error { _, err := c.Cancel(c.t.Context(), id); return err })
	})
	wg.Wait()
	return o
}

// insist repeats a command that got no answer in time, as people do: a busy
// machine may take longer than the server waits.
func (c *cluster) insist(command func() error) (err error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); pause(c.t, pollEvery) {
		var problem *cafe.Problem
		if err = command(); !errors.As(err, &problem) || problem.Status != http.StatusServiceUnavailable {
			return err
		}
	}
	return err
}

func (o outcome) requireOneWinner(t *testing.T) {
	t.Helper()
	loser, winner := o.accept, "cancelled"
	if o.accept == nil {
		loser, winner = o.cancel, "accepted"
	} else {
		require.NoError(t, o.cancel)
	}
	var p *cafe.Problem
	require.ErrorAs(t, loser, &p)
	require.Equal(t, http.StatusConflict, p.Status)
	require.Equal(t, "too_late", p.Code)
	require.Equal(t, winner, p.OrderStatus)
}

// ledgers are the sandbox's, read from its file as an auditor would.
type ledgers struct{ money, texts map[string][]string }

func (c *cluster) ledgers() ledgers {
	c.t.Helper()
	gateway, err := sandbox.Open(c.sandbox)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, gateway.Close()) }()
	phone, err := outbox.Open(c.sandbox, "")
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, phone.Close()) }()

	l := ledgers{money: map[string][]string{}, texts: map[string][]string{}}
	movements, err := gateway.Payments(c.t.Context(), everything)
	require.NoError(c.t, err)
	for _, m := range movements {
		l.money[m.OrderID] = append(l.money[m.OrderID], fmt.Sprint(m.Kind, " ", m.Amount))
	}
	messages, err := phone.Messages(c.t.Context(), everything)
	require.NoError(c.t, err)
	for _, m := range messages {
		l.texts[m.OrderID] = append(l.texts[m.OrderID], m.Text)
	}
	return l
}

// everything is more than any test makes.
const everything = 1_000_000

// requireSettled waits until the ledgers hold, for every order, exactly the
// movements of money and the number of texts that its end calls for.
func (c *cluster) requireSettled(ended map[string]end) {
	c.t.Helper()
	var l ledgers
	settled := func() bool {
		l = c.ledgers()
		for id, e := range ended {
			if !slices.Equal(l.money[id], e.money) || len(l.texts[id]) != e.texts {
				return false
			}
		}
		return true
	}
	if !assert.Eventually(c.t, settled, patience, 500*time.Millisecond) {
		for id, e := range ended {
			assert.Equal(c.t, e.money, l.money[id])
			assert.Len(c.t, l.texts[id], e.texts, "%v", l.texts[id])
		}
		c.t.FailNow()
	}
}

// end is what an order leaves in the ledgers.
type end struct {
	money []string
	texts int
}

var (
	endAccepted  = end{money: []string{"charge 2000"}, texts: 2}
	endCancelled = end{money: []string{"charge 2000", "refund 2000"}, texts: 3}
)

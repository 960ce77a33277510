package operator

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestMain(m *testing.M) {
	code := m.Run()
	cafe.stop()
	temporaltest.Stop()
	os.Exit(code)
}

// patience is how long a test waits for something that has to happen.
const patience = time.Minute

// cafe is a real Temporal server with real workers on a SQLite database and a
// sandbox, which the tests of the operators' commands share.
var cafe = struct {
	once     sync.Once
	server   *temporaltest.Server
	client   client.Client
	environ  config.Environ
	database *storage.DB
	gateway  *sandbox.Gateway
	stop     func()
}{stop: func() {}}

// brokenCard is an order whose refund the gateway refuses for good, as long as
// it is in here.
var brokenCard sync.Map

// pickyGateway is the sandbox, but for cards that are broken.
type pickyGateway struct{ *sandbox.Gateway }

// slowCard is an order whose charge comes to nothing, as long as it is in here.
var slowCard sync.Map

func (g pickyGateway) Charge(ctx context.Context, c order.Charge) (order.ChargeResult, error) {
	if _, slow := slowCard.Load(c.OrderID); slow {
		return order.ChargeResult{}, &order.Error{Code: order.CodeUnavailable, Message: "the bank is closed"}
	}
	return g.Gateway.Charge(ctx, c)
}

func (g pickyGateway) Refund(ctx context.Context, r order.RefundRequest) (order.RefundResult, error) {
	if _, broken := brokenCard.Load(r.OrderID); broken {
		return order.RefundResult{}, &order.Error{Code: order.CodeRefused, Message: "the card is closed"}
	}
	return g.Gateway.Refund(ctx, r)
}

// mutePhone is an order whose texts cannot be sent, as long as it is in here.
var mutePhone sync.Map

type pickySender struct{ *outbox.Sender }

func (s pickySender) Send(ctx context.Context, text order.Text) error {
	if _, mute := mutePhone.Load(text.OrderID); mute {
		return &order.Error{Code: order.CodeUnavailable, Message: "no signal"}
	}
	return s.Sender.Send(ctx, text)
}

// guest is one order of the cafe, and an operator's terminal beside it.
type guest struct {
	*testing.T
	*orderclient.Client
	id string
}

// visit returns an order that has not been placed yet.
func visit(t *testing.T) *guest {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a Temporal server: not part of the quick tests")
	}
	server := temporaltest.Shared(t)
	cafe.once.Do(func() { openCafe(t, server) })
	require.NotNil(t, cafe.client, "the cafe did not open")
	return &guest{T: t, Client: orderclient.NewClient(cafe.client, nil), id: "ord_" + rand.Text()}
}

func openCafe(t *testing.T, server *temporaltest.Server) {
	dir, err := os.MkdirTemp("", "cafe")
	require.NoError(t, err)
	database, err := storage.Open("sqlite:" + filepath.Join(dir, "cafe.db"))
	require.NoError(t, err)
	require.NoError(t, database.Migrate(t.Context()))
	gateway, err := sandbox.Open(filepath.Join(dir, "sandbox.db"))
	require.NoError(t, err)
	sender, err := outbox.Open(filepath.Join(dir, "sandbox.db"), "")
	require.NoError(t, err)
	c, err := client.Dial(client.Options{
		HostPort: server.Address, Namespace: server.Namespace,
		Logger:            sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
		ConnectionOptions: client.ConnectionOptions{DialOptions: orderclient.DialOptions()},
	})
	require.NoError(t, err)
	workers := []sdkworker.Worker{
		worker.NewOrders(c, worker.Dependencies{Gateway: pickyGateway{gateway}, Ledger: database, ReadModel: database, Reservations: database}, worker.Deployment{}),
		worker.NewNotifications(c, pickySender{sender}),
	}
	for _, w := range workers {
		require.NoError(t, w.Start())
	}
	cafe.client, cafe.database, cafe.gateway, cafe.server = c, database, gateway, server
	cafe.environ = config.Environ{
		"USER=jun", "TEMPORAL_ADDRESS=" + server.Address, "TEMPORAL_NAMESPACE=" + server.Namespace,
		"DATABASE_URL=sqlite:" + filepath.Join(dir, "cafe.db"), "CAFEFORME_SANDBOX=" + filepath.Join(dir, "sandbox.db"),
	}
	cafe.stop = func() {
		for _, w := range workers {
			w.Stop()
		}
		c.Close()
		_ = os.RemoveAll(dir)
	}
}

// place places the order and requires that it is paid.
func (g *guest) place() {
	g.Helper()
	s, err := g.Place(g.Context(), order.Placement{
		ID:      g.id,
		Items:   []order.Line{{Product: "CafeLatte", Qty: 1, Price: order.Money{Amount: 5000, Currency: "KRW"}}},
		Summary: "1x Cafe Latte", Phone: "+821012345678", PaymentMethod: "pm_card_visa", Language: order.English,
		Terms: order.Terms{PayWithin: 2 * time.Minute, AcceptWithin: time.Hour, PickupWithin: time.Hour, UTCOffset: 9 * time.Hour}, // Seoul, as the commands have it
	})
	require.NoError(g, err)
	require.Equal(g, order.Paid, s.Status)
}

// placeStuck places an order and cancels it, with a refund that is stuck.
func (g *guest) placeStuck() {
	g.Helper()
	brokenCard.Store(g.id, true)
	g.place()
	g.act(order.Cancel)
	g.eventually(func(s order.Snapshot) bool { return len(s.StuckOn) == 1 })
}

func (g *guest) act(names ...order.EventName) {
	g.Helper()
	for _, name := range names {
		_, err := g.Act(g.Context(), g.id, name, workflows.Command{})
		require.NoError(g, err)
	}
}

// eventually waits until the order satisfies the condition.
func (g *guest) eventually(condition func(order.Snapshot) bool) {
	g.Helper()
	require.Eventually(g, func() bool {
		s, err := g.Read(g.Context(), g.id)
		return err == nil && condition(s)
	}, patience, 20*time.Millisecond)
}

// end waits until the workflow is over.
func (g *guest) end() {
	g.Helper()
	require.NoError(g, cafe.client.GetWorkflow(g.Context(), g.id, "").Get(g.Context(), nil))
}

// command runs what a command does, and returns what it prints.
func (g *guest) command(do command) (string, error) { return commandWith(g, cafe.environ, do) }

func commandWith(g *guest, environ config.Environ, do command) (string, error) {
	g.Helper()
	var stdout, stderr bytes.Buffer
	err := do(g.Context(), app.Environment{Environ: environ, Stdout: &stdout, Stderr: &stderr})
	require.Empty(g, stderr.String())
	return stdout.String(), err
}

// listed waits until the list has the order, and returns its output.
func (g *guest) listed(options ListOptions) string {
	g.Helper()
	var text string
	require.Eventually(g, func() bool {
		var err error
		text, err = g.command(listing(options))
		require.NoError(g, err)
		return bytes.Contains([]byte(text), []byte(g.id))
	}, patience, 50*time.Millisecond)
	return text
}

package e2e_test

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/books"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// quiet keeps a client's complaints about the outages out of the tests' output.
var quiet = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))

var oneOfEach = fleet.Plan{Workers: 1, Stores: 1, APIs: 1}

func TestOutageOfTheStore(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, oneOfEach)
	c.gather()

	require.NoError(t, c.Stores[0].Kill())
	failed := time.Now()
	c.goOn()
	c.stayAway(failed)
	require.NoError(t, c.Stores[0].Start(within(t)))
	back := time.Now()

	c.settle("store process killed", failed, back)
	c.requireServed("place", "cancel")
}

func TestOutageOfTheOnlyWorkerAgainAndAgain(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, oneOfEach)
	c.gather()

	c.goOn()
	for range 3 {
		require.NoError(t, c.Workers[0].Kill())
		require.NoError(t, c.Workers[0].Start(within(t)))
		pause(t, 2*time.Second) // long enough to begin something, too short to end it all
	}
	require.NoError(t, c.Workers[0].Kill())
	failed := time.Now()
	c.requireTheSameOrderWithoutAWorker()
	c.stayAway(failed)
	require.NoError(t, c.Workers[0].Start(within(t)))
	back := time.Now()

	c.settle("only worker killed four times", failed, back)
}

// requireTheSameOrderWithoutAWorker places an order that nobody can work on: it
// is accepted all the same, and stays one order when it is placed again.
func (c *crowd) requireTheSameOrderWithoutAWorker() {
	c.t.Helper()
	l := c.add(0)
	first, err := c.Cafe().PlaceOrder(within(c.t), l.Order, l.Key+"-without-a-worker")
	require.NoError(c.t, err)
	require.Equal(c.t, "payment_pending", first.Status)
	again, err := c.Cafe().PlaceOrder(within(c.t), l.Order, l.Key+"-without-a-worker")
	require.NoError(c.t, err)
	require.Equal(c.t, first.ID, again.ID)
	l.Key += "-without-a-worker"
	c.group.Go(func() { c.note(c.finish(c.t.Context(), l)) })
}

func TestOutageOfOneOfTwoWorkers(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, fleet.Plan{Workers: 2, Stores: 1, APIs: 1})
	c.gather()

	c.goOn()
	require.NoError(t, c.Workers[0].Kill())
	failed := time.Now()
	c.stayAway(failed)
	require.NoError(t, c.Workers[0].Start(within(t)))
	back := time.Now()

	c.settle("one of two workers killed", failed, back)
}

func TestOutageOfTemporal(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, oneOfEach)
	c.gather()

	require.NoError(t, c.Temporal.Kill())
	failed := time.Now()
	c.requireUnavailable("")
	c.requireUnavailable("a-key-that-finds-nothing")
	c.goOn()
	c.stayAway(failed)
	require.NoError(t, c.Temporal.Restart())
	back := time.Now()

	c.settle("Temporal server killed", failed, back)
}

// requireUnavailable requires that placing an order is answered with 503 and
// Retry-After.
func (c *crowd) requireUnavailable(key string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), hangs)
	defer cancel()
	body := strings.NewReader(`{"items":[{"product":"IceAmericano","qty":1}]}`)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Cafe().Customer+"/orders", body)
	require.NoError(c.t, err)
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	require.NoError(c.t, response.Body.Close())
	require.Equal(c.t, http.StatusServiceUnavailable, response.StatusCode)
	require.NotEmpty(c.t, response.Header.Get("Retry-After"))
}

// A server that hangs may have started what it was sent: the customer gets the
// order's id, to find it or to place it again.
func TestOutageOfATemporalThatHangs(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, oneOfEach)
	c.gather()

	require.NoError(t, c.Temporal.Signal(syscall.SIGSTOP))
	failed := time.Now()
	l := c.add(0)
	l.Key = "a-key-of-the-order-in-the-dark"
	placed := make(chan cafe.Order, 1)
	c.group.Go(func() {
		o, err := c.Cafe().PlaceOrder(within(t), l.Order, l.Key)
		c.note(err)
		placed <- o
	})
	c.stayAway(failed)
	require.NoError(t, c.Temporal.Signal(syscall.SIGCONT))
	back := time.Now()
	c.wait()
	inTheDark := <-placed
	require.Equal(t, "payment_pending", inTheDark.Status)

	c.goOn()
	c.settle("Temporal server frozen", failed, back)
	require.Equal(t, inTheDark.ID, l.ID)
}

func TestOutageOfTheDatabase(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, oneOfEach)
	c.gather()

	require.NoError(t, c.Postgres.Stop())
	failed := time.Now()
	tracked := c.lives[len(kinds)].ID // placed, and no further
	c.goOn()
	o, err := c.Cafe().Order(within(t), tracked)
	require.NoError(t, err, "tracking answers from the workflow")
	require.Equal(t, tracked, o.ID)
	c.stayAway(failed)
	require.NoError(t, c.Postgres.Start())
	back := time.Now()

	c.settle("PostgreSQL stopped", failed, back)
	c.requireServed("place", "cancel", "accept", "reject", "ready", "pick-up")
}

func TestOutageOfALockedSQLiteFile(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir())
	c := crowdOf(t, d)
	c.gather()

	file, err := sqlite.Open(filepath.Join(d.dataDir, "cafeforme.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	lock, err := file.BeginTxx(t.Context(), nil) // no writer gets past it
	require.NoError(t, err)
	failed := time.Now()
	c.goOn()
	c.stayAway(failed)
	require.NoError(t, lock.Rollback())
	back := time.Now()

	c.settle("SQLite file locked", failed, back)
	c.requireServed("place", "cancel", "accept", "reject", "ready", "pick-up")
}

// crowdOf returns people without orders at a running dev.
func crowdOf(t *testing.T, d *dev) *crowd {
	t.Helper()
	temporal, err := client.Dial(client.Options{HostPort: d.temporal, Logger: quiet})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	b, err := books.Open(temporal, nil, "sqlite:"+filepath.Join(d.dataDir, "cafeforme.db"), filepath.Join(d.dataDir, "sandbox.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	c := &crowd{
		People: &cafe.People{TurnTo: func() *cafe.Cafe { return d.Cafe }}, t: t,
		failed: make(chan error, 10*crowdSize), books: b,
	}
	c.member, err = d.SignUp(within(t), "Mina", "+821012345678")
	require.NoError(t, err)
	return c
}

// payWithin is shorter than the outages of the gateway.
const payWithin = 8 * time.Second

// answersLost is a gateway that charges when it is first called, and whose
// answers to every later call are lost.
var answersLost = fleet.Fault{Name: "answers_are_lost", Event: "BEFORE UPDATE ON sandbox_charges"}

func TestOutageOfThePaymentGateway(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, fleet.Plan{Workers: 1, Stores: 1, APIs: 1, Environ: []string{env("CAFEFORME_PAY_WITHIN", payWithin.String())}})
	c.gather()

	failed := time.Now()
	require.NoError(t, c.Sandbox.Break(t.Context(), answersLost))
	before, err := c.chargesLost()
	require.NoError(t, err)
	for i := range crowdSize / len(kinds) {
		lost := c.add(crowdSize + i*len(kinds) + 4)
		require.Equal(t, "pm_sandbox_timeout", lost.Order.PaymentMethod)
		c.group.Go(func() { c.note(c.finish(t.Context(), lost)) })
	}
	require.Eventually(t, func() bool {
		charged, err := c.chargesLost()
		return err == nil && charged >= before+crowdSize/len(kinds)
	}, patience, pollEvery)
	unlock, err := c.Sandbox.Lock(t.Context())
	require.NoError(t, err)
	for _, l := range c.lives[:crowdSize] {
		c.group.Go(func() { c.note(c.finish(t.Context(), l)) })
	}
	c.stayAway(failed)
	require.NoError(t, unlock())
	require.NoError(t, c.Sandbox.Mend(t.Context(), answersLost))
	back := time.Now()

	account := c.settle("payment gateway down past the payment deadline", failed, back)
	for _, l := range c.lives[crowdSize:] {
		f := account.Facts[l.ID]
		require.Equal(t, order.PaymentFailed, f.Workflow.Status)
		require.NotNil(t, f.Workflow.Refund, "%+v, %d charges whose answers were lost before", *f.Workflow, before)
		require.Equal(t, order.Refunded, f.Workflow.Refund.Status, "money that was taken is found and given back")
	}
}

// chargesLost counts the orders that are charged and that nobody was told of.
func (c *crowd) chargesLost() (charged int, err error) {
	err = c.Sandbox.DB.GetContext(c.t.Context(), &charged,
		"SELECT COUNT(*) FROM sandbox_charges WHERE payment_method = 'pm_sandbox_timeout' AND outcome = 'captured' AND calls = 1")
	return charged, err
}

func TestOutageOfASlowGatewayThatAnswers503(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, oneOfEach)
	c.gather()

	failed := time.Now()
	c.goOn()
	require.NoError(t, c.Sandbox.Break(t.Context(), fleet.GatewayFault))
	c.stayAway(failed)
	require.NoError(t, c.Sandbox.Mend(t.Context(), fleet.GatewayFault))
	for range 3 {
		unlock, err := c.Sandbox.Lock(t.Context())
		require.NoError(t, err)
		pause(t, 2*time.Second)
		require.NoError(t, unlock())
	}
	back := time.Now()

	c.settle("payment gateway answers 503, then slowly", failed, back)
}

func TestOutageOfTheSMSProvider(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, oneOfEach)
	c.gather()

	require.NoError(t, c.Sandbox.Break(t.Context(), fleet.PhoneFault))
	failed := time.Now()
	c.goOn()
	c.wait() // everything but the texts comes to its end without the provider
	c.stayAway(failed)
	require.NoError(t, c.Sandbox.Mend(t.Context(), fleet.PhoneFault))
	back := time.Now()

	c.settle("SMS provider down", failed, back)
	c.requireServed("place", "cancel", "accept", "reject", "ready", "pick-up")
}

func TestOutageOfTheAPIBetweenRequestAndAnswer(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, oneOfEach)
	unlock, err := c.Sandbox.Lock(t.Context()) // no payment comes to an end
	require.NoError(t, err)
	for i := range crowdSize {
		l := c.add(i)
		if i < len(kinds) {
			l.Key, l.Order.PaymentMethod = "", "pm_card_visa"
		}
		c.group.Go(func() { c.note(c.finish(t.Context(), l)) })
	}
	c.awaitStarted(crowdSize)

	require.NoError(t, c.APIs[0].Kill())
	failed := time.Now()
	require.NoError(t, unlock())
	c.stayAway(failed)
	require.NoError(t, c.APIs[0].Start(within(t)))
	back := time.Now()
	c.findAndFinishTheUnknown()
	account := c.settle("API process killed between request and answer", failed, back)
	require.Len(t, account.Facts, crowdSize, "no key has led to two orders")
}

// awaitStarted waits until Temporal has n orders.
func (c *crowd) awaitStarted(n int) {
	c.t.Helper()
	temporal := c.Temporal.Client(c.t, client.Options{Logger: quiet})
	require.Eventually(c.t, func() bool {
		counted, err := temporal.CountWorkflow(c.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{})
		return err == nil && counted.GetCount() >= int64(n)
	}, patience, pollEvery)
}

// findAndFinishTheUnknown has the store find the orders whose customers never
// got an answer, and make them.
func (c *crowd) findAndFinishTheUnknown() {
	c.t.Helper()
	c.wait()
	unknown := len(c.lives)
	c.lives = slices.DeleteFunc(c.lives, func(l *cafe.Life) bool { return l.ID == "" })
	unknown -= len(c.lives)
	require.Positive(c.t, unknown)
	require.Eventually(c.t, func() bool {
		board, err := c.Cafe().Board(within(c.t), "paid")
		require.NoError(c.t, err)
		board = slices.DeleteFunc(board, func(o cafe.Order) bool {
			return slices.ContainsFunc(c.lives, func(l *cafe.Life) bool { return l.ID == o.ID })
		})
		for _, o := range board {
			l := &cafe.Life{ID: o.ID, Told: o.Status, Steps: []string{"accept", "ready", "pick-up"}}
			c.lives = append(c.lives, l)
			require.NoError(c.t, c.finish(within(c.t), l))
			unknown--
		}
		return unknown == 0
	}, patience, pollEvery)
}

// pause lets time pass in which something may go wrong.
func pause(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-t.Context().Done():
	case <-time.After(d):
	}
}

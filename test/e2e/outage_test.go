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
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/consistency"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// quiet keeps a client's complaints about the outages out of the tests' output.
var quiet = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))

var oneOfEach = fleet.Plan{Workers: 1, Stores: 1, APIs: 1}

func TestOutageOfTheStore(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	w.gather()

	require.NoError(t, w.Stores[0].Kill())
	failed := time.Now()
	w.goOn()
	w.stayAway(failed)
	require.NoError(t, w.Stores[0].Start(within(t)))
	back := time.Now()

	w.settle("store process killed", failed, back)
	w.requireServed("place", "cancel")
}

func TestOutageOfTheOnlyWorkerAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	w.gather()

	w.goOn()
	for range 3 {
		require.NoError(t, w.Workers[0].Kill())
		require.NoError(t, w.Workers[0].Start(within(t)))
		pause(t, 2*time.Second) // long enough to begin something, too short to end it all
	}
	require.NoError(t, w.Workers[0].Kill())
	failed := time.Now()
	w.requireTheSameOrderWithoutAWorker()
	w.stayAway(failed)
	require.NoError(t, w.Workers[0].Start(within(t)))
	back := time.Now()

	w.settle("only worker killed four times", failed, back)
}

// requireTheSameOrderWithoutAWorker places an order that nobody can work on: it
// is accepted all the same, and stays one order when it is placed again.
func (w *workload) requireTheSameOrderWithoutAWorker() {
	w.t.Helper()
	l := w.add(0)
	first, err := w.Cafe().PlaceOrder(within(w.t), l.Order, l.Key+"-without-a-worker")
	require.NoError(w.t, err)
	require.Equal(w.t, "payment_pending", first.Status)
	again, err := w.Cafe().PlaceOrder(within(w.t), l.Order, l.Key+"-without-a-worker")
	require.NoError(w.t, err)
	require.Equal(w.t, first.ID, again.ID)
	l.Key += "-without-a-worker"
	w.group.Go(func() { w.note(w.finish(w.t.Context(), l)) })
}

func TestOutageOfOneOfTwoWorkers(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, fleet.Plan{Workers: 2, Stores: 1, APIs: 1})
	w.gather()

	w.goOn()
	require.NoError(t, w.Workers[0].Kill())
	failed := time.Now()
	w.stayAway(failed)
	require.NoError(t, w.Workers[0].Start(within(t)))
	back := time.Now()

	w.settle("one of two workers killed", failed, back)
}

func TestOutageOfTemporal(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	w.gather()

	require.NoError(t, w.Temporal.Kill())
	failed := time.Now()
	w.requireUnavailable("")
	w.requireUnavailable("a-key-that-finds-nothing")
	w.goOn()
	w.stayAway(failed)
	require.NoError(t, w.Temporal.Restart())
	back := time.Now()

	w.settle("Temporal server killed", failed, back)
}

// requireUnavailable requires that placing an order is answered with 503 and
// Retry-After.
func (w *workload) requireUnavailable(key string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), hangs)
	defer cancel()
	body := strings.NewReader(`{"items":[{"product":"IceAmericano","qty":1}]}`)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.Cafe().Customer+"/orders", body)
	require.NoError(w.t, err)
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(w.t, err)
	require.NoError(w.t, response.Body.Close())
	require.Equal(w.t, http.StatusServiceUnavailable, response.StatusCode)
	require.NotEmpty(w.t, response.Header.Get("Retry-After"))
}

// A server that hangs may have started what it was sent: the customer gets the
// order's id, to find it or to place it again.
func TestOutageOfATemporalThatHangs(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	w.gather()

	require.NoError(t, w.Temporal.Signal(syscall.SIGSTOP))
	failed := time.Now()
	l := w.add(0)
	l.Key = "a-key-of-the-order-in-the-dark"
	placed := make(chan cafe.Order, 1)
	w.group.Go(func() {
		o, err := w.Cafe().PlaceOrder(within(t), l.Order, l.Key)
		w.note(err)
		placed <- o
	})
	w.stayAway(failed)
	require.NoError(t, w.Temporal.Signal(syscall.SIGCONT))
	back := time.Now()
	w.wait()
	inTheDark := <-placed
	require.Equal(t, "payment_pending", inTheDark.Status)

	w.goOn()
	w.settle("Temporal server frozen", failed, back)
	require.Equal(t, inTheDark.ID, l.ID)
}

func TestOutageOfTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	w.gather()

	require.NoError(t, w.Postgres.Stop())
	failed := time.Now()
	tracked := w.lives[len(kinds)].ID // placed, and no further
	w.goOn()
	o, err := w.Cafe().Order(within(t), tracked)
	require.NoError(t, err, "tracking answers from the workflow")
	require.Equal(t, tracked, o.ID)
	w.stayAway(failed)
	require.NoError(t, w.Postgres.Start())
	back := time.Now()

	w.settle("PostgreSQL stopped", failed, back)
	w.requireServed("place", "cancel", "accept", "reject", "ready", "pick-up")
}

func TestOutageOfALockedSQLiteFile(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir())
	w := workloadAt(t, d)
	w.gather()

	file, err := sqlite.Open(filepath.Join(d.dataDir, "cafeforme.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	lock, err := file.BeginTxx(t.Context(), nil) // no writer gets past it
	require.NoError(t, err)
	failed := time.Now()
	w.goOn()
	w.stayAway(failed)
	require.NoError(t, lock.Rollback())
	back := time.Now()

	w.settle("SQLite file locked", failed, back)
	w.requireServed("place", "cancel", "accept", "reject", "ready", "pick-up")
}

// workloadAt returns people without orders at a running dev.
func workloadAt(t *testing.T, d *dev) *workload {
	t.Helper()
	temporal, err := client.Dial(client.Options{HostPort: d.temporal, Logger: quiet})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	checker, err := consistency.Open(temporal, nil, "sqlite:"+filepath.Join(d.dataDir, "cafeforme.db"), filepath.Join(d.dataDir, "sandbox.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, checker.Close()) })
	w := &workload{
		People: &cafe.People{TurnTo: func() *cafe.Cafe { return d.Cafe }}, t: t,
		failed: make(chan error, 10*workloadSize), checker: checker,
	}
	w.member, err = d.SignUp(within(t), "Mina", "+821012345678")
	require.NoError(t, err)
	return w
}

// payWithin is shorter than the outages of the gateway.
const payWithin = 8 * time.Second

// answersLost is a gateway that charges when it is first called, and whose
// answers to every later call are lost.
var answersLost = fleet.Fault{Name: "answers_are_lost", Event: "BEFORE UPDATE ON sandbox_charges"}

func TestOutageOfThePaymentGateway(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, fleet.Plan{Workers: 1, Stores: 1, APIs: 1, Environ: []string{env("CAFEFORME_PAY_WITHIN", payWithin.String())}})
	w.gather()

	failed := time.Now()
	require.NoError(t, w.Sandbox.Break(t.Context(), answersLost))
	before, err := w.chargesLost()
	require.NoError(t, err)
	for i := range workloadSize / len(kinds) {
		lost := w.add(workloadSize + i*len(kinds) + 4)
		require.Equal(t, "pm_sandbox_timeout", lost.Order.PaymentMethod)
		w.group.Go(func() { w.note(w.finish(t.Context(), lost)) })
	}
	require.Eventually(t, func() bool {
		charged, err := w.chargesLost()
		return err == nil && charged >= before+workloadSize/len(kinds)
	}, patience, pollEvery)
	unlock, err := w.Sandbox.Lock(t.Context())
	require.NoError(t, err)
	for _, l := range w.lives[:workloadSize] {
		w.group.Go(func() { w.note(w.finish(t.Context(), l)) })
	}
	w.stayAway(failed)
	require.NoError(t, unlock())
	require.NoError(t, w.Sandbox.Mend(t.Context(), answersLost))
	back := time.Now()

	result := w.settle("payment gateway down past the payment deadline", failed, back)
	for _, l := range w.lives[workloadSize:] {
		f := result.Facts[l.ID]
		require.Equal(t, order.PaymentFailed, f.Workflow.Status)
		require.NotNil(t, f.Workflow.Refund, "%+v, %d charges whose answers were lost before", *f.Workflow, before)
		require.Equal(t, order.Refunded, f.Workflow.Refund.Status, "money that was taken is found and given back")
	}
}

// chargesLost counts the orders that are charged and that nobody was told of.
func (w *workload) chargesLost() (charged int, err error) {
	err = w.Sandbox.DB.GetContext(w.t.Context(), &charged,
		"SELECT COUNT(*) FROM sandbox_charges WHERE payment_method = 'pm_sandbox_timeout' AND outcome = 'captured' AND calls = 1")
	return charged, err
}

func TestOutageOfASlowGatewayThatAnswers503(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	w.gather()

	failed := time.Now()
	w.goOn()
	require.NoError(t, w.Sandbox.Break(t.Context(), fleet.GatewayFault))
	w.stayAway(failed)
	require.NoError(t, w.Sandbox.Mend(t.Context(), fleet.GatewayFault))
	for range 3 {
		unlock, err := w.Sandbox.Lock(t.Context())
		require.NoError(t, err)
		pause(t, 2*time.Second)
		require.NoError(t, unlock())
	}
	back := time.Now()

	w.settle("payment gateway answers 503, then slowly", failed, back)
}

func TestOutageOfTheSMSProvider(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	w.gather()

	require.NoError(t, w.Sandbox.Break(t.Context(), fleet.PhoneFault))
	failed := time.Now()
	w.goOn()
	w.wait() // everything but the texts comes to its end without the provider
	w.stayAway(failed)
	require.NoError(t, w.Sandbox.Mend(t.Context(), fleet.PhoneFault))
	back := time.Now()

	w.settle("SMS provider down", failed, back)
	w.requireServed("place", "cancel", "accept", "reject", "ready", "pick-up")
}

func TestOutageOfTheAPIBetweenRequestAndAnswer(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	unlock, err := w.Sandbox.Lock(t.Context()) // no payment comes to an end
	require.NoError(t, err)
	for i := range workloadSize {
		l := w.add(i)
		if i < len(kinds) {
			l.Key, l.Order.PaymentMethod = "", "pm_card_visa"
		}
		w.group.Go(func() { w.note(w.finish(t.Context(), l)) })
	}
	w.awaitStarted(workloadSize)

	require.NoError(t, w.APIs[0].Kill())
	failed := time.Now()
	require.NoError(t, unlock())
	w.stayAway(failed)
	require.NoError(t, w.APIs[0].Start(within(t)))
	back := time.Now()
	w.findAndFinishTheUnknown()
	result := w.settle("API process killed between request and answer", failed, back)
	require.Len(t, result.Facts, workloadSize, "no key has led to two orders")
}

// awaitStarted waits until Temporal has n orders.
func (w *workload) awaitStarted(n int) {
	w.t.Helper()
	temporal := w.Temporal.Client(w.t, client.Options{Logger: quiet})
	require.Eventually(w.t, func() bool {
		counted, err := temporal.CountWorkflow(w.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{})
		return err == nil && counted.GetCount() >= int64(n)
	}, patience, pollEvery)
}

// findAndFinishTheUnknown has the store find the orders whose customers never
// got an answer, and make them.
func (w *workload) findAndFinishTheUnknown() {
	w.t.Helper()
	w.wait()
	unknown := len(w.lives)
	w.lives = slices.DeleteFunc(w.lives, func(l *cafe.Life) bool { return l.ID == "" })
	unknown -= len(w.lives)
	require.Positive(w.t, unknown)
	require.Eventually(w.t, func() bool {
		board, err := w.Cafe().Board(within(w.t), "paid")
		require.NoError(w.t, err)
		board = slices.DeleteFunc(board, func(o cafe.Order) bool {
			return slices.ContainsFunc(w.lives, func(l *cafe.Life) bool { return l.ID == o.ID })
		})
		for _, o := range board {
			l := &cafe.Life{ID: o.ID, Told: o.Status, Steps: []string{"accept", "ready", "pick-up"}}
			w.lives = append(w.lives, l)
			require.NoError(w.t, w.finish(within(w.t), l))
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

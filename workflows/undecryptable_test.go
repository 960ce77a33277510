package workflows_test

import (
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// encrypted is a real server whose worker has two keys, and lacks a third.
type encrypted struct {
	router *router
	// client encrypts with the worker's first key; raw sends what it is given, and
	// reads with the worker's keys.
	client, raw client.Client
	// worker has two keys, all three; the others have one.
	worker, all, first, second, third *encryption.Ring
}

func startEncrypted(t *testing.T) *encrypted {
	t.Helper()
	var keys [3]string
	for i, name := range []string{"first", "second", "third"} {
		key, err := encryption.NewKey(name)
		require.NoError(t, err)
		keys[i] = key
	}
	ring := func(text string) *encryption.Ring {
		r, err := encryption.Parse(text)
		require.NoError(t, err)
		return r
	}
	e := &encrypted{
		router: &router{}, first: ring(keys[0]), second: ring(keys[1]), third: ring(keys[2]),
		worker: ring(keys[0] + "," + keys[1]), all: ring(keys[0] + "," + keys[1] + "," + keys[2]),
	}
	server, err := temporaltest.Start(filepath.Join(t.TempDir(), "temporal.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	e.client = e.dial(t, server, e.worker.Converters())
	e.raw = e.dial(t, server, ring(encryption.Plain+","+keys[0]+","+keys[1]).Converters())
	c := e.dial(t, server, e.worker.WorkerConverters())
	r := e.router
	orders := worker.NewOrders(c, worker.Dependencies{Gateway: r, Ledger: r, ReadModel: r, Reservations: r}, worker.Deployment{})
	require.NoError(t, orders.Start())
	t.Cleanup(orders.Stop)
	return e
}

func (e *encrypted) dial(t *testing.T, server *temporaltest.Server, c encryption.Converters) client.Client {
	t.Helper()
	return server.Client(t, client.Options{DataConverter: c.Data, FailureConverter: c.Failure, Logger: quiet})
}

// order returns a paid order.
func (e *encrypted) order(t *testing.T) *liveOrder {
	t.Helper()
	p := placement()
	p.ID = "ord_" + rand.Text()
	l := &liveOrder{
		T: t, Client: orderclient.NewClient(e.client, e.worker.Converters().Data), temporal: e.raw,
		world: e.router.world(p.ID), placement: p,
	}
	l.place(order.Paid)
	return l
}

// past returns what Temporal has kept of the order.
func (l *liveOrder) past() *history.History {
	l.Helper()
	past := &history.History{}
	events := l.temporal.GetWorkflowHistory(l.Context(), l.placement.ID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(l, err)
		past.Events = append(past.Events, event)
	}
	return past
}

// replays replays the order on a worker with these keys.
func (l *liveOrder) replays(ring *encryption.Ring) error {
	l.Helper()
	c := ring.WorkerConverters()
	r, err := sdkworker.NewWorkflowReplayerWithOptions(sdkworker.WorkflowReplayerOptions{
		DataConverter: c.Data, FailureConverter: c.Failure, Interceptors: []interceptor.WorkerInterceptor{workflows.Interceptor()},
	})
	require.NoError(l, err)
	r.RegisterWorkflowWithOptions(workflows.OrderWorkflow, workflow.RegisterOptions{Name: workflows.WorkflowType})
	return r.ReplayWorkflowHistory(quiet, l.past())
}

// requireNoFailedTask checks that no workflow task has failed.
func (l *liveOrder) requireNoFailedTask() {
	l.Helper()
	for _, event := range l.past().GetEvents() {
		require.NotEqual(l, enums.EVENT_TYPE_WORKFLOW_TASK_FAILED, event.GetEventType(), "%v", event)
	}
}

// sealed returns the value, encrypted with the ring's key.
func sealed(t *testing.T, ring *encryption.Ring, value any) converter.RawValue {
	t.Helper()
	p, err := ring.Converters().Data.ToPayload(value)
	require.NoError(t, err)
	return converter.NewRawValue(p)
}

// claiming returns an input that says it is encrypted with the key of that id.
func claiming(id string, data []byte) converter.RawValue {
	return converter.NewRawValue(&commonpb.Payload{
		Metadata: map[string][]byte{
			converter.MetadataEncoding: []byte(encryption.Encoding), encryption.MetadataKeyID: []byte(id),
		},
		Data: data,
	})
}

// undecryptable are inputs that the worker cannot decrypt.
func (e *encrypted) undecryptable(t *testing.T) map[string]converter.RawValue {
	return map[string]converter.RawValue{
		"under a key that nobody has":       claiming("lost.00000000", []byte("x")),
		"of no data under such a key":       claiming("lost.00000000", nil),
		"under a key that the worker lacks": sealed(t, e.third, workflows.Command{}),
		"that is garbage":                   claiming(e.first.IDs()[0], []byte("garbage")),
		"of no data":                        claiming(e.first.IDs()[0], nil),
		"under another system's key":        claiming("arn:aws:kms:1", []byte("x")),
		"under no key":                      claiming("", nil),
	}
}

func TestWhatCannotBeDecryptedStopsNoOrder(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Temporal server: not part of the quick tests")
	}
	e := startEncrypted(t)
	for name, input := range e.undecryptable(t) {
		for _, signal := range []string{string(order.Accept), workflows.SignalPaymentEvent} {
			t.Run("a signal "+signal+" "+name, func(t *testing.T) {
				t.Parallel()
				l := e.order(t)
				l.signal(order.EventName(signal), input)
				l.eventually(func(s order.Snapshot) bool { return len(notes(s)) > 0 })
				l.act(order.Accept, workflows.Command{}, order.Accepted)
				s, err := l.Read(t.Context(), l.placement.ID)
				require.NoError(t, err)
				require.Equal(t, []string{order.NoteUnreadable}, notes(s))
				l.requireNoFailedTask()

				require.NoError(t, l.replays(e.first), "with the key missing still")
				require.NoError(t, l.replays(e.all), "with the key found")
			})
		}
		for _, update := range []string{string(order.Accept), workflows.UpdateRetry} {
			t.Run("an update "+update+" "+name, func(t *testing.T) {
				t.Parallel()
				l := e.order(t)
				require.Equal(t, order.CodeInvalid, order.ErrorCode(failure.Decode(e.update(t, l, update, input))))
				l.act(order.Accept, workflows.Command{}, order.Accepted)
				l.requireNoFailedTask()
			})
		}
		t.Run("an update without input "+name, func(t *testing.T) {
			t.Parallel()
			l := e.order(t)
			require.NoError(t, e.update(t, l, workflows.UpdatePlace, input))
			l.requireNoFailedTask()
		})
	}
}

// update sends an update with the input as it is, and returns its outcome.
func (e *encrypted) update(t *testing.T, l *liveOrder, name string, input converter.RawValue) error {
	t.Helper()
	handle, err := e.raw.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: l.placement.ID, UpdateName: name, Args: []any{input}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(t, err)
	return handle.Get(t.Context(), nil)
}

func TestAWorkerWaitsForTheKeyOfWhatWasCarriedOut(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Temporal server: not part of the quick tests")
	}
	e := startEncrypted(t)
	input := sealed(t, e.second, workflows.Command{Actor: "kiosk"})
	for how, accept := range map[string]func(l *liveOrder){
		"a signal":  func(l *liveOrder) { l.signal(order.Accept, input) },
		"an update": func(l *liveOrder) { require.NoError(l, e.update(l.T, l, string(order.Accept), input)) },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			l := e.order(t)
			accept(l)
			l.eventually(func(s order.Snapshot) bool { return s.Status == order.Accepted })

			require.NoError(t, l.replays(e.worker))
			require.ErrorContains(t, l.replays(e.first), "encrypted with the key "+e.second.IDs()[0])
		})
	}
}

func TestNoSignalThatCannotBeDecryptedHidesAnother(t *testing.T) {
	t.Parallel()
	ring, err := encryption.Parse("")
	require.NoError(t, err)
	b := setup(t)
	b.env.SetDataConverter(ring.WorkerConverters().Data)
	b.at(30*time.Second, func() {
		for _, input := range []any{claiming("lost.00000000", nil), claiming("", []byte("garbage")), workflows.Command{Actor: "kiosk"}} {
			b.env.SignalWorkflow(string(order.Reject), input)
		}
	})

	s := b.run()

	require.Equal(t, order.Rejected, s.Status)
	require.Equal(t, []string{order.NoteUnreadable, order.NoteUnreadable}, notes(s))
}

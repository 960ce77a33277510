package encryption_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	temporaltest.Stop()
	os.Exit(code)
}

// patience is more than anything here takes.
const patience = 30 * time.Second

// tellAll is a workflow that lets every kind of payload pass that an order has:
// input, signal, updates that succeed and fail, query, side effect, activities and
// local activities that succeed and fail, and a result; or a failure, when the
// signal says nothing.
func tellAll(ctx workflow.Context, name string) (string, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: patience, RetryPolicy: &temporal.RetryPolicy{InitialInterval: 50 * time.Millisecond},
		Summary: "for " + name,
	})
	workflow.SetCurrentDetails(ctx, "waiting for "+name)
	if err := workflow.SetUpdateHandler(ctx, "say", func(_ workflow.Context, word string) (string, error) {
		return word + "!", nil
	}); err != nil {
		return "", err
	}
	if err := workflow.SetUpdateHandler(ctx, "fail", func(_ workflow.Context, word string) error {
		return refusal(word)
	}); err != nil {
		return "", err
	}
	var effect string
	if err := workflow.SideEffect(ctx, func(workflow.Context) any { return name }).Get(&effect); err != nil {
		return "", err
	}
	err := workflow.ExecuteActivity(ctx, "refuse", effect).Get(ctx, nil)
	var app *temporal.ApplicationError
	if !errors.As(err, &app) {
		return "", err
	}
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: patience})
	if err := workflow.ExecuteLocalActivity(local, greet, name).Get(ctx, nil); err != nil {
		return "", err
	}
	if err := workflow.ExecuteLocalActivity(local, refuse, name).Get(ctx, nil); !errors.As(err, &app) {
		return "", err
	}
	var signal string
	workflow.GetSignalChannel(ctx, "signal").Receive(ctx, &signal)
	if signal == "" {
		return "", err
	}
	return app.Message() + ", " + signal, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

func refuse(ctx context.Context, name string) error {
	activity.RecordHeartbeat(ctx, "asking "+name)
	return refusal(name)
}

func refusal(name string) error {
	return temporal.NewNonRetryableApplicationError("no "+name, "refused", errors.New("because of "+name), name)
}

func greet(_ context.Context, name string) (string, error) { return "hello " + name, nil }

// system is Temporal as one order uses it.
type system struct {
	*testing.T
	queue string
}

func newSystem(t *testing.T) system {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a Temporal server")
	}
	return system{t, "encryption-" + rand.Text()}
}

func (s system) client(c encryption.Converters) client.Client {
	s.Helper()
	return temporaltest.Shared(s).Client(s, client.Options{
		DataConverter: c.Data, FailureConverter: c.Failure, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
}

// work runs a worker with a ring until stop.
func (s system) work(ring *encryption.Ring) (stop func()) {
	s.Helper()
	w := worker.New(s.client(ring.WorkerConverters()), s.queue, worker.Options{WorkerStopTimeout: time.Second})
	w.RegisterWorkflow(tellAll)
	w.RegisterActivity(refuse)
	require.NoError(s, w.Start())
	return w.Stop
}

func (s system) start(c client.Client) client.WorkflowRun {
	s.Helper()
	run, err := c.ExecuteWorkflow(s.Context(), client.StartWorkflowOptions{
		TaskQueue: s.queue, WorkflowTaskTimeout: 2 * time.Second, StaticSummary: secret, StaticDetails: secret,
		Memo: map[string]any{"memo": secret},
	}, tellAll, secret)
	require.NoError(s, err)
	return run
}

// history returns everything that Temporal keeps of a run, as it keeps it.
func (s system) history(run client.WorkflowRun) []*history.HistoryEvent {
	s.Helper()
	raw := s.client(encryption.Converters{})
	events := raw.GetWorkflowHistory(s.Context(), run.GetID(), run.GetRunID(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	var all []*history.HistoryEvent
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(s, err)
		all = append(all, event)
	}
	return all
}

// bytesOf returns events as they are on the wire, where text is text.
func bytesOf(t testing.TB, events []*history.HistoryEvent) string {
	t.Helper()
	wire, err := proto.Marshal(&history.History{Events: events})
	require.NoError(t, err)
	return string(wire)
}

func TestNothingIsReadableInAHistory(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	ring := parsed(t, entry("a", 1))
	defer s.work(ring)()
	c := s.client(ring.Converters())

	run := s.start(c)
	update, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: run.GetID(), UpdateName: "say", Args: []any{secret}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(t, err)
	var said string
	require.NoError(t, update.Get(t.Context(), &said))
	require.Equal(t, secret+"!", said)
	update, err = c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: run.GetID(), UpdateName: "fail", Args: []any{secret}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(t, err)
	require.ErrorContains(t, update.Get(t.Context(), nil), "no "+secret)
	require.NoError(t, c.SignalWorkflow(t.Context(), run.GetID(), "", "signal", secret))
	var result string
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, "no "+secret+", "+secret, result)

	failing := s.start(c)
	require.NoError(t, c.SignalWorkflow(t.Context(), failing.GetID(), "", "signal", ""))
	require.ErrorContains(t, failing.Get(t.Context(), nil), "no "+secret)

	for _, run := range []client.WorkflowRun{run, failing} {
		kept := bytesOf(t, s.history(run))
		require.NotContains(t, kept, "Mina")
		require.NotContains(t, kept, "server_test.go", "a stack trace names no file")
		require.Contains(t, kept, "Encoded failure")
	}
	description, err := c.DescribeWorkflow(t.Context(), run.GetID(), "")
	require.NoError(t, err)
	summary, err := description.GetStaticSummary()
	require.NoError(t, err)
	require.Equal(t, secret, summary, "the summary is read through the converter")
}

func TestWhatWasWrittenBeforeThereWereKeysIsReadable(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	before, reading, after := parsed(t, ""), parsed(t, "plain,"+entry("a", 1)), parsed(t, entry("a", 1))

	run := s.start(s.client(before.Converters()))
	s.work(before)()
	require.NoError(t, s.client(after.Converters()).SignalWorkflow(t.Context(), run.GetID(), "", "signal", "a cup"))
	defer s.work(reading)()

	var result string
	require.NoError(t, s.client(before.Converters()).GetWorkflow(t.Context(), run.GetID(), "").Get(t.Context(), &result))
	require.Equal(t, "no "+secret+", a cup", result)
	require.Contains(t, bytesOf(t, s.history(run)), secret, "so it is not for want of looking")
}

// A worker without the key must not go its own way: no failed workflow, no
// forgotten signal. It waits, and says for what.
func TestAWorkerWithoutTheKeyWaitsForIt(t *testing.T) {
	t.Parallel()
	old, both := parsed(t, entry("a", 1)), parsed(t, entry("b", 2)+","+entry("a", 1))
	for name, test := range map[string]struct{ start, signal, lacking, missing *encryption.Ring }{
		"an input, and no key at all": {start: old, signal: old, lacking: parsed(t, ""), missing: old},
		"an input, and another key":   {start: old, signal: old, lacking: parsed(t, entry("c", 3)), missing: old},
		"a signal under a new key":    {start: old, signal: both, lacking: old, missing: parsed(t, entry("b", 2))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			run := s.start(s.client(test.start.Converters()))
			require.NoError(t, s.client(test.signal.Converters()).SignalWorkflow(t.Context(), run.GetID(), "", "signal", "a cup"))

			stop := s.work(test.lacking)
			require.Eventually(t, func() bool { return s.hasWaited(run, test.lacking, test.missing.IDs()[0]) }, patience, 100*time.Millisecond)
			stop()
			require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_RUNNING, s.status(run))
			defer s.work(both)()

			var result string
			require.NoError(t, s.client(both.Converters()).GetWorkflow(t.Context(), run.GetID(), "").Get(t.Context(), &result))
			require.Equal(t, "no "+secret+", a cup", result)
		})
	}
}

// hasWaited reports whether a workflow task has failed for want of the key.
func (s system) hasWaited(run client.WorkflowRun, reader *encryption.Ring, id string) bool {
	s.Helper()
	for _, event := range s.history(run) {
		if failed := event.GetWorkflowTaskFailedEventAttributes(); failed != nil {
			message, err := encryption.Message(reader.Converters().Data, failed.GetFailure())
			require.NoError(s, err)
			if strings.Contains(message, "encrypted with the key "+id) {
				return true
			}
		}
	}
	return false
}

func (s system) status(run client.WorkflowRun) enums.WorkflowExecutionStatus {
	s.Helper()
	description, err := s.client(encryption.Converters{}).DescribeWorkflowExecution(s.Context(), run.GetID(), "")
	require.NoError(s, err)
	return description.GetWorkflowExecutionInfo().GetStatus()
}

func TestAClientWithoutTheKeySaysWhichItLacks(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	ring := parsed(t, entry("a", 1))
	defer s.work(ring)()
	run := s.start(s.client(ring.Converters()))
	require.NoError(t, s.client(ring.Converters()).SignalWorkflow(t.Context(), run.GetID(), "", "signal", "a cup"))

	var result string
	err := s.client(parsed(t, "").Converters()).GetWorkflow(t.Context(), run.GetID(), "").Get(t.Context(), &result)
	require.ErrorContains(t, err, "encrypted with the key "+ring.IDs()[0])
}

func TestWhatIsReadStaysAsItIs(t *testing.T) {
	t.Parallel()
	ring := parsed(t, entry("a", 1))
	kept := ring.Converters().Failure.ErrorToFailure(temporal.NewApplicationErrorWithCause("no "+secret, "refused",
		temporal.NewTimeoutError(enums.TIMEOUT_TYPE_HEARTBEAT, errors.New("because of "+secret), secret), secret))
	hidden := encrypted(t, ring, payload(t, secret))
	before := []proto.Message{proto.Clone(kept), proto.Clone(hidden)}
	for name, converters := range map[string]encryption.Converters{
		"a client's": ring.Converters(), "a worker's": ring.WorkerConverters(),
		"a client's without the key": parsed(t, "").Converters(),
	} {
		require.Error(t, converters.Failure.FailureToError(kept))
		require.True(t, proto.Equal(before[0], kept), name)
		var read string
		_ = converters.Data.FromPayload(hidden, &read) // it may lack the key
		require.True(t, proto.Equal(before[1], hidden), name)
	}
	require.NoError(t, ring.Converters().Failure.FailureToError(nil))
}

func TestAFailureWithoutItsKeyIsNotTakenForAnother(t *testing.T) {
	t.Parallel()
	ring := parsed(t, entry("a", 1))
	inner := temporal.NewApplicationErrorWithCause("no "+secret, "refused", errors.New(secret))
	kept := ring.Converters().Failure.ErrorToFailure(inner)
	encoded, err := proto.Marshal(kept)
	require.NoError(t, err)
	require.NotContains(t, string(encoded), "Mina")

	read := ring.Converters().Failure.FailureToError(kept)
	require.ErrorContains(t, read, "no "+secret)
	require.ErrorContains(t, errors.Unwrap(read), secret)

	kept = ring.Converters().Failure.ErrorToFailure(inner)
	lost := parsed(t, entry("b", 2))
	require.ErrorContains(t, lost.Converters().Failure.FailureToError(kept), "a failure cannot be read: a payload is encrypted with the key a.")
	require.Panics(t, func() { _ = lost.WorkerConverters().Failure.FailureToError(kept) }, "in a workflow that repeats the task")
}

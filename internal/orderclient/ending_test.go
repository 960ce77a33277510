package orderclient

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/deployment/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestAnOrderIsSettledOnceItsMoneyIsWhereItBelongs(t *testing.T) {
	t.Parallel()
	refunded, pending := &order.RefundSum{Status: order.Refunded}, &order.RefundSum{Status: order.RefundPending}
	for _, s := range []order.Snapshot{{Status: order.PickedUp}, {Status: order.Unclaimed}, {Status: order.Expired, Refund: refunded}, {Status: order.PaymentFailed, Refund: refunded}} {
		require.True(t, settled(s), s.Status)
	}
	for _, s := range []order.Snapshot{{Status: order.Paid}, {Status: order.Cancelled, Refund: pending}, {Status: order.PaymentFailed}} {
		require.False(t, settled(s), s.Status)
	}
}

func TestWhyAPaymentFailedHasACode(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		workflows.FailurePaymentCancelled:   workflows.ErrAbandoned,
		workflows.FailurePaymentUnavailable: failure.EncodeFinal(&order.Error{Code: order.CodeMisconfigured}),
		order.DeclineInvalidTotal:           failure.Encode(&order.Error{Code: order.CodeRefused, Field: "amount"}),
		workflows.FailurePaymentRefused:     failure.Encode(&order.Error{Code: order.CodeRefused}),
		workflows.FailurePaymentTimeout:     errors.New("no answer"),
	} {
		require.Equal(t, want, workflows.FailureCode(err))
	}
}

func TestAnOrderIsPausedSinceTheFirstOfItsActivitiesWas(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	pausedAt := func(at time.Time, paused bool) *workflow.PendingActivityInfo {
		return &workflow.PendingActivityInfo{Paused: paused, PauseInfo: &workflow.PendingActivityInfo_PauseInfo{PauseTime: timestamppb.New(at)}}
	}
	since, paused := pausedSince(&workflowservice.DescribeWorkflowExecutionResponse{PendingActivities: []*workflow.PendingActivityInfo{
		pausedAt(at.Add(-time.Hour), false), pausedAt(at.Add(time.Minute), true), pausedAt(at, true),
	}})
	require.True(t, paused)
	require.Equal(t, at, since)
	_, paused = pausedSince(&workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflow.WorkflowExecutionInfo{Status: enums.WORKFLOW_EXECUTION_STATUS_RUNNING},
	})
	require.False(t, paused)
}

func TestAWorkerThatIsTooBusyToAnswerIsThere(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	asked := func(ago time.Duration, options *deployment.WorkerDeploymentOptions) *taskqueue.PollerInfo {
		return &taskqueue.PollerInfo{LastAccessTime: timestamppb.New(now.Add(-ago)), DeploymentOptions: options}
	}
	build := func(id string) *deployment.WorkerDeploymentOptions {
		return &deployment.WorkerDeploymentOptions{
			DeploymentName: "cafeforme", BuildId: id, WorkerVersioningMode: enums.WORKER_VERSIONING_MODE_VERSIONED,
		}
	}
	queue := &workflowservice.DescribeTaskQueueResponse{Pollers: []*taskqueue.PollerInfo{
		asked(time.Second, nil), asked(time.Minute, build("1")), asked(time.Second, build("2")),
	}}
	for build, there := range map[string]bool{"": true, "cafeforme:1": false, "cafeforme:2": true, "cafeforme:3": false} {
		require.Equal(t, there, polledBy(queue, build, now), build)
	}
	queue.VersioningInfo = &taskqueue.TaskQueueVersioningInfo{
		CurrentDeploymentVersion: &deployment.WorkerDeploymentVersion{DeploymentName: "cafeforme", BuildId: "1"},
	}
	require.False(t, polledBy(queue, "", now), "orders of no build go to the current one")
}

func TestHowAWorkflowEndedEarlyIsSaid(t *testing.T) {
	t.Parallel()
	c := NewClient(nil, nil)
	terminated := func(reason string) *history.HistoryEvent {
		return &history.HistoryEvent{
			EventType: enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
			Attributes: &history.HistoryEvent_WorkflowExecutionTerminatedEventAttributes{
				WorkflowExecutionTerminatedEventAttributes: &history.WorkflowExecutionTerminatedEventAttributes{Identity: "Jun", Reason: reason},
			},
		}
	}
	require.Equal(t, "was terminated by Jun", c.ending(terminated("")))
	require.Equal(t, "was terminated by Jun: by mistake", c.ending(terminated("by mistake")))
	for kind, want := range map[enums.EventType]string{
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:    "has failed",
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "has timed out",
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:  "was cancelled in Temporal",
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "",
	} {
		require.Equal(t, want, c.ending(&history.HistoryEvent{EventType: kind}))
	}
}

func TestAnOrderThatCannotBeLookedAtHidesNoOther(t *testing.T) {
	t.Parallel()
	orders := []Listed{{ID: "ord_1"}, {ID: "ord_2"}, {ID: "ord_3"}}
	look := func(broken ...string) (seen []string, err error) {
		err = each(t.Context(), orders, func(_ context.Context, l Listed) (func(), error) {
			if slices.Contains(broken, l.ID) {
				return nil, errors.New("its history is too large")
			}
			return func() { seen = append(seen, l.ID) }, nil
		})
		slices.Sort(seen)
		return seen, err
	}
	seen, err := look("ord_2")
	require.NoError(t, err)
	require.Equal(t, []string{"ord_1", "ord_3"}, seen)
	_, err = look("ord_1", "ord_2", "ord_3")
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(err))
}

// Whoever asks about orders while Temporal is out of reach, or gives up waiting, is told
// so, whatever it was that they asked.
func TestWhatIsAskedOfAServerOutOfReachIsUnavailable(t *testing.T) {
	t.Parallel()
	temporal, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1", Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	c := NewClient(temporal, nil)
	d := c.NewDetector(order.Terms{})
	d.unsearchable = []string{}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	now := time.Now()
	for what, ask := range map[string]func() error{
		"which orders ended early": func() error { _, err := d.endedEarly(ctx); return err },
		"which orders are paused":  func() error { _, err := d.paused(ctx); return err },
		"which orders are overdue": func() error { _, err := d.overdue(ctx, now); return err },
		"which builds answer":      func() error { _, err := d.withoutWorker(ctx); return err },
		"which workers poll":       func() error { _, err := d.polled(ctx, ""); return err },
		"the deadline of an order": func() error { _, err := d.deadlines(ctx, []Listed{{ID: "ord_1"}}, now); return err },
		"what is stuck":            func() error { _, err := d.Detect(ctx); return err },
		"what the server knows":    func() error { _, err := c.NewDetector(order.Terms{}).Detect(ctx); return err },
		"how an earlier run ended": func() error { _, err := c.Earlier(ctx, "ord_1", "run"); return err },
		"a reset":                  func() error { _, err := c.Reset(ctx, "default", "ord_1", workflows.Operation{}); return err },
		"the last task":            func() error { _, err := c.lastTask(ctx, "ord_1", ""); return asOrderError(err) },
		"another build":            func() error { return c.Move(ctx, "ord_1", "2") },
		"whether an order is open": func() error { _, err := c.IsOpen(ctx, "ord_1"); return err },
		"what an order waits for":  func() error { _, err := c.Work(ctx, "ord_1"); return err },
		"what a task fails with":   func() error { _, err := c.lastTaskFailure(ctx, "ord_1"); return asOrderError(err) },
		"how an order was left":    func() error { _, err := c.leftBy(ctx, &workflow.WorkflowExecutionInfo{}); return err },
		"how an order's run ended": func() error { _, err := c.howEnded(ctx, "ord_1"); return asOrderError(err) },
		"how an order stands":      func() error { _, err := c.Read(ctx, "ord_1"); return err },
	} {
		require.Equal(t, order.CodeUnavailable, order.ErrorCode(ask()), what)
	}
}

package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/activities"
)

const (
	// RetentionWorkflowType is the registered name of [RetentionWorkflow].
	RetentionWorkflowType = "RetentionWorkflow"
	// TaskQueueRetention serves the workflow and its activity. It has workers of its
	// own, which are unversioned: whatever build is current, personal data ends.
	TaskQueueRetention = "retention"
	// RetentionScheduleID names the schedule that starts the workflow, and begins the IDs
	// of its runs.
	RetentionScheduleID = "forget-personal-data"

	// retentionEvery is how often the workflow is started.
	retentionEvery = time.Hour
	// retentionWithin bounds one run: the next one goes on where it has failed.
	retentionWithin = 50 * time.Minute
	// retentionSilence is how long the activity may forget nobody before it counts as
	// lost.
	retentionSilence = time.Minute
)

// Retention is the input of [RetentionWorkflow].
type Retention struct {
	// Keep is how long personal data of guests stays after their order's end.
	Keep time.Duration `json:"keep"`
}

// RetentionWorkflow forgets the guests whose orders have ended longer ago than the input
// says, in the read model and in the ledger of the texts. It returns how many orders that
// were; an error, once it has tried for almost an hour.
func RetentionWorkflow(ctx workflow.Context, in Retention) (activities.Forgotten, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Summary:                "Forget guests",
		ScheduleToCloseTimeout: retentionWithin,
		StartToCloseTimeout:    retentionWithin,
		HeartbeatTimeout:       retentionSilence,
		RetryPolicy:            effectRetries,
	})
	var (
		forgotten activities.Forgotten
		guests    *activities.Retention
	)
	before := workflow.Now(ctx).Add(-in.Keep)
	err := workflow.ExecuteActivity(ctx, guests.ForgetGuests, before).Get(ctx, &forgotten)
	return forgotten, err
}

// ScheduleRetention makes the schedule that starts [RetentionWorkflow] every hour, unless
// it is there, and updates it where it differs. One that an operator has paused stays so.
func (c *Client) ScheduleRetention(ctx context.Context, keep time.Duration) error {
	schedules := c.temporal.ScheduleClient()
	in := Retention{Keep: keep}
	_, err := schedules.Create(ctx, client.ScheduleOptions{
		ID: RetentionScheduleID, Spec: retentionSpec(), Action: retentionAction(in), CatchupWindow: retentionEvery,
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		err = schedules.GetHandle(ctx, RetentionScheduleID).Update(ctx, client.ScheduleUpdateOptions{
			DoUpdate: func(current client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				schedule := current.Description.Schedule
				if c.isRetention(schedule, in) {
					return nil, temporal.ErrSkipScheduleUpdate
				}
				spec := retentionSpec()
				schedule.Spec, schedule.Action = &spec, retentionAction(in)
				return &client.ScheduleUpdate{Schedule: &schedule}, nil
			},
		})
	}
	if err != nil {
		return fmt.Errorf("schedule %s: %w", RetentionScheduleID, err)
	}
	return nil
}

func retentionSpec() client.ScheduleSpec {
	return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: retentionEvery}}}
}

func retentionAction(in Retention) *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: RetentionScheduleID, Workflow: RetentionWorkflowType, TaskQueue: TaskQueueRetention, Args: []any{in},
	}
}

// isRetention reports whether the schedule starts the workflow with that input as often as
// it should. An input that cannot be read, such as one under a lost key, is another one.
func (c *Client) isRetention(s client.Schedule, want Retention) bool {
	action, ok := s.Action.(*client.ScheduleWorkflowAction)
	if !ok || s.Spec == nil || len(s.Spec.Intervals) != 1 || len(action.Args) != 1 {
		return false
	}
	payload, ok := action.Args[0].(*commonpb.Payload)
	var in Retention
	return ok && c.payloads.FromPayload(payload, &in) == nil && in == want &&
		s.Spec.Intervals[0] == retentionSpec().Intervals[0] &&
		action.Workflow == RetentionWorkflowType && action.TaskQueue == TaskQueueRetention
}

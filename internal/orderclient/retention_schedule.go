package orderclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/cafeforme/cafeforme/workflows"
)

// retentionEvery is how often [RetentionWorkflow] is started.
const retentionEvery = time.Hour

// ScheduleRetention makes the schedule that starts [RetentionWorkflow] every hour, unless
// it is there, and updates it where it differs. One that an operator has paused stays so.
func (c *Client) ScheduleRetention(ctx context.Context, keep time.Duration) error {
	schedules := c.temporal.ScheduleClient()
	in := workflows.Retention{Keep: keep}
	_, err := schedules.Create(ctx, client.ScheduleOptions{
		ID: workflows.RetentionScheduleID, Spec: retentionSpec(), Action: retentionAction(in), CatchupWindow: retentionEvery,
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		err = schedules.GetHandle(ctx, workflows.RetentionScheduleID).Update(ctx, client.ScheduleUpdateOptions{
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
		return fmt.Errorf("schedule %s: %w", workflows.RetentionScheduleID, err)
	}
	return nil
}

func retentionSpec() client.ScheduleSpec {
	return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: retentionEvery}}}
}

func retentionAction(in workflows.Retention) *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: workflows.RetentionScheduleID, Workflow: workflows.RetentionWorkflowType, TaskQueue: workflows.TaskQueueRetention, Args: []any{in},
	}
}

// isRetention reports whether the schedule starts the workflow with that input as often as
// it should. An input that cannot be read, such as one under a lost key, is another one.
func (c *Client) isRetention(s client.Schedule, want workflows.Retention) bool {
	action, ok := s.Action.(*client.ScheduleWorkflowAction)
	if !ok || s.Spec == nil || len(s.Spec.Intervals) != 1 || len(action.Args) != 1 {
		return false
	}
	payload, ok := action.Args[0].(*commonpb.Payload)
	var in workflows.Retention
	return ok && c.payloads.FromPayload(payload, &in) == nil && in == want &&
		s.Spec.Intervals[0] == retentionSpec().Intervals[0] &&
		action.Workflow == workflows.RetentionWorkflowType && action.TaskQueue == workflows.TaskQueueRetention
}

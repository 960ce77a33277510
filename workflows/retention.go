package workflows

import (
	"time"

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

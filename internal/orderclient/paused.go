package orderclient

import (
	"context"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// pauseInfo is set by the server when an activity or a workflow is paused, and unset
// when it is unpaused; a paused activity that is cancelled leaves it as it was. Older
// servers do not have it.
const pauseInfo = "TemporalPauseInfo"

// paused finds the open orders that somebody keeps from going on, on purpose or not. A
// workflow that is paused as a whole is not running, which older servers do not know
// of.
func (d *Detector) paused(ctx context.Context) (runs, error) {
	if slices.Contains(d.unsearchable, StuckOnPaused) {
		return nil, nil
	}
	const condition = pauseInfo + " IS NOT NULL AND ExecutionStatus NOT IN ('Completed', " + endedEarlyStatuses + ")"
	candidates, _, err := d.client.List(ctx, Filter{condition: condition}, detectable, nil)
	if err != nil {
		return nil, err
	}
	found := runs{}
	return found, each(ctx, candidates, func(ctx context.Context, l Listed) (func(), error) {
		description, err := d.client.describe(ctx, l.ID)
		return func() {
			if since, paused := pausedSince(description); paused {
				found[l.RunID] = since
			}
		}, err
	})
}

// pausedSince returns since when anything of a workflow is paused, and false when
// nothing is.
func pausedSince(d *workflowservice.DescribeWorkflowExecutionResponse) (since time.Time, paused bool) {
	if d.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_PAUSED {
		return d.GetWorkflowExtendedInfo().GetPauseInfo().GetPausedTime().AsTime(), true
	}
	for _, activity := range d.GetPendingActivities() {
		at := activity.GetPauseInfo().GetPauseTime().AsTime()
		if activity.GetPaused() && (!paused || at.Before(since)) {
			since, paused = at, true
		}
	}
	return since, paused
}

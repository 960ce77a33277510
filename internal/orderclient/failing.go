package orderclient

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/order"
)

// reportedProblems is set by the server when several workflow tasks in a row have
// failed or timed out (five, unless its dynamic configuration says otherwise),
// and unset by the next that is completed. Older servers do not have it.
const reportedProblems = "TemporalReportedProblems"

// Failing is the error of an order that workers cannot go on with.
type Failing struct {
	// Reason is what its workflow task failed with last.
	Reason string
	// Since is when it failed first; zero when that is not known.
	Since time.Time
}

func (f *Failing) Error() string { return "its workflow task keeps failing: " + f.Reason }

// orFailing returns the error with which an order could not be asked: a [Failing]
// where a worker was there to try. Without a description only what the worker
// answered tells.
func (c *Client) orFailing(ctx context.Context, d *workflowservice.DescribeWorkflowExecutionResponse, err error) error {
	if order.ErrorCode(err) != order.CodeUnavailable {
		return err
	}
	var refused *serviceerror.QueryFailed
	if errors.As(err, &refused) {
		return asOrderError(&Failing{Reason: withoutPayloads(refused.Message)})
	}
	failing, unknown := c.failing(ctx, d)
	if failing == nil || unknown != nil {
		return err
	}
	return asOrderError(failing)
}

// failing returns what the workflow task of the described order fails with: nil
// when it does not. That a task has timed out once says nothing, because its
// worker may have been killed; that the server reports it does.
func (c *Client) failing(ctx context.Context, d *workflowservice.DescribeWorkflowExecutionResponse) (*Failing, error) {
	problems := reported(d.GetWorkflowExecutionInfo())
	if len(problems) == 0 && d.GetPendingWorkflowTask().GetAttempt() <= 1 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	last, err := c.lastTaskFailure(ctx, d.GetWorkflowExecutionInfo().GetExecution().GetWorkflowId())
	switch {
	case err != nil:
		return nil, asOrderError(err)
	case last.Reason != "":
		return &last, nil
	case len(problems) > 0:
		return &Failing{Reason: strings.Join(problems, " "), Since: last.Since}, nil
	default:
		return nil, nil
	}
}

// lastTaskFailure searches a history for what has failed since the last workflow
// task that was completed. The server keeps the first failure of a row alone.
func (c *Client) lastTaskFailure(ctx context.Context, id string) (last Failing, err error) {
	for event, err := range c.events(ctx, id, "", enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT) {
		if err != nil {
			return Failing{}, err
		}
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			last = Failing{}
		case enums.EVENT_TYPE_WORKFLOW_TASK_FAILED:
			last.Reason = c.taskFailure(event.GetWorkflowTaskFailedEventAttributes())
			last.Since = event.GetEventTime().AsTime()
		case enums.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
			last.Since = event.GetEventTime().AsTime()
		default:
		}
	}
	return last, nil
}

// taskFailure says why a workflow task has failed. It is empty for a task that is
// only repeated, because something came in between.
func (c *Client) taskFailure(failed *history.WorkflowTaskFailedEventAttributes) string {
	switch failed.GetCause() {
	case enums.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND, enums.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW:
		return ""
	default:
	}
	reason := failed.GetCause().String()
	if text := withoutPayloads(failureText(c.readable(failed.GetFailure()))); text != "" {
		reason += ": " + text
	}
	return reason
}

// The SDK's message of a non-determinism shows the attributes of the event and of
// the command in parentheses: whatever an activity was given is among them.
var (
	attributes     = regexp.MustCompile(`(?s)\(.*\)|\(.*$`)
	replayedInLieu = regexp.MustCompile(`, replay command is \w+`)
)

// withoutPayloads returns what went wrong, without the data it went wrong with.
func withoutPayloads(message string) string {
	short := attributes.ReplaceAllString(message, "(...)")
	if all := replayedInLieu.FindAllString(message, -1); len(all) > 0 && !strings.Contains(short, all[len(all)-1]) {
		short += all[len(all)-1]
	}
	return short
}

// reported returns the problems that the server reports of a running workflow.
func reported(info *workflow.WorkflowExecutionInfo) (problems []string) {
	if info.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil // it keeps them for good when it is terminated
	}
	payload := info.GetSearchAttributes().GetIndexedFields()[reportedProblems]
	if err := converter.GetDefaultDataConverter().FromPayload(payload, &problems); err != nil {
		return []string{"the server reports problems that cannot be read"}
	}
	return problems
}

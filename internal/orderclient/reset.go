package orderclient

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Reset brings an order back whose workflow was terminated, has failed or has timed
// out: it goes on from its last completed workflow task, with the commands that
// came later. What that task had begun is begun again, under the same idempotency
// keys. The namespace is that of the client; the operation's actor and reason are kept
// in the workflow's history. Reset returns how the workflow had ended.
//
// It fails with CodeTooEarly for an order whose workflow is running, with
// CodeTooLate for one that has ended by itself or that was terminated before a worker
// had taken it up, so that there is nothing to go on with; and with CodeNotFound
// and CodeUnavailable. The order is reset once, however often that is asked for.
func (c *Client) Reset(ctx context.Context, namespace, id string, in workflows.Operation) (ended string, err error) {
	description, err := c.describe(ctx, id)
	if err != nil {
		return "", asOrderError(err)
	}
	info := description.GetWorkflowExecutionInfo()
	l := listed(info)
	refused := func(code order.Code, message string) error {
		return &order.Error{Code: code, OrderStatus: l.Status, Message: message}
	}
	switch info.GetStatus() {
	case enums.WORKFLOW_EXECUTION_STATUS_RUNNING, enums.WORKFLOW_EXECUTION_STATUS_PAUSED:
		return "", refused(order.CodeTooEarly, "its workflow is running: only one that was terminated, has failed or has timed out is reset")
	case enums.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return "", refused(order.CodeTooLate, "its workflow has ended by itself: an order that is over is never reset")
	default:
	}
	task, err := c.lastTask(ctx, id, l.RunID)
	if err != nil {
		return "", asOrderError(err)
	}
	if task == 0 {
		return "", refused(order.CodeTooLate, "it was ended before a worker had taken it up: nothing was charged, "+
			"and there is nothing to go on with; the customer has to order again")
	}
	if ended, err = c.howEnded(ctx, id); err != nil {
		return "", asOrderError(err)
	}
	return ended, asOrderError(c.reset(ctx, namespace, info.GetExecution(), task, in))
}

// reset resets one run. The request is named after it, so that a repetition finds the
// run that the first has made and leaves it alone.
func (c *Client) reset(ctx context.Context, namespace string, run *common.WorkflowExecution, task int64, in workflows.Operation) error {
	ctx, cancel := context.WithTimeout(ctx, actTimeout)
	defer cancel()
	reason := in.Actor
	if in.Reason != "" {
		reason += ": " + in.Reason
	}
	_, err := c.temporal.ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: namespace, WorkflowExecution: run, WorkflowTaskFinishEventId: task,
		Reason: reason, Identity: in.Actor, RequestId: run.GetRunId(),
	})
	if err != nil {
		return err
	}
	// Who has brought it back stands in the timeline then, and the read model follows.
	in.Reason = strings.TrimSpace("after a reset. " + in.Reason)
	return c.temporal.SignalWorkflow(ctx, run.GetWorkflowId(), "", workflows.UpdateRetry, in)
}

// howEnded says how the order's workflow was ended from outside, or has failed;
// empty when it is running or has ended by itself.
func (c *Client) howEnded(ctx context.Context, id string) (string, error) {
	last, err := c.closeEvent(ctx, id, "")
	if err != nil || last == nil {
		return "", err
	}
	return c.ending(last), nil
}

// ending says what kind of early end an event is.
func (c *Client) ending(last *history.HistoryEvent) string {
	switch last.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
		by := last.GetWorkflowExecutionTerminatedEventAttributes()
		return because(fmt.Sprintf("was terminated by %s", by.GetIdentity()), by.GetReason())
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
		return because("has failed", withoutPayloads(failureText(c.readable(last.GetWorkflowExecutionFailedEventAttributes().GetFailure()))))
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
		return "has timed out"
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
		return "was cancelled in Temporal"
	default:
		return ""
	}
}

func because(what, reason string) string {
	if reason == "" {
		return what
	}
	return what + ": " + reason
}

// Move pins an open order to another build of its deployment: one whose workers are
// there, and understand the order's history (cafeforme replay). It fails with
// CodeInvalid for an order that is on no build, and for a build that never had a worker.
func (c *Client) Move(ctx context.Context, id, buildID string) error {
	description, err := c.describe(ctx, id)
	if err != nil {
		return asOrderError(err)
	}
	l := listed(description.GetWorkflowExecutionInfo())
	name, _, versioned := strings.Cut(l.Build, ":")
	switch {
	case !l.Open:
		return &order.Error{Code: order.CodeTooLate, OrderStatus: l.Status, Message: "its workflow has ended"}
	case !versioned:
		return workflows.Invalid("build_id", "the order is on no build: any worker without one goes on with it")
	}
	ctx, cancel := context.WithTimeout(ctx, actTimeout)
	defer cancel()
	_, err = c.temporal.UpdateWorkflowExecutionOptions(ctx, client.UpdateWorkflowExecutionOptionsRequest{
		WorkflowId: id,
		WorkflowExecutionOptionsChanges: client.WorkflowExecutionOptionsChanges{
			VersioningOverride: &client.VersioningOverrideChange{Value: &client.PinnedVersioningOverride{
				Version: worker.WorkerDeploymentVersion{DeploymentName: name, BuildID: buildID},
			}},
		},
	})
	if unknown := new(serviceerror.FailedPrecondition); refusedStart(err) || errors.As(err, &unknown) {
		return workflows.Invalid("build_id", err.Error())
	}
	return asOrderError(err)
}

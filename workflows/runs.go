package workflows

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/cafeforme/cafeforme/order"
)

// Ended returns the order as a run of its workflow has ended with it, the last one if
// there are several, and false when none has come to its regular end. Its errors are
// [order.Error]s with CodeUnavailable.
func (c *Client) Ended(ctx context.Context, id string) (order.Snapshot, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	runs, err := c.completedRuns(ctx, id)
	if err != nil {
		return order.Snapshot{}, false, asOrderError(err)
	}
	if len(runs) == 0 {
		return order.Snapshot{}, false, nil
	}
	last, err := c.closeEvent(ctx, id, runs[0])
	if err != nil {
		return order.Snapshot{}, false, asOrderError(err)
	}
	s, ok := c.result(last)
	if !ok {
		return order.Snapshot{}, false, &order.Error{Code: order.CodeUnavailable, Message: "how the order has ended cannot be read"}
	}
	return s, true, nil
}

// completedRuns lists the runs of the order's workflow that came to their regular end,
// the last one first. The first run is described, because visibility lags behind.
func (c *Client) completedRuns(ctx context.Context, id string) ([]string, error) {
	listed, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowId = '%s' AND ExecutionStatus = 'Completed'", quoted(id)),
	})
	if err != nil {
		return nil, err
	}
	var runs []string
	for _, execution := range listed.GetExecutions() {
		runs = append(runs, execution.GetExecution().GetRunId())
	}
	current, err := c.temporal.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return nil, err
	}
	first := current.GetWorkflowExecutionInfo().GetFirstRunId()
	if first == "" || len(runs) > 0 {
		return runs, nil
	}
	begun, err := c.temporal.DescribeWorkflowExecution(ctx, id, first)
	if err == nil && begun.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		runs = append(runs, first)
	}
	return runs, err
}

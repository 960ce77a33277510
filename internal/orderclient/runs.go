package orderclient

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Earlier returns how the last run of the order's workflow before this one has left
// it, and nil when no earlier run has come beyond the payment. A run that came to its
// end is read; one that was ended by a reset, or by another start, is asked, which takes
// a worker. Its errors are [order.Error]s with CodeUnavailable.
func (c *Client) Earlier(ctx context.Context, id, runID string) (*order.EarlierRun, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	runs, err := c.earlierRuns(ctx, id, runID)
	if err != nil {
		return nil, asOrderError(err)
	}
	for _, run := range runs {
		earlier, err := c.leftBy(ctx, run)
		if err != nil {
			return nil, err
		}
		if earlier != nil && earlier.Order.Status != order.PaymentPending {
			return earlier, nil
		}
	}
	return nil, nil
}

// earlierRuns lists the other runs of the order's workflow, the last one first. The
// first one is described, because visibility lags behind.
func (c *Client) earlierRuns(ctx context.Context, id, runID string) ([]*workflow.WorkflowExecutionInfo, error) {
	listed, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowId = '%s'", quoted(id)),
	})
	if err != nil {
		return nil, err
	}
	runs := slices.DeleteFunc(listed.GetExecutions(), func(run *workflow.WorkflowExecutionInfo) bool {
		return run.GetExecution().GetRunId() == runID
	})
	slices.SortFunc(runs, func(a, b *workflow.WorkflowExecutionInfo) int {
		return b.GetStartTime().AsTime().Compare(a.GetStartTime().AsTime())
	})
	own, err := c.temporal.DescribeWorkflowExecution(ctx, id, runID)
	if err != nil {
		return nil, err
	}
	first := own.GetWorkflowExecutionInfo().GetFirstRunId()
	if first == "" || first == runID || len(runs) > 0 {
		return runs, nil
	}
	begun, err := c.temporal.DescribeWorkflowExecution(ctx, id, first)
	return append(runs, begun.GetWorkflowExecutionInfo()), err
}

// leftBy returns how a run has left the order; nil when it never began.
func (c *Client) leftBy(ctx context.Context, run *workflow.WorkflowExecutionInfo) (*order.EarlierRun, error) {
	id, runID := run.GetExecution().GetWorkflowId(), run.GetExecution().GetRunId()
	last, err := c.closeEvent(ctx, id, runID)
	if err != nil {
		return nil, asOrderError(err)
	}
	if s, ok := c.result(last); ok {
		return &order.EarlierRun{Order: s, Ended: true}, nil
	}
	if isNoOrder(last) {
		return nil, nil
	}
	answer, err := c.temporal.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: id, RunID: runID, QueryType: workflows.QueryOrder, QueryRejectCondition: enums.QUERY_REJECT_CONDITION_NONE,
	})
	if errors.As(err, new(*serviceerror.WorkflowNotReady)) {
		return nil, nil
	}
	if err != nil {
		return nil, &order.Error{Code: order.CodeUnavailable, Message: "an earlier run of the order does not answer", Err: err}
	}
	earlier := &order.EarlierRun{}
	err = answer.QueryResult.Get(&earlier.Order)
	return earlier, asOrderError(err)
}

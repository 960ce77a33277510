package workflows

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/order"
)

// findTimeout bounds one page of a list, or one count.
const findTimeout = 10 * time.Second

// Filter says which orders a list has. All of its conditions hold; the zero
// value has none. What is listed is what Temporal's visibility knows: it lags
// behind the workflows by a moment.
type Filter struct {
	// Stuck: only orders that are stuck on anything.
	Stuck bool
	// StuckOn: only orders that are stuck on this effect, or StuckOnWorkflow.
	StuckOn string
	// Failing, with Stuck: the open orders whose workflow task keeps failing as
	// well. It takes a server that [Client.ReportsFailing].
	Failing bool
	// Open: only orders whose workflow is running.
	Open bool
	// Statuses: only orders in any of these.
	Statuses []order.Status
	// Since: only orders that were under way at this time, or later.
	Since time.Time
}

// taskFails finds the open orders whose workflow task keeps failing.
const taskFails = reportedProblems + " IS NOT NULL AND ExecutionStatus = 'Running'"

// query returns the filter in Temporal's words.
func (f Filter) query() string {
	conditions := []string{fmt.Sprintf("WorkflowType = '%s'", WorkflowType)}
	switch {
	case f.Stuck && f.Failing:
		conditions = append(conditions, fmt.Sprintf("(%s IS NOT NULL OR (%s))", StuckOn.GetName(), taskFails))
	case f.Stuck:
		conditions = append(conditions, StuckOn.GetName()+" IS NOT NULL")
	}
	switch f.StuckOn {
	case "":
	case StuckOnWorkflow:
		conditions = append(conditions, taskFails)
	default:
		conditions = append(conditions, fmt.Sprintf("%s = '%s'", StuckOn.GetName(), quoted(f.StuckOn)))
	}
	if f.Open {
		conditions = append(conditions, "ExecutionStatus = 'Running'")
	}
	if len(f.Statuses) > 0 {
		var names []string
		for _, status := range f.Statuses {
			names = append(names, "'"+quoted(string(status))+"'")
		}
		conditions = append(conditions, fmt.Sprintf("%s IN (%s)", OrderStatus.GetName(), strings.Join(names, ", ")))
	}
	if !f.Since.IsZero() {
		conditions = append(conditions, fmt.Sprintf("(ExecutionStatus = 'Running' OR CloseTime >= '%s')",
			f.Since.UTC().Format(time.RFC3339)))
	}
	return strings.Join(conditions, " AND ")
}

// quoted makes a value harmless inside single quotes.
func quoted(value string) string { return strings.ReplaceAll(value, "'", "") }

// Listed is an order as a list has it.
type Listed struct {
	ID      string
	Status  order.Status
	StuckOn []string
	Open    bool
	// PlacedAt is when the workflow was started.
	PlacedAt time.Time
}

// List returns one page of the orders that pass the filter, the newest first,
// and the token of the next page: nil when this is the last. Its errors are
// CodeUnavailable, and CodeInvalid for a token of another list.
func (c *Client) List(ctx context.Context, f Filter, pageSize int, token []byte) (page []Listed, next []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	response, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: f.query(), PageSize: int32(min(max(pageSize, 1), 1000)), NextPageToken: token,
	})
	if refusedStart(err) {
		return nil, nil, &order.Error{Code: order.CodeInvalid, Message: "Temporal refuses to list orders", Err: err}
	}
	if err != nil {
		return nil, nil, asOrderError(err)
	}
	for _, execution := range response.GetExecutions() {
		page = append(page, listed(execution))
	}
	return page, response.GetNextPageToken(), nil
}

func listed(execution *workflow.WorkflowExecutionInfo) Listed {
	l := Listed{
		ID:       execution.GetExecution().GetWorkflowId(),
		Open:     execution.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING,
		PlacedAt: execution.GetStartTime().AsTime(),
	}
	attributes := execution.GetSearchAttributes().GetIndexedFields()
	// Search attributes are never encrypted. What cannot be read is not shown:
	// nothing but the workflow sets these.
	_ = converter.GetDefaultDataConverter().FromPayload(attributes[OrderStatus.GetName()], &l.Status)
	_ = converter.GetDefaultDataConverter().FromPayload(attributes[StuckOn.GetName()], &l.StuckOn)
	if len(reported(execution)) > 0 {
		l.StuckOn = append(l.StuckOn, StuckOnWorkflow)
	}
	return l
}

// CountStuck returns how many open orders are stuck on the effect, or on
// StuckOnWorkflow. It fails with CodeInvalid when the server does not know of
// the latter, and with CodeUnavailable.
func (c *Client) CountStuck(ctx context.Context, effect string) (int64, error) {
	return c.count(ctx, Filter{StuckOn: effect, Open: true})
}

// CountOpen returns how many orders in the status have an open workflow. Its
// errors are those of [Client.CountStuck].
func (c *Client) CountOpen(ctx context.Context, status order.Status) (int64, error) {
	return c.count(ctx, Filter{Statuses: []order.Status{status}, Open: true})
}

func (c *Client) count(ctx context.Context, f Filter) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	response, err := c.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Query: f.query(),
	})
	if refusedStart(err) {
		return 0, &order.Error{Code: order.CodeInvalid, Message: "Temporal refuses to count orders", Err: err}
	}
	return response.GetCount(), asOrderError(err)
}

// ReportsFailing tells whether the server reports workflows whose tasks keep
// failing, so that they can be searched for.
func (c *Client) ReportsFailing(ctx context.Context) (bool, error) {
	_, err := c.CountStuck(ctx, StuckOnWorkflow)
	if order.ErrorCode(err) == order.CodeInvalid {
		return false, nil
	}
	return err == nil, err
}

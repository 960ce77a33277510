package orderclient

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// findTimeout bounds one page of a list, or one count.
const findTimeout = 10 * time.Second

// Filter says which orders a list has. All of its conditions hold; the zero
// value has none. What is listed is what Temporal's visibility knows: it lags
// behind the workflows by a moment.
type Filter struct {
	// Stuck: only orders that are stuck on anything.
	Stuck bool
	// StuckOn: only orders that are stuck on this, one of [StuckOnValues].
	StuckOn string
	// Detected is what a [Detector] has found: Stuck and StuckOn go by it, and it is
	// shown of whatever is listed.
	Detected Detected
	// Open: only orders whose workflow is running.
	Open bool
	// Statuses: only orders that are stuck in any of these, or have ended in it. Others are
	// under [workflows.StatusOpen].
	Statuses []order.Status
	// Store: only orders of this store.
	Store string
	// Since: only orders that were under way at this time, or later.
	Since time.Time
	// condition is one more, in Temporal's words.
	condition string
}

// query returns the filter in Temporal's words.
func (f Filter) query() string {
	conditions := []string{fmt.Sprintf("WorkflowType IN ('%s', '%s')", workflows.WorkflowType, workflows.RefundWorkflowType)}
	if f.Stuck {
		conditions = append(conditions, f.Detected.anyStuck())
	}
	if f.StuckOn != "" {
		conditions = append(conditions, "("+f.Detected.stuckOn(f.StuckOn)+")")
	}
	if f.condition != "" {
		conditions = append(conditions, f.condition)
	}
	if f.Open {
		conditions = append(conditions, running)
	}
	if len(f.Statuses) > 0 {
		var names []string
		for _, status := range f.Statuses {
			names = append(names, "'"+quoted(string(status))+"'")
		}
		conditions = append(conditions, fmt.Sprintf("%s IN (%s)", workflows.OrderStatus.GetName(), strings.Join(names, ", ")))
	}
	if f.Store != "" {
		conditions = append(conditions, fmt.Sprintf("%s = '%s'", workflows.Store.GetName(), quoted(f.Store)))
	}
	if !f.Since.IsZero() {
		conditions = append(conditions, fmt.Sprintf("(%s OR CloseTime >= '%s')", running, f.Since.UTC().Format(time.RFC3339)))
	}
	return strings.Join(conditions, " AND ")
}

// quoted makes a value harmless inside single quotes.
func quoted(value string) string { return strings.ReplaceAll(value, "'", "") }

// Listed is an order as a list has it: one run of its workflow, of which an order that
// was reset has several, or of that of a refund after its end.
type Listed struct {
	// ID is that of the workflow: the order's, or that of a refund after its end.
	ID    string
	RunID string
	// Store is the store that makes it.
	Store string
	// Status is [workflows.StatusOpen] of an order that goes on.
	Status  order.Status
	StuckOn []string
	// StuckSince tells since when the order is stuck, by what, of what was detected.
	StuckSince map[string]time.Time
	// Open: the workflow has not ended.
	Open bool
	// EndedEarly: the workflow was ended from outside, has failed or has timed out.
	EndedEarly bool
	// Build is the worker deployment version that the order is on, as
	// "deployment:build"; empty for none.
	Build string
	// PlacedAt is when the workflow was started, or when it was reset.
	PlacedAt time.Time
	// EndedAt is when the workflow ended; zero while it is open.
	EndedAt time.Time
}

// OrderID returns the ID of the order.
func (l Listed) OrderID() string { return workflows.OrderOf(l.ID) }

// MaxListPageSize is how many orders a page of [Client.List] may have: as many as Temporal
// lists at a time.
const MaxListPageSize = 1000

// List returns one page of the orders that pass the filter, the newest first,
// and the token of the next page: nil when this is the last. Its errors are
// CodeUnavailable, and CodeInvalid for a token of another list.
func (c *Client) List(ctx context.Context, f Filter, pageSize int, token []byte) (page []Listed, next []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	response, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: f.query(), PageSize: int32(min(max(pageSize, 1), MaxListPageSize)), NextPageToken: token,
	})
	if refusedStart(err) {
		return nil, nil, &order.Error{Code: order.CodeInvalid, Message: "Temporal refuses to list orders", Err: err}
	}
	if err != nil {
		return nil, nil, asOrderError(err)
	}
	for _, execution := range response.GetExecutions() {
		one := listed(execution)
		f.Detected.mark(&one)
		page = append(page, one)
	}
	return page, response.GetNextPageToken(), nil
}

func listed(execution *workflow.WorkflowExecutionInfo) Listed {
	l := Listed{
		ID:       execution.GetExecution().GetWorkflowId(),
		RunID:    execution.GetExecution().GetRunId(),
		Store:    order.MainStore, // that of an order from before there were several
		Open:     isOpen(execution),
		PlacedAt: execution.GetStartTime().AsTime(),
	}
	l.EndedEarly = !l.Open && execution.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_COMPLETED
	if ended := execution.GetCloseTime(); ended != nil {
		l.EndedAt = ended.AsTime()
	}
	// What cannot be read is not shown: nothing but the workflow and the server set
	// these.
	attributes := execution.GetSearchAttributes().GetIndexedFields()
	readAttribute(attributes[workflows.Store.GetName()], &l.Store)
	readAttribute(attributes[workflows.OrderStatus.GetName()], &l.Status)
	readAttribute(attributes[workerVersion], &l.Build)
	readAttribute(attributes[workflows.StuckOn.GetName()], &l.StuckOn)
	if len(reported(execution)) > 0 {
		l.StuckOn = append(l.StuckOn, StuckOnWorkflow)
	}
	return l
}

// isOpen reports whether a workflow has not ended.
func isOpen(execution *workflow.WorkflowExecutionInfo) bool {
	status := execution.GetStatus()
	return status == enums.WORKFLOW_EXECUTION_STATUS_RUNNING || status == enums.WORKFLOW_EXECUTION_STATUS_PAUSED
}

func (c *Client) count(ctx context.Context, f Filter) (int64, error) {
	return c.countQuery(ctx, f.query())
}

// countQuery fails with CodeInvalid for a query that the server does not
// understand.
func (c *Client) countQuery(ctx context.Context, query string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	response, err := c.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	if refusedStart(err) {
		return 0, &order.Error{Code: order.CodeInvalid, Message: "Temporal refuses to count orders", Err: err}
	}
	return response.GetCount(), asOrderError(err)
}

// readAttribute decodes a search attribute, which is never encrypted. A value that is not
// there, or is of another kind, leaves its destination as it was.
func readAttribute(payload *common.Payload, value any) {
	if payload != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(payload, value) // see above
	}
}

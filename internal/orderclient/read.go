package orderclient

import (
	"context"
	"errors"
	"iter"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// errClosed says that the workflow has ended, so that nobody has to be asked.
var errClosed = &order.Error{Code: order.CodeUnavailable, Message: "the order's workflow answers nobody now"}

// ErrNeverBegun is returned for an order that was terminated before a worker had
// taken it up: nothing was charged, and nobody was told.
var ErrNeverBegun = &order.Error{Code: order.CodeNotFound, Message: "the order was not found: it was ended before it began"}

// Read returns the order as its workflow knows it, or that of its last refund after its end. A
// running workflow is asked, which takes a worker of its build; of a closed one the end is read, as
// [Client.ReadClosed] does. While no worker is there, an order whose payment is undecided is
// read from the request that placed it. Read fails with CodeNotFound or
// CodeUnavailable; the latter wraps a [Failing] when a worker is there and cannot
// go on with the order.
func (c *Client) Read(ctx context.Context, id string) (order.Snapshot, error) {
	s, err := c.query(ctx, id, enums.QUERY_REJECT_CONDITION_NOT_OPEN)
	if errors.Is(err, errClosed) {
		return c.ReadClosed(ctx, id)
	}
	if err == nil {
		return c.refundedLater(ctx, s) // by a workflow of its own, before this one was reset
	}
	if order.ErrorCode(err) != order.CodeUnavailable {
		return s, err
	}
	description, notDescribed := c.describe(ctx, id)
	if notDescribed != nil {
		return s, err
	}
	if pending, notPending := c.readPending(ctx, id); notPending == nil {
		return pending, nil
	}
	return s, c.orFailing(ctx, description, err)
}

// ReadClosed returns an order whose workflow has ended: as its last refund since then has left
// it, if there was one, and otherwise from the event that ended it. No worker is needed, and
// none replays the history. A workflow that has no order as its result, because it was terminated, is asked as a running one is,
// and so is one that is open again, because it was reset; where not even the first
// task of a terminated one was done there never was an order (CodeNotFound).
// ReadClosed fails as [Client.Read] does.
func (c *Client) ReadClosed(ctx context.Context, id string) (order.Snapshot, error) {
	s, err := c.readEnd(ctx, id)
	if err != nil {
		return s, err
	}
	return c.refundedLater(ctx, s)
}

// refundedLater returns the order as the workflow of the refund after those that it has has left
// it, or has it; the order itself when there is none.
func (c *Client) refundedLater(ctx context.Context, s order.Snapshot) (order.Snapshot, error) {
	if s.Charged == 0 && s.Bill().SpentPoints() == 0 || !s.Status.Refundable() {
		return s, nil
	}
	refunded, err := c.Read(ctx, workflows.RefundID(s.ID, s.NextRefund()))
	if order.ErrorCode(err) == order.CodeNotFound {
		return s, nil
	}
	return refunded, err
}

// readEnd returns how a workflow has left its order.
func (c *Client) readEnd(ctx context.Context, id string) (order.Snapshot, error) {
	last, err := c.closeEvent(ctx, id, "")
	if err != nil {
		return order.Snapshot{}, asOrderError(err)
	}
	if s, ok := c.result(last); ok {
		return s, nil
	}
	if isNoOrder(last) {
		return order.Snapshot{}, ErrNeverBegun
	}
	s, err := c.query(ctx, id, enums.QUERY_REJECT_CONDITION_NONE)
	if errors.As(err, new(*serviceerror.WorkflowNotReady)) && last != nil {
		return order.Snapshot{}, ErrNeverBegun
	}
	return s, c.orFailing(ctx, nil, err)
}

// closeEvent returns the event that ended a run of the order's workflow, the current
// one if runID is empty; nil while it is running.
func (c *Client) closeEvent(ctx context.Context, id, runID string) (*history.HistoryEvent, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	const closing = enums.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT
	for event, err := range c.events(ctx, id, runID, closing) {
		return event, err
	}
	return nil, nil
}

// events goes through the events of a run of the order's workflow, the current one
// if runID is empty. What cannot be read ends it, with an error.
func (c *Client) events(
	ctx context.Context, id, runID string, filter enums.HistoryEventFilterType,
) iter.Seq2[*history.HistoryEvent, error] {
	return func(yield func(*history.HistoryEvent, error) bool) {
		events := c.temporal.GetWorkflowHistory(ctx, id, runID, false, filter)
		for events.HasNext() {
			event, err := events.Next()
			if !yield(event, err) || err != nil {
				return
			}
		}
	}
}

func (c *Client) describe(ctx context.Context, id string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	return c.temporal.DescribeWorkflowExecution(ctx, id, "")
}

// IsOpen reports whether the order's workflow has not ended. It fails with
// CodeNotFound and CodeUnavailable.
func (c *Client) IsOpen(ctx context.Context, id string) (bool, error) {
	description, err := c.describe(ctx, id)
	return isOpen(description.GetWorkflowExecutionInfo()), asOrderError(err)
}

// result returns the order that a workflow ended with. There is none in an event
// that is not a workflow's regular end, nor in the end of a workflow that was
// started before orders were results.
func (c *Client) result(last *history.HistoryEvent) (s order.Snapshot, ok bool) {
	result := last.GetWorkflowExecutionCompletedEventAttributes().GetResult()
	if len(result.GetPayloads()) == 0 || c.payloads.FromPayloads(result, &s) != nil {
		return order.Snapshot{}, false
	}
	return s, s.ID != ""
}

// query asks the workflow for its order, and fails with errClosed where the
// condition keeps it from being asked.
func (c *Client) query(ctx context.Context, id string, unless enums.QueryRejectCondition) (s order.Snapshot, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	answer, err := c.temporal.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: id, QueryType: workflows.QueryOrder, QueryRejectCondition: unless,
	})
	if err != nil {
		return order.Snapshot{}, asOrderError(err)
	}
	if answer.QueryRejected != nil {
		return order.Snapshot{}, errClosed
	}
	err = answer.QueryResult.Get(&s)
	return s, asOrderError(err)
}

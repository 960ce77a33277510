package orderclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// refundTries is how often a refund is asked for that meets another one, or whose answer is
// lost: under its number it is made once.
const refundTries = 3

// Refund has lines or an amount of an order given back that is over, under the number of its
// next refund, and returns the order as it is then: maybe without its timeline. The workflow that
// has the order still makes the refund itself; otherwise the refund has a workflow of its own,
// which takes the order as the last one has left it, or as the input has it when Temporal has
// forgotten that. The same refund that is asked for again, and one that is the same under the
// same number, succeeds and changes nothing.
//
// Refund fails with CodeTooEarly or CodeTooLate and the order's status, with CodeRefundPending
// when another refund was asked for first, with CodeInvalid and the field to blame, and with
// CodeUnavailable when nobody can tell: it may be asked for again then, under the same command ID.
func (c *Client) Refund(ctx context.Context, in workflows.Refund) (s order.Snapshot, err error) {
	ctx, cancel := context.WithTimeout(ctx, actTimeout)
	defer cancel()
	for range refundTries {
		var again bool
		if s, again, err = c.refundOnce(ctx, in); !again {
			break
		}
	}
	return s, err
}

// refundOnce is Refund; again says that somebody else may have been first, so that it is worth
// another look.
func (c *Client) refundOnce(ctx context.Context, in workflows.Refund) (s order.Snapshot, again bool, err error) {
	latest, err := c.latestWorkflow(ctx, in.Order.ID, in.GiveBack.Refund)
	switch {
	case err == nil && latest.order.NextRefund() < in.Order.NextRefund():
		return order.Snapshot{}, false, &order.Error{Code: order.CodeUnavailable, Message: "the workflow that has the order knows fewer refunds than the read model"}
	case order.ErrorCode(err) == order.CodeNotFound:
	case err != nil:
		return order.Snapshot{}, false, err
	case in.Order.Erased:
		in.Order = latest.order.Anonymized()
	default:
		in.Order = latest.order
	}
	o, event := order.Restore(in.Order, in.Terms.PointsRate), in.GiveBack.Event()
	if o.Repeats(event) {
		return o.Snapshot(), false, nil
	}
	if err := in.Order.CheckRefundTime(time.Now()); err != nil {
		return order.Snapshot{}, false, err
	}
	if latest.open {
		s, err := c.update(ctx, latest.id, workflows.UpdateRefund, in.GiveBack)
		if order.ErrorCode(err) == order.CodeUnchanged {
			return in.Order, false, nil
		}
		return s, order.ErrorCode(err) == order.CodeNotFound, notEnded(err)
	}
	if err := o.Apply(event, time.Now()); err != nil {
		return order.Snapshot{}, false, err
	}
	err = c.startRefund(ctx, in)
	return o.Snapshot(), err != nil && !refusedStart(err), asOrderError(err)
}

// notEnded turns the answer that a workflow has ended meanwhile into one that may be tried again.
func notEnded(err error) error {
	if order.ErrorCode(err) == order.CodeNotFound {
		return &order.Error{Code: order.CodeUnavailable, Message: "the order's workflow has just ended", Err: err}
	}
	return err
}

// startRefund starts the refund's workflow, unless there is one under its number. One that ended
// before it began, because it was terminated, is in nobody's way.
func (c *Client) startRefund(ctx context.Context, in workflows.Refund) error {
	_, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       workflows.RefundID(in.Order.ID, in.GiveBack.Refund),
		TaskQueue:                                workflows.TaskQueueOrders,
		WorkflowTaskTimeout:                      workflows.WorkflowTaskTimeout,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            fmt.Sprintf("Refund %d of the order", in.GiveBack.Refund),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.Store.ValueSet(in.Order.StoreOrMain()), workflows.OrderStatus.ValueSet(workflows.StatusOpen)),
	}, workflows.RefundWorkflow, in)
	return err
}

// workflowState is a workflow of an order, its own or that of a refund, and the order as it has
// it, or has left it.
type workflowState struct {
	id    string
	order order.Snapshot
	open  bool
}

// latestWorkflow returns the workflow that has the order, or had it last; CodeNotFound when
// Temporal has forgotten all of them. That of the refund of that number is asked first, then
// those before it, and the order's own last.
func (c *Client) latestWorkflow(ctx context.Context, orderID string, number int) (workflowState, error) {
	for ; number > 0; number-- {
		found, err := c.workflowState(ctx, workflows.RefundID(orderID, number))
		if order.ErrorCode(err) != order.CodeNotFound {
			return found, err
		}
	}
	return c.workflowState(ctx, orderID)
}

func (c *Client) workflowState(ctx context.Context, id string) (w workflowState, err error) {
	w = workflowState{id: id, open: true}
	w.order, err = c.query(ctx, id, enums.QUERY_REJECT_CONDITION_NOT_OPEN)
	if errors.Is(err, errClosed) {
		w.open = false
		w.order, err = c.readEnd(ctx, id)
	}
	return w, err
}

// AtWork returns the ID of the workflow that an operator means by the order's: that of a refund
// which is under way, or was ended from outside, and otherwise the order's own. It goes by what
// Temporal's visibility knows.
func (c *Client) AtWork(ctx context.Context, id string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	found, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query:    fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus != 'Completed' AND WorkflowId STARTS_WITH '%s/'", workflows.RefundWorkflowType, quoted(id)),
		PageSize: 1,
	})
	if err != nil || len(found.GetExecutions()) == 0 {
		return id, asOrderError(err)
	}
	return found.GetExecutions()[0].GetExecution().GetWorkflowId(), nil
}

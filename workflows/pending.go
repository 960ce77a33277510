package workflows

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/cafeforme/cafeforme/order"
)

// readPending returns an order whose workflow cannot answer, because no worker
// is there, as it was placed: the server knows that it has not come further. It
// fails when the order has.
func (c *Client) readPending(
	ctx context.Context, description *workflowservice.DescribeWorkflowExecutionResponse,
) (order.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	id := description.GetWorkflowExecutionInfo().GetExecution().GetWorkflowId()
	if status := listed(description.GetWorkflowExecutionInfo()).Status; status != order.PaymentPending {
		return order.Snapshot{}, fmt.Errorf("order %s is %q", id, status)
	}
	events := c.temporal.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	started, err := events.Next()
	if err != nil {
		return order.Snapshot{}, fmt.Errorf("read how order %s was placed: %w", id, err)
	}
	var placement order.Placement
	input := started.GetWorkflowExecutionStartedEventAttributes().GetInput()
	if err := c.payloads.FromPayloads(input, &placement); err != nil {
		return order.Snapshot{}, fmt.Errorf("decode how order %s was placed: %w", id, err)
	}
	placed, err := order.New(placement, started.GetEventTime().AsTime())
	if err != nil {
		return order.Snapshot{}, err
	}
	return placed.Snapshot(), nil
}

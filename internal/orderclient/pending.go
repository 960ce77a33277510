package orderclient

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
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
	for started, err := range c.events(ctx, id, "", enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT) {
		if err != nil {
			return order.Snapshot{}, fmt.Errorf("read how order %s was placed: %w", id, err)
		}
		placement, err := c.placement(started)
		if err != nil {
			return order.Snapshot{}, err
		}
		placed, err := order.New(placement, started.GetEventTime().AsTime())
		if err != nil {
			return order.Snapshot{}, err
		}
		return placed.Snapshot(), nil
	}
	return order.Snapshot{}, fmt.Errorf("order %s has no history", id)
}

// placement returns how an order was placed, from the event that its workflow
// started with.
func (c *Client) placement(started *history.HistoryEvent) (p order.Placement, err error) {
	input := started.GetWorkflowExecutionStartedEventAttributes().GetInput()
	if err := c.payloads.FromPayloads(input, &p); err != nil {
		return order.Placement{}, fmt.Errorf("decode how the order was placed: %w", err)
	}
	return p, nil
}

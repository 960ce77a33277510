package orderclient

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"

	"github.com/cafeforme/cafeforme/order"
)

// readPending returns an order whose workflow cannot answer, because no worker is there,
// as it was placed: its history tells that the outcome of the payment is not known yet. It
// fails when that cannot be said.
func (c *Client) readPending(ctx context.Context, id string) (order.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var placed order.Snapshot
	charge := lastCharge{undecided: true}
	for event, err := range c.events(ctx, id, "", enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT) {
		if err != nil {
			return order.Snapshot{}, fmt.Errorf("read the history of order %s: %w", id, err)
		}
		if event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED {
			if placed, err = c.placed(event); err != nil {
				return order.Snapshot{}, err
			}
		}
		charge.add(c, event)
	}
	if placed.ID == "" || !charge.undecided {
		return order.Snapshot{}, fmt.Errorf("order %s may have been paid", id)
	}
	return placed, nil
}

// lastCharge is what a history tells of the last charge of an order.
type lastCharge struct {
	// scheduled is the event that has asked for it.
	scheduled int64
	// undecided: it has not ended, or the customer has to act for it.
	undecided bool
}

// add goes on with the next event.
func (l *lastCharge) add(c *Client, event *history.HistoryEvent) {
	var ended int64
	var waits bool
	switch event.GetEventType() {
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		if event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == chargeActivity {
			l.scheduled, l.undecided = event.GetEventId(), true
		}
		return
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		var result order.ChargeResult
		completed := event.GetActivityTaskCompletedEventAttributes()
		ended = completed.GetScheduledEventId()
		waits = c.payloads.FromPayloads(completed.GetResult(), &result) == nil && result.Action != nil
	case enums.EVENT_TYPE_ACTIVITY_TASK_FAILED:
		ended = event.GetActivityTaskFailedEventAttributes().GetScheduledEventId()
	case enums.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
		ended = event.GetActivityTaskTimedOutEventAttributes().GetScheduledEventId()
	case enums.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
		ended = event.GetActivityTaskCanceledEventAttributes().GetScheduledEventId()
	default:
		return
	}
	if ended == l.scheduled {
		l.undecided = waits
	}
}

// placed returns the order as it was placed, from the event that its workflow started with.
func (c *Client) placed(started *history.HistoryEvent) (order.Snapshot, error) {
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

// placement returns how an order was placed, from the event that its workflow
// started with.
func (c *Client) placement(started *history.HistoryEvent) (p order.Placement, err error) {
	input := started.GetWorkflowExecutionStartedEventAttributes().GetInput()
	if err := c.payloads.FromPayloads(input, &p); err != nil {
		return order.Placement{}, fmt.Errorf("decode how the order was placed: %w", err)
	}
	return p, nil
}

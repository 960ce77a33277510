package orderclient

import (
	"context"
	"errors"
	"maps"
	"slices"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"

	"github.com/cafeforme/cafeforme/order"
)

// endedEarlyStatuses are the ends that an order's workflow never comes to by itself.
const endedEarlyStatuses = "'Terminated', 'Failed', 'TimedOut', 'Canceled'"

// endedEarly finds the runs that ended before they were done and that were not
// reset since. A run that has ended changes no more, so each is looked into once;
// whether it was reset has to be asked again.
func (d *Detector) endedEarly(ctx context.Context) (runs, error) {
	found := runs{}
	seen := map[string]bool{}
	var token []byte
	for {
		page, next, err := d.client.List(ctx, Filter{condition: "ExecutionStatus IN (" + endedEarlyStatuses + ")"}, MaxListPageSize, token)
		if err != nil {
			return nil, err
		}
		for _, l := range page {
			seen[l.RunID] = true
		}
		if err := d.addUndone(ctx, page, found); err != nil {
			return nil, err
		}
		if token = next; len(token) == 0 || len(found) >= detectable {
			break
		}
	}
	if len(token) == 0 { // all were seen, so that Temporal has forgotten the others
		for id := range d.undone {
			if !seen[id] {
				delete(d.undone, id)
			}
		}
	}
	return found, nil
}

// addUndone adds those of the runs that have left something undone.
func (d *Detector) addUndone(ctx context.Context, page []Listed, found runs) error {
	known := maps.Clone(d.undone)
	done := func(l Listed) bool {
		undone, looked := known[l.RunID]
		return looked && !undone
	}
	return each(ctx, slices.DeleteFunc(page, done), func(ctx context.Context, l Listed) (func(), error) {
		_, looked := known[l.RunID]
		undone, certain, err := d.leftUndone(ctx, l, looked)
		return func() {
			if certain {
				d.undone[l.RunID] = undone
			}
			if undone {
				found[l.RunID] = l.EndedAt
			}
		}, err
	})
}

// leftUndone reports whether an order is kept from going on because this run of
// its workflow has ended, and whether that is certain: where no worker answers for
// the order, its status has to do. An order that was terminated before a worker
// had taken it up has nothing to go on with; neither has one that is over, with
// its money where it belongs, although a text or points may be missing.
func (d *Detector) leftUndone(ctx context.Context, l Listed, known bool) (undone, certain bool, err error) {
	current, err := d.client.describe(ctx, l.ID)
	switch {
	case err != nil:
		return false, false, err
	case current.GetWorkflowExecutionInfo().GetExecution().GetRunId() != l.RunID:
		return false, true, nil // it was reset
	case known:
		return true, true, nil
	}
	switch last, err := d.client.closeEvent(ctx, l.ID, l.RunID); {
	case err != nil: // its history cannot be read
		return true, false, nil //nolint:nilerr // it is listed, and looked into again
	case isNoOrder(last):
		return false, true, nil
	}
	if task, err := d.client.lastTask(ctx, l.ID, l.RunID); err == nil && task == 0 {
		return false, true, nil // no worker had taken it up
	}
	s, err := d.client.ReadClosed(ctx, l.ID)
	if errors.Is(err, ErrNeverBegun) {
		return false, true, nil
	}
	certain = err == nil
	if !certain { // its status tells what can be told
		s = order.Snapshot{Status: l.Status}
	}
	return !settled(s), certain, nil
}

// isNoOrder reports that the event has ended a workflow that never was an order: it
// was refused because its ID is not its order's.
func isNoOrder(last *history.HistoryEvent) bool {
	failed := last.GetWorkflowExecutionFailedEventAttributes().GetFailure().GetApplicationFailureInfo()
	return failed.GetType() == string(order.CodeInvalid)
}

// settled reports whether an order is over, and its money where it belongs.
func settled(s order.Snapshot) bool {
	refunded := s.Refund != nil && s.Refund.Status == order.Refunded
	switch s.Status {
	case order.PickedUp, order.Unclaimed:
		return s.Refund == nil || refunded
	case order.Rejected, order.Cancelled, order.Expired:
		return refunded || s.Refund == nil && s.Version > 0
	case order.PaymentFailed: // a payment may still be there to be voided
		return refunded
	default:
		return false
	}
}

// lastTask returns the event of the last workflow task that was completed in the
// run; 0 if none was.
func (c *Client) lastTask(ctx context.Context, id, runID string) (last int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	for event, err := range c.events(ctx, id, runID, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT) {
		if err != nil {
			return 0, err
		}
		if event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			last = event.GetEventId()
		}
	}
	return last, nil
}

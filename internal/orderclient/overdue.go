package orderclient

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// overdueAfter is how long after its deadline an order is overdue: a worker that was
// killed with its task, or a server that starts again, is no reason.
const overdueAfter = 15 * time.Second

// overdue finds the running orders that are in a status for longer than their
// deadline allows. Their histories tell when they came to it and under which terms:
// neither a worker nor the database is needed. While few orders are open all of them
// are looked at; of very many, those that are overdue under the terms of new orders.
func (d *Detector) overdue(ctx context.Context, now time.Time) (runs, error) {
	early := order.Terms{}
	candidates, next, err := d.client.List(ctx, Filter{Open: true, condition: waitingSince(now, early)}, detectable, nil)
	if err == nil && len(next) > 0 {
		candidates, _, err = d.client.List(ctx, Filter{Open: true, condition: waitingSince(now, d.terms)}, detectable, nil)
	}
	if err != nil {
		return nil, err
	}
	due, err := d.deadlines(ctx, candidates)
	if err != nil {
		return nil, err
	}
	d.due = due // what is listed no more is forgotten
	found := runs{}
	for _, l := range candidates {
		if deadline, known := due[dueKey(l)]; known && now.Sub(deadline) > overdueAfter {
			found[l.RunID] = deadline
		}
	}
	return found, nil
}

// waitingSince finds the orders in a status with a deadline that were placed long
// enough ago to be overdue under the terms.
func waitingSince(now time.Time, terms order.Terms) string {
	var either []string
	for _, status := range []order.Status{order.PaymentPending, order.Paid, order.Ready} {
		within, _ := allowed(terms, status)
		either = append(either, fmt.Sprintf("(%s = '%s' AND StartTime < '%s')",
			workflows.OrderStatus.GetName(), status, now.Add(-within-overdueAfter).UTC().Format(time.RFC3339Nano)))
	}
	return "(" + strings.Join(either, " OR ") + ")"
}

// allowed returns how long an order may be in the status, and false for as long as
// it takes.
func allowed(terms order.Terms, status order.Status) (time.Duration, bool) {
	switch status {
	case order.PaymentPending:
		return terms.PayWithin, true
	case order.Paid:
		return terms.AcceptWithin, true
	case order.Ready:
		return terms.PickupWithin, true
	default:
		return 0, false
	}
}

// dueKey names a run in a status.
func dueKey(l Listed) string { return l.RunID + " " + string(l.Status) }

// deadlines returns the deadlines of these orders in their status. Those that are
// known already cost nothing.
func (d *Detector) deadlines(ctx context.Context, orders []Listed) (map[string]time.Time, error) {
	due := map[string]time.Time{}
	unknown := slices.DeleteFunc(slices.Clone(orders), func(l Listed) bool {
		deadline, known := d.due[dueKey(l)]
		if known {
			due[dueKey(l)] = deadline
		}
		return known
	})
	return due, each(ctx, unknown, func(ctx context.Context, l Listed) (func(), error) {
		m, err := d.client.milestones(ctx, l, d.terms)
		return func() {
			if deadline, has := m.deadline(l.Status); has {
				due[dueKey(l)] = deadline
			}
		}, err
	})
}

// milestones is what a history tells of an order's deadlines.
type milestones struct {
	terms order.Terms
	// taken is when a worker took the order up, or when it was placed while none has.
	taken time.Time
	// entered is when the order came to the statuses that it can be searched by.
	entered map[order.Status]time.Time
}

// deadline returns when the order has to leave the status. There is none for a
// status that it has no more, or that has no deadline.
func (m milestones) deadline(status order.Status) (time.Time, bool) {
	within, limited := allowed(m.terms, status)
	since, entered := m.entered[status]
	if status == order.PaymentPending {
		since, entered = m.taken, true
	}
	return since.Add(within), limited && entered
}

// milestones reads the history of a listed order. The terms stand in for those of an
// order that was placed with an encryption key which is not here.
func (c *Client) milestones(ctx context.Context, l Listed, terms order.Terms) (milestones, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	m := milestones{terms: terms, entered: map[order.Status]time.Time{}}
	var started time.Time
	begun := false
	for event, err := range c.events(ctx, l.ID, l.RunID, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT) {
		if err != nil {
			return milestones{}, err
		}
		at := event.GetEventTime().AsTime()
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
			m.taken = at
			if placed, err := c.placement(event); err == nil {
				m.terms = placed.Terms
			}
		case enums.EVENT_TYPE_WORKFLOW_TASK_STARTED:
			started = at
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			if !begun {
				m.taken, begun = started, true
			}
		case enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
			if status, ok := upserted(event); ok {
				m.entered[status] = at
			}
		default:
		}
	}
	return m, nil
}

// upserted returns the status that an event makes the order searchable by.
func upserted(event *history.HistoryEvent) (status order.Status, ok bool) {
	payload := event.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes().GetIndexedFields()[workflows.OrderStatus.GetName()]
	return status, plain(payload, &status) && status != ""
}

// plain decodes a search attribute, which is never encrypted.
func plain(payload *common.Payload, value any) bool {
	return payload != nil && converter.GetDefaultDataConverter().FromPayload(payload, value) == nil
}

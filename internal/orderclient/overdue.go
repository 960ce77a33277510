package orderclient

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// overdueAfter is how long after its deadline an order is overdue: a worker that was
	// killed with its task, or a server that starts again, is no reason.
	overdueAfter = 15 * time.Second
	// nextLookAfter is when a run is looked at again that waits for people alone.
	nextLookAfter = 5 * time.Minute
	// manyPages bounds the pages of open orders that one look goes through.
	manyPages = 20
)

// deadline is what a [Detector] knows of a run: when the server wakes it up next, or has
// woken it up although nobody has taken that up.
type deadline struct {
	at     time.Time
	missed bool
}

// overdue finds the running orders that have not done what their deadline demands. The
// server keeps deadlines as timers and time-outs, and writes into the history that one has
// come: neither a worker nor the database is needed. Each history is read when the order is
// new to the detector, and when the next deadline that it tells of has come. While few
// orders are open all of them are looked at at once; of very many, those that are older than
// a new order's time to pay, which is the first of its deadlines.
func (d *Detector) overdue(ctx context.Context, now time.Time) (runs, error) {
	candidates, all, err := d.openBefore(ctx, now.Add(-overdueAfter), 1)
	if err == nil && !all {
		candidates, _, err = d.openBefore(ctx, now.Add(-overdueAfter-d.terms.PayWithin), manyPages)
	}
	if err != nil {
		return nil, err
	}
	if d.due, err = d.deadlines(ctx, candidates, now); err != nil { // what is listed no more is forgotten
		return nil, err
	}
	found := runs{}
	for runID, known := range d.due {
		if known.missed && now.Sub(known.at) > overdueAfter {
			found[runID] = known.at
		}
	}
	return found, nil
}

// openBefore returns the open orders that were placed before then, as far as they are on
// so many pages, and whether these are all.
func (d *Detector) openBefore(ctx context.Context, then time.Time, pages int) (open []Listed, all bool, err error) {
	condition := placedBefore(then)
	var token []byte
	for range pages {
		page, next, err := d.client.List(ctx, Filter{Open: true, condition: condition}, detectable, token)
		if err != nil {
			return nil, false, err
		}
		open = append(open, page...)
		if token = next; len(token) == 0 {
			return open, true, nil
		}
	}
	return open, false, nil
}

// placedBefore finds the orders that were placed before then.
func placedBefore(then time.Time) string {
	return fmt.Sprintf("StartTime < '%s'", then.UTC().Format(time.RFC3339Nano))
}

// deadlines returns the deadlines of these orders. Those that are known, and have not come
// yet, cost nothing.
func (d *Detector) deadlines(ctx context.Context, orders []Listed, now time.Time) (map[string]deadline, error) {
	due := map[string]deadline{}
	unknown := slices.DeleteFunc(slices.Clone(orders), func(l Listed) bool {
		known, ok := d.due[l.RunID]
		if ok {
			due[l.RunID] = known
		}
		return ok && now.Sub(known.at) <= overdueAfter
	})
	return due, each(ctx, unknown, func(ctx context.Context, l Listed) (func(), error) {
		found, err := d.client.deadlineOf(ctx, l, d.terms, now)
		return func() { due[l.RunID] = found }, err
	})
}

// deadlineOf reads the history of a listed order. The terms stand in for those of an
// order that was placed with an encryption key which is not here.
func (c *Client) deadlineOf(ctx context.Context, l Listed, terms order.Terms, now time.Time) (deadline, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	w := wakeUps{to: map[int64]time.Time{}}
	for event, err := range c.events(ctx, l.ID, l.RunID, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT) {
		if err != nil {
			return deadline{}, err
		}
		if event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED {
			if placed, err := c.placement(event); err == nil {
				terms = placed.Terms
			}
			w.started = event.GetEventTime().AsTime()
		}
		w.add(event)
	}
	return w.deadline(terms, now), nil
}

// chargeActivity takes the customer's money; the order has to be paid when its time is up.
const chargeActivity = "Charge"

// wakeUps is what a history tells of when the server wakes a workflow up because of a
// deadline.
type wakeUps struct {
	started time.Time
	// begun: a worker has taken the order up.
	begun bool
	// to are the times of the deadlines to come, by the event that set each.
	to map[int64]time.Time
	// missed is the first that has come and that no worker has taken up; zero for none.
	missed time.Time
}

// add goes on with the next event.
func (w *wakeUps) add(event *history.HistoryEvent) {
	at := event.GetEventTime().AsTime()
	switch event.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
		w.begun, w.missed = true, time.Time{}
	case enums.EVENT_TYPE_TIMER_STARTED:
		w.to[event.GetEventId()] = at.Add(event.GetTimerStartedEventAttributes().GetStartToFireTimeout().AsDuration())
	case enums.EVENT_TYPE_TIMER_FIRED:
		w.came(event.GetTimerFiredEventAttributes().GetStartedEventId(), at)
	case enums.EVENT_TYPE_TIMER_CANCELED:
		delete(w.to, event.GetTimerCanceledEventAttributes().GetStartedEventId())
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled.GetActivityType().GetName() == chargeActivity {
			w.to[event.GetEventId()] = at.Add(scheduled.GetScheduleToCloseTimeout().AsDuration())
		}
	case enums.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
		w.came(event.GetActivityTaskTimedOutEventAttributes().GetScheduledEventId(), at)
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		delete(w.to, event.GetActivityTaskCompletedEventAttributes().GetScheduledEventId())
	case enums.EVENT_TYPE_ACTIVITY_TASK_FAILED:
		delete(w.to, event.GetActivityTaskFailedEventAttributes().GetScheduledEventId())
	case enums.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
		delete(w.to, event.GetActivityTaskCanceledEventAttributes().GetScheduledEventId())
	default:
	}
}

// came says that the timer or time-out, which the event has set, has come.
func (w *wakeUps) came(event int64, at time.Time) {
	if _, known := w.to[event]; known && w.missed.IsZero() {
		w.missed = at
	}
	delete(w.to, event)
}

// deadline returns the deadline that was missed, or the next. An order that no worker has
// taken up has to be paid for; whatever waits for people alone is looked at again.
func (w *wakeUps) deadline(terms order.Terms, now time.Time) deadline {
	switch {
	case !w.begun:
		return deadline{at: w.started.Add(terms.PayWithin), missed: true}
	case !w.missed.IsZero():
		return deadline{at: w.missed, missed: true}
	}
	next := deadline{at: now.Add(nextLookAfter)}
	for _, at := range w.to {
		if at.Before(next.at) {
			next = deadline{at: at, missed: now.Sub(at) > overdueAfter} // somebody has stopped the clock
		}
	}
	return next
}

package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"
)

// errUnwanted ends an effect that was withdrawn, or became pointless, before it was
// delivered.
var errUnwanted = errors.New("the effect is no longer wanted")

// effect is one thing that has to happen in the outside world, once, because of
// a change of the order.
type effect struct {
	// attempt tries the effect for one window of retries.
	attempt func(ctx workflow.Context, window time.Duration) error
	// pointless reports that the effect would come too late to mean anything.
	// Optional.
	pointless func() bool
	// onDropped is told why the effect was not delivered: errUnwanted, or the refusal
	// that will never change. Optional: a refused effect without it waits for
	// an operator.
	onDropped func(ctx workflow.Context, err error)
	// expires returns when the effect is given up; the zero time for never.
	// Optional.
	expires func() time.Time
	// alarmedOnce: a provider that is misconfigured is one alarm for all orders, and
	// makes none of them stuck.
	alarmedOnce bool
	// withdrawn: the effect is no longer wanted.
	withdrawn bool
}

// over reports that the effect needs no further attempt.
func (e *effect) over(now time.Time) bool {
	return e.withdrawn || (e.pointless != nil && e.pointless()) || e.left(now) <= 0
}

// left returns how long the effect is still tried.
func (e *effect) left(now time.Time) time.Duration {
	if e.expires == nil || e.expires().IsZero() {
		return longestWindow
	}
	return e.expires().Sub(now)
}

// deliveryQueue delivers the effects of one destination, in order, each for as long as
// it takes. Queues are independent: a dead SMS provider holds up texts alone.
type deliveryQueue struct {
	run  *orderRun
	name string
	// stuckAfter is how long an effect may fail before the order is stuck.
	stuckAfter time.Duration
	// effects are those to come; the first is under way.
	effects []*effect
	// cancelAttempt ends the attempt under way; nil between attempts.
	cancelAttempt workflow.CancelFunc
	// nudged: an operator wants the effect under way tried again now.
	nudged bool
	stuck  bool
}

func newDeliveryQueue(r *orderRun, name string) *deliveryQueue {
	return &deliveryQueue{run: r, name: name, stuckAfter: stuckAfter(r.terms, name)}
}

func (q *deliveryQueue) idle() bool { return len(q.effects) == 0 }

// add queues an effect, and starts to deliver when the queue was idle.
func (q *deliveryQueue) add(e *effect) {
	q.effects = append(q.effects, e)
	if len(q.effects) == 1 {
		workflow.GoNamed(q.run.ctx, q.name, q.drain)
	}
	q.run.describe(q.run.ctx)
}

// drain delivers the queue. A queue that was stuck stays so until something came
// through, or nothing is left: a text that is skipped does not mend a provider.
// Becoming healthy is news for the read model, so it comes before the effect
// leaves the queue: the projection's own queue then has a next one to take it.
func (q *deliveryQueue) drain(ctx workflow.Context) {
	for len(q.effects) > 0 {
		err := q.deliver(ctx, q.effects[0])
		if err != nil && q.effects[0].onDropped != nil {
			q.effects[0].onDropped(ctx, err)
		}
		if errors.Is(err, errUnwanted) {
			countSkipped(ctx, q.name)
		}
		if err == nil || len(q.effects) == 1 {
			q.setStuck(ctx, false)
		}
		q.effects = q.effects[1:]
	}
	q.run.describe(ctx)
}

// deliver tries one effect until it is delivered (nil), over (errUnwanted), or
// refused for good.
func (q *deliveryQueue) deliver(ctx workflow.Context, e *effect) error {
	since := workflow.Now(ctx)
	for !e.over(workflow.Now(ctx)) {
		start := workflow.Now(ctx)
		window := min(nextWindow(start.Sub(since), q.stuckAfter), max(e.left(start), shortestPause))
		err := q.try(ctx, e, window)
		if err == nil {
			return nil
		}
		next := pauseAfter(workflow.Now(ctx), start.Add(window), effectRetries, err)
		switch {
		case isPermanent(err) && e.onDropped != nil:
			return err
		case isPermanent(err):
			q.setStuck(ctx, true)
			q.run.await(ctx, func() bool { return q.nudged || e.over(workflow.Now(ctx)) })
		case e.alarmedOnce && isMisconfigured(err):
			q.pause(ctx, e, next)
		default:
			q.rest(ctx, e, since.Add(q.stuckAfter), next)
		}
	}
	return errUnwanted
}

// try runs one window of attempts, which [deliveryQueue.interrupt] can end.
func (q *deliveryQueue) try(ctx workflow.Context, e *effect, window time.Duration) error {
	q.nudged = false
	attemptCtx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	q.cancelAttempt = cancel
	defer func() { q.cancelAttempt = nil }()
	return e.attempt(attemptCtx, window)
}

// rest pauses until the next round, and makes the order stuck once the effect has
// been failing for too long.
func (q *deliveryQueue) rest(ctx workflow.Context, e *effect, stuckAt, next time.Time) {
	if stuckAt.Before(next) {
		q.pause(ctx, e, stuckAt)
	} else {
		q.pause(ctx, e, next)
	}
	if !workflow.Now(ctx).Before(stuckAt) {
		q.setStuck(ctx, true)
	}
	q.pause(ctx, e, next)
}

// pause leaves the effect alone until then, or until somebody wants it tried now, or
// not any more.
func (q *deliveryQueue) pause(ctx workflow.Context, e *effect, until time.Time) {
	now := workflow.Now(ctx)
	within := min(until.Sub(now), e.left(now))
	q.run.awaitWithin(ctx, within, "Try again", func() bool { return q.nudged || e.over(workflow.Now(ctx)) })
}

// interrupt ends the attempt under way. The queue then looks at its effect
// again: it drops it when it is over, and starts afresh when it is not.
func (q *deliveryQueue) interrupt() {
	if q.cancelAttempt != nil {
		q.cancelAttempt()
	}
}

// nudge has the effect under way tried again now.
func (q *deliveryQueue) nudge() {
	q.nudged = true
	q.interrupt()
}

// withdrawAll drops every effect that is queued or under way, unless its last
// attempt comes through.
func (q *deliveryQueue) withdrawAll() {
	for _, e := range q.effects {
		e.withdrawn = true
	}
	q.interrupt()
}

// withdrawNext drops the first effect that is still wanted.
func (q *deliveryQueue) withdrawNext() {
	for i, e := range q.effects {
		if e.withdrawn {
			continue
		}
		e.withdrawn = true
		if i == 0 {
			q.interrupt()
		}
		return
	}
}

// dropPointless drops the effect under way when it has become pointless; the
// queued ones are looked at in their turn.
func (q *deliveryQueue) dropPointless() {
	if len(q.effects) > 0 && q.effects[0].over(workflow.Now(q.run.ctx)) {
		q.interrupt()
	}
}

// setStuck makes the order's being stuck on this queue visible, or no longer.
func (q *deliveryQueue) setStuck(ctx workflow.Context, stuck bool) {
	if q.stuck == stuck {
		return
	}
	q.stuck = stuck
	q.run.publishStuck(ctx)
}

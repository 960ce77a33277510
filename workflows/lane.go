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

// lane delivers the effects of one destination, in order, each for as long as
// it takes. Lanes are independent: a dead SMS provider holds up texts alone.
type lane struct {
	run  *orderRun
	name string
	// stuckAfter is how long an effect may fail before the order is stuck.
	stuckAfter time.Duration
	// queue holds the effects to come; the first is under way.
	queue []*effect
	// cancelAttempt ends the attempt under way; nil between attempts.
	cancelAttempt workflow.CancelFunc
	// nudged: an operator wants the effect under way tried again now.
	nudged bool
	stuck  bool
}

func newLane(r *orderRun, name string) *lane {
	return &lane{run: r, name: name, stuckAfter: stuckAfter(r.terms, name)}
}

func (l *lane) idle() bool { return len(l.queue) == 0 }

// add queues an effect, and starts to deliver when the lane was idle.
func (l *lane) add(e *effect) {
	l.queue = append(l.queue, e)
	if len(l.queue) == 1 {
		workflow.GoNamed(l.run.ctx, l.name, l.drain)
	}
	l.run.describe(l.run.ctx)
}

// drain delivers the queue. A lane that was stuck stays so until something came
// through, or nothing is left: a text that is skipped does not mend a provider.
// Becoming healthy is news for the read model, so it comes before the effect
// leaves the queue: the projection's own lane then has a next one to take it.
func (l *lane) drain(ctx workflow.Context) {
	for len(l.queue) > 0 {
		err := l.deliver(ctx, l.queue[0])
		if err != nil && l.queue[0].onDropped != nil {
			l.queue[0].onDropped(ctx, err)
		}
		if errors.Is(err, errUnwanted) {
			skipped(ctx, l.name)
		}
		if err == nil || len(l.queue) == 1 {
			l.setStuck(ctx, false)
		}
		l.queue = l.queue[1:]
	}
	l.run.describe(ctx)
}

// deliver tries one effect until it is delivered (nil), over (errUnwanted), or
// refused for good.
func (l *lane) deliver(ctx workflow.Context, e *effect) error {
	since := workflow.Now(ctx)
	for !e.over(workflow.Now(ctx)) {
		start := workflow.Now(ctx)
		window := min(nextWindow(start.Sub(since), l.stuckAfter), max(e.left(start), shortestPause))
		err := l.try(ctx, e, window)
		if err == nil {
			return nil
		}
		next := pauseAfter(workflow.Now(ctx), start.Add(window), effectRetries, err)
		switch {
		case isPermanent(err) && e.onDropped != nil:
			return err
		case isPermanent(err):
			l.setStuck(ctx, true)
			l.run.await(ctx, func() bool { return l.nudged || e.over(workflow.Now(ctx)) })
		case e.alarmedOnce && isMisconfigured(err):
			l.pause(ctx, e, next)
		default:
			l.rest(ctx, e, since.Add(l.stuckAfter), next)
		}
	}
	return errUnwanted
}

// try runs one window of attempts, which [lane.interrupt] can end.
func (l *lane) try(ctx workflow.Context, e *effect, window time.Duration) error {
	l.nudged = false
	attemptCtx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	l.cancelAttempt = cancel
	defer func() { l.cancelAttempt = nil }()
	return e.attempt(attemptCtx, window)
}

// rest pauses until the next round, and makes the order stuck once the effect has
// been failing for too long.
func (l *lane) rest(ctx workflow.Context, e *effect, stuckAt, next time.Time) {
	if stuckAt.Before(next) {
		l.pause(ctx, e, stuckAt)
	} else {
		l.pause(ctx, e, next)
	}
	if !workflow.Now(ctx).Before(stuckAt) {
		l.setStuck(ctx, true)
	}
	l.pause(ctx, e, next)
}

// pause leaves the effect alone until then, or until somebody wants it tried now, or
// not any more.
func (l *lane) pause(ctx workflow.Context, e *effect, until time.Time) {
	now := workflow.Now(ctx)
	within := min(until.Sub(now), e.left(now))
	l.run.awaitWithin(ctx, within, "Try again", func() bool { return l.nudged || e.over(workflow.Now(ctx)) })
}

// interrupt ends the attempt under way. The lane then looks at its effect
// again: it drops it when it is over, and starts afresh when it is not.
func (l *lane) interrupt() {
	if l.cancelAttempt != nil {
		l.cancelAttempt()
	}
}

// nudge has the effect under way tried again now.
func (l *lane) nudge() {
	l.nudged = true
	l.interrupt()
}

// withdrawAll drops every effect that is queued or under way, unless its last
// attempt comes through.
func (l *lane) withdrawAll() {
	for _, e := range l.queue {
		e.withdrawn = true
	}
	l.interrupt()
}

// withdrawNext drops the first effect that is still wanted.
func (l *lane) withdrawNext() {
	for i, e := range l.queue {
		if e.withdrawn {
			continue
		}
		e.withdrawn = true
		if i == 0 {
			l.interrupt()
		}
		return
	}
}

// dropPointless drops the effect under way when it has become pointless; the
// queued ones are looked at in their turn.
func (l *lane) dropPointless() {
	if len(l.queue) > 0 && l.queue[0].over(workflow.Now(l.run.ctx)) {
		l.interrupt()
	}
}

// setStuck makes the order's being stuck on this lane visible, or no longer.
func (l *lane) setStuck(ctx workflow.Context, stuck bool) {
	if l.stuck == stuck {
		return
	}
	l.stuck = stuck
	l.run.publishStuck(ctx)
}

package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// The values of the search attribute StuckOn: which effect has been failing for
// too long.
const (
	StuckOnPayment   = "payment"
	StuckOnRefund    = "refund"
	StuckOnStore     = "store"
	StuckOnSMS       = "sms"
	StuckOnPoints    = "points"
	StuckOnReadModel = "readmodel"
)

// errOver ends an effect that was withdrawn, or became pointless, before it was
// delivered.
var errOver = errors.New("the effect is no longer wanted")

// effect is one thing that has to happen in the outside world, once, because of
// a change of the order.
type effect struct {
	// attempt tries the effect for one window of retries.
	attempt func(ctx workflow.Context, window time.Duration) error
	// pointless reports that the effect would come too late to mean anything.
	// Optional.
	pointless func() bool
	// dropped is told why the effect was not delivered: errOver, or the refusal
	// that will never change. Optional: a refused effect without it waits for
	// an operator.
	dropped func(ctx workflow.Context, err error)
	// withdrawn: the effect is no longer wanted.
	withdrawn bool
}

// over reports that the effect needs no further attempt.
func (e *effect) over() bool { return e.withdrawn || (e.pointless != nil && e.pointless()) }

// lane delivers the effects of one destination, in order, each for as long as
// it takes. Lanes are independent: a dead SMS provider holds up texts alone.
type lane struct {
	run  *orderRun
	name string
	// queue holds the effects to come; the first is under way.
	queue []*effect
	// stop ends the attempt under way; nil between attempts.
	stop workflow.CancelFunc
	// nudged: an operator wants the effect under way tried again now.
	nudged bool
	stuck  bool
}

func newLane(r *orderRun, name string) *lane { return &lane{run: r, name: name} }

func (l *lane) idle() bool { return len(l.queue) == 0 }

// add queues an effect, and starts to deliver when the lane was idle.
func (l *lane) add(e *effect) {
	l.queue = append(l.queue, e)
	if len(l.queue) == 1 {
		workflow.GoNamed(l.run.ctx, l.name, l.drain)
	}
}

func (l *lane) drain(ctx workflow.Context) {
	for len(l.queue) > 0 {
		e := l.queue[0]
		if err := l.deliver(ctx, e); err != nil && e.dropped != nil {
			e.dropped(ctx, err)
		}
		l.setStuck(ctx, false)
		l.queue = l.queue[1:]
	}
	l.run.describe(ctx)
}

// deliver tries one effect until it is delivered (nil), over (errOver), or
// refused for good.
func (l *lane) deliver(ctx workflow.Context, e *effect) error {
	since := workflow.Now(ctx)
	for !e.over() {
		err := l.try(ctx, e, nextWindow(workflow.Now(ctx).Sub(since)))
		switch {
		case err == nil:
			return nil
		case isPermanent(err) && e.dropped != nil:
			return err
		case isPermanent(err):
			l.setStuck(ctx, true)
			l.run.await(ctx, func() bool { return l.nudged || e.over() })
		case workflow.Now(ctx).Sub(since) >= stuckAfter:
			l.setStuck(ctx, true)
		}
	}
	return errOver
}

// try runs one window of attempts, which [lane.interrupt] can end.
func (l *lane) try(ctx workflow.Context, e *effect, window time.Duration) error {
	l.nudged = false
	ctx, l.stop = workflow.WithCancel(ctx)
	defer func() { l.stop = nil }()
	return e.attempt(ctx, window)
}

// interrupt ends the attempt under way. The lane then looks at its effect
// again: it drops it when it is over, and starts afresh when it is not.
func (l *lane) interrupt() {
	if l.stop != nil {
		l.stop()
	}
}

// nudge has the effect under way tried again now.
func (l *lane) nudge() {
	l.nudged = true
	l.interrupt()
}

// withdraw drops every effect that is queued or under way, unless its last
// attempt comes through.
func (l *lane) withdraw() {
	for _, e := range l.queue {
		e.withdrawn = true
	}
	l.interrupt()
}

// withdrawFirst drops the effect under way alone.
func (l *lane) withdrawFirst() {
	if len(l.queue) > 0 {
		l.queue[0].withdrawn = true
		l.interrupt()
	}
}

// dropPointless drops the effect under way when it has become pointless; the
// queued ones are looked at in their turn.
func (l *lane) dropPointless() {
	if len(l.queue) > 0 && l.queue[0].over() {
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

// isPermanent reports whether an activity's error stays, however often it is
// tried.
func isPermanent(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.NonRetryable()
}

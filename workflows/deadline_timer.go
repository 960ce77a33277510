package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// deadlineTimer wakes the order for its deadlines, on one timer at a time. The timer of a
// deadline that was met runs on, and is the next deadline's first: most orders
// are picked up before it fires, and end without a timer more, or one to cancel.
type deadlineTimer struct {
	timer  workflow.Future
	cancel workflow.CancelFunc
	at     time.Time
}

// set sees to it that the timer fires at the deadline or before; whoever waits
// for a deadline that has not come by then sets it again. The summary says what it is for.
func (a *deadlineTimer) set(ctx workflow.Context, deadline time.Time, summary string) {
	if a.timer != nil && !a.timer.IsReady() {
		if !a.at.After(deadline) {
			return
		}
		a.cancel()
	}
	ctx, a.cancel = workflow.WithCancel(ctx)
	a.at = deadline
	a.timer = workflow.NewTimerWithOptions(ctx, deadline.Sub(workflow.Now(ctx)), workflow.TimerOptions{Summary: summary})
}

// fired reports whether the timer has fired since it was set.
func (a *deadlineTimer) fired() bool { return a.timer.IsReady() }

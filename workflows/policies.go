package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// Every time-out and retry policy of the order's workflow, in one place.
const (
	// WorkflowTaskTimeout is how long the server waits for a workflow task whose worker was
	// killed, before it gives the task to another one. It is well below the time that the
	// caller of a command waits, so that the answer still comes.
	WorkflowTaskTimeout = 4 * time.Second
	// attemptTimeout bounds one call of a provider or of the database.
	attemptTimeout = 10 * time.Second
	// shortestCharge is the least time worth another round of charging: the
	// server ends a round when its next attempt would come too late.
	shortestCharge = 2 * time.Second
	// localTimeout bounds a quick database write that is tried as a local
	// activity first. An update's answer waits for it.
	localTimeout = 300 * time.Millisecond
	// reserveWithin is how long what is scarce may take to be reserved: its customer waits.
	reserveWithin = 5 * time.Second
	// reserveAgainWithin is how long that may take after a reset: nobody waits, and an order that may be
	// paid must not end because its earlier run cannot be read now.
	reserveAgainWithin = 30 * 24 * time.Hour
	// reservedUntil is how long after the payment deadline a reservation lasts that no order is
	// known for.
	reservedUntil = time.Hour
	// firstLook is when a payment that the customer has to confirm is looked at
	// without news of it; each further look comes later, up to longestLook.
	firstLook   = 15 * time.Second
	longestLook = 5 * time.Minute
	// longestWindow bounds how long an effect is retried before the workflow
	// looks at it again.
	longestWindow = time.Hour
	// shortestPause lies between two rounds of attempts at least, and between two looks
	// at a payment that the customer has to confirm.
	shortestPause = time.Second
	// textLife is how long after the order's end a text is still tried: then it is
	// given up, so that no order stays open for it.
	textLife = time.Hour
	// textOverdue is how long a text may be late before it is skipped as old
	// news: with a healthy provider every change is told, however quickly one
	// follows the other.
	textOverdue = time.Minute
)

// paymentRetries is quick: a customer waits for the outcome.
var paymentRetries = &temporal.RetryPolicy{
	InitialInterval:    500 * time.Millisecond,
	BackoffCoefficient: 2,
	MaximumInterval:    5 * time.Second,
}

// effectRetries never gives up by itself; it backs off to a minute, so that an
// outage of hours is over within a minute of its end.
var effectRetries = &temporal.RetryPolicy{
	InitialInterval:    time.Second,
	BackoffCoefficient: 2,
	MaximumInterval:    time.Minute,
}

// chargeOptions retry the charge, under one idempotency key, until the payment
// deadline. A cancelled round is waited for, so that the outcome of an attempt
// that is out is known before the next.
func chargeOptions(within time.Duration) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		Summary:                "Charge the customer",
		ScheduleToCloseTimeout: within,
		StartToCloseTimeout:    min(attemptTimeout, within),
		WaitForCancellation:    true,
		RetryPolicy:            paymentRetries,
	}
}

// pauseAfter returns until when the next round of attempts waits, after one under this
// policy that was to last until end and failed: for as long as the provider asks, or
// for what is left of the round and no retry of the policy would exceed, and never
// less than [shortestPause]. The server ends a round early when its next attempt would
// come too late, so that without a pause rounds would follow each other at once.
func pauseAfter(now, end time.Time, policy *temporal.RetryPolicy, err error) time.Time {
	left := min(end.Sub(now), policy.MaximumInterval)
	return now.Add(max(shortestPause, left, requestedDelay(err)))
}

// effectOptions retry an effect for one window. A cancelled effect is waited
// for, so that the workflow knows whether its last attempt came through.
func effectOptions(summary string, window time.Duration) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		Summary:                summary,
		ScheduleToCloseTimeout: window,
		StartToCloseTimeout:    attemptTimeout,
		WaitForCancellation:    true,
		RetryPolicy:            effectRetries,
	}
}

// localOptions try an effect once, at once.
func localOptions(summary string) workflow.LocalActivityOptions {
	return workflow.LocalActivityOptions{
		Summary:                summary,
		ScheduleToCloseTimeout: localTimeout,
		RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
	}
}

// nextWindow returns how long an effect that has been under way for the given
// time is retried before the workflow looks at it again: until a text is overdue
// and until the effect counts as stuck, whichever is next, then for as long as
// it has taken so far, and never longer than [longestWindow]. No window is
// shorter than an attempt: the server ends one whose next attempt would come too
// late, and many short ones would hammer a provider that is down.
func nextWindow(underWay, stuckAfter time.Duration) time.Duration {
	window := underWay
	switch first, last := min(textOverdue, stuckAfter), max(textOverdue, stuckAfter); {
	case underWay < first:
		window = first - underWay
	case underWay < last:
		window = last - underWay
	}
	return min(max(window, attemptTimeout), longestWindow)
}

// nextRound returns how long a charge that has been under way for the given time
// is retried before the workflow looks at it again: until it counts as stuck,
// then for as long again.
func nextRound(underWay, stuckAfter time.Duration) time.Duration {
	if underWay < stuckAfter {
		return max(stuckAfter-underWay, attemptTimeout)
	}
	return stuckAfter
}

// nextLook returns how long a payment that the customer has to confirm is left
// alone after so many looks without news of it.
func nextLook(looks int) time.Duration {
	return min(firstLook<<min(looks, 10), longestLook)
}

// stuckAfter returns how long an effect of an order under these terms may fail
// before the order is stuck: never less than an attempt takes.
func stuckAfter(terms order.Terms, effect string) time.Duration {
	return max(terms.StuckAfter.Of(effect), attemptTimeout)
}

package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

// durably runs an activity for one window of retries, visible as pending.
func durably(ctx workflow.Context, summary string, window time.Duration, activity, input, result any) error {
	ctx = workflow.WithActivityOptions(ctx, effectOptions(summary, window))
	return workflow.ExecuteActivity(ctx, activity, input).Get(ctx, result)
}

// locallyFirst tries a quick database write once as a local activity, which is over within
// [localTimeout], and goes on durably when that was not enough: slow is told so, unless it
// is nil. Whoever asks to be left alone is.
func locallyFirst(ctx workflow.Context, summary string, window time.Duration, slow func(), activity, input, result any) error {
	local := workflow.WithLocalActivityOptions(ctx, localOptions(summary))
	err := workflow.ExecuteLocalActivity(local, activity, input).Get(local, result)
	if err == nil {
		return nil
	}
	if slow != nil {
		slow()
	}
	if isPermanent(err) || requestedDelay(err) > 0 {
		return err
	}
	return durably(ctx, summary, window, activity, input, result)
}

// reasonOf returns the sentence of an activity's refusal, without its cause.
func reasonOf(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Message()
	}
	return err.Error()
}

// requestedDelay returns how long the provider has asked to be left alone.
func requestedDelay(err error) time.Duration {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.NextRetryDelay()
	}
	return 0
}

// isMisconfigured reports whether a provider refuses because of our account or
// configuration.
func isMisconfigured(err error) bool { return lastAnswer(err).Code == order.CodeMisconfigured }

// lastAnswer returns what an activity heard last, whatever an earlier attempt may have
// done: of an error that is uncertain, its cause.
func lastAnswer(err error) order.Error {
	var answer, cause *order.Error
	if !errors.As(failure.Decode(err), &answer) {
		return order.Error{}
	}
	if answer.Code == order.CodeUncertain && errors.As(failure.Decode(answer.Err), &cause) {
		return *cause
	}
	return *answer
}

// isPermanent reports whether an activity's error stays, however often it is
// tried.
func isPermanent(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.NonRetryable()
}

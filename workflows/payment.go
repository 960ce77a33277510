package workflows

import (
	"cmp"
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

// The failure codes of a payment that no provider declined.
const (
	FailurePaymentTimeout = "payment_timeout"
	FailurePaymentRefused = "payment_refused"
	// FailurePaymentUnavailable: the store's account with the payment provider cannot
	// take payments as it is set up. Nothing was charged.
	FailurePaymentUnavailable = "payment_unavailable"
	// FailurePaymentCancelled: the customer cancelled instead of confirming the
	// payment.
	FailurePaymentCancelled = "payment_cancelled"
)

// chargeKey is the idempotency key of the order's charge.
func (r *orderRun) chargeKey() string { return r.placement.ID + "/charge" }

// charge takes the money until the outcome is known or the payment deadline has
// passed. It is the one effect that the customer waits for, so it is on no queue;
// but it can be stuck like one. What the customer has to confirm first is looked
// at again when there is news of it.
func (r *orderRun) charge(ctx workflow.Context) (order.ChargeResult, error) {
	start := r.begun
	defer func() { r.void.setStuck(ctx, false) }()
	result, err := r.askForMoney(ctx, start, false)
	for looks := 0; err == nil && result.Action != nil; looks++ {
		r.openReference = result.Reference
		if err = r.awaitCustomer(ctx, *result.Action, looks); err == nil {
			result, err = r.askForMoney(ctx, start, true)
		}
	}
	return result, err
}

// askForMoney charges under one idempotency key until the provider says what has
// become of it, or the payment deadline has passed.
func (r *orderRun) askForMoney(ctx workflow.Context, start time.Time, again bool) (result order.ChargeResult, err error) {
	s := r.order.Snapshot()
	charge := order.Charge{
		OrderID: r.placement.ID, IdempotencyKey: r.chargeKey(),
		Amount: s.Total, Provider: s.Provider, PaymentMethod: r.placement.PaymentMethod, PlacedAt: s.PlacedAt, Reset: r.reset,
		OrderURL: r.placement.OrderURL, PayBy: r.actBy(), Returned: r.returned, Reference: r.openReference,
		Reservation: r.reservationNow(ctx),
	}
	if charge.PaymentMethod == order.MethodRedirect {
		charge.Summary, charge.Language = cmp.Or(r.placement.PageSummary, r.placement.Summary), s.Language
	}
	stuckAt := start.Add(r.void.stuckAfter)
	for ; ; again = true {
		charge.Again = again
		began := workflow.Now(ctx)
		window := min(r.payBy().Sub(began), nextRound(began.Sub(start), r.void.stuckAfter))
		result, err = r.tryCharge(ctx, charge, window)
		switch {
		case err == nil:
			return result, nil
		case isPermanent(err) && again:
			return result, errors.Join(errUncertain, err)
		case isPermanent(err):
			return result, err
		}
		r.restCharge(ctx, stuckAt, pauseAfter(workflow.Now(ctx), began.Add(window), paymentRetries, err))
		switch now := workflow.Now(ctx); {
		case r.payBy().Sub(now) < shortestCharge:
			return result, err
		case !now.Before(stuckAt):
			r.void.setStuck(ctx, true)
		}
	}
}

// payBy is when the payment's outcome has to be known.
func (r *orderRun) payBy() time.Time {
	if r.order.AwaitsAction() {
		return r.actBy()
	}
	return r.begun.Add(r.terms.PayWithin)
}

// actBy is when the payment's outcome has to be known of a customer who has to act for it.
func (r *orderRun) actBy() time.Time { return r.begun.Add(max(r.terms.PayWithin, r.terms.ActWithin)) }

// restCharge pauses until the next round of charging, or until an operator wants it
// now, and never beyond the payment deadline. The order is stuck once the charge has
// been failing for too long.
func (r *orderRun) restCharge(ctx workflow.Context, stuckAt, next time.Time) {
	pause := func(until time.Time) {
		now := workflow.Now(ctx)
		r.awaitWithin(ctx, min(until.Sub(now), r.payBy().Sub(now)), "Try again", func() bool { return r.chargeNudged })
	}
	if stuckAt.Before(next) {
		pause(stuckAt)
		if !workflow.Now(ctx).Before(stuckAt) && r.payBy().After(stuckAt) {
			r.void.setStuck(ctx, true)
		}
	}
	pause(next)
}

// tryCharge runs one round of attempts, which an operator's retry ends. An attempt
// that is out is waited for: what it came to counts, and the next round goes on
// under the same key as any other repeat.
func (r *orderRun) tryCharge(ctx workflow.Context, charge order.Charge, window time.Duration) (result order.ChargeResult, err error) {
	ctx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	r.chargeNudged, r.interruptCharge = false, cancel
	defer func() { r.interruptCharge = nil }()
	ctx = workflow.WithActivityOptions(ctx, chargeOptions(window))
	err = workflow.ExecuteActivity(ctx, paymentActivities.Charge, charge).Get(ctx, &result)
	return result, err
}

// nudgeCharge has the charge under way tried again now, if there is time for it. When the
// payment deadline has passed, because somebody has paused the charge, it is given up.
func (r *orderRun) nudgeCharge(ctx workflow.Context) {
	r.chargeNudged = r.payBy().Sub(workflow.Now(ctx)) >= shortestCharge
	if r.interruptCharge != nil {
		r.interruptCharge()
	}
}

// awaitCustomer shows the customer what is to be confirmed, and waits for news of
// it; now and then it has a look without any, should news have been lost. It
// fails when the customer has cancelled or the payment deadline is near, or over.
func (r *orderRun) awaitCustomer(ctx workflow.Context, action order.PaymentAction, looks int) error {
	left := r.actBy().Sub(workflow.Now(ctx)) - shortestCharge
	if left <= 0 {
		return errUnconfirmed
	}
	if r.order.AwaitAction(action) {
		r.publish(ctx)
	}
	timerCtx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	timer := workflow.NewTimerWithOptions(timerCtx, min(left, nextLook(looks)),
		workflow.TimerOptions{Summary: "Look at the payment again"})
	shown := workflow.Now(ctx)
	r.await(ctx, func() bool { return r.paymentNews || r.cancelRequested() || timer.IsReady() })
	if !r.cancelRequested() { // news can come many times a second
		r.awaitWithin(ctx, shortestPause-workflow.Now(ctx).Sub(shown), "Look at the payment again", r.cancelRequested)
	}
	r.paymentNews = false
	switch {
	case r.cancelRequested():
		return ErrAbandoned
	case !workflow.Now(ctx).Before(r.actBy()): // nobody was at work when the timer was due
		return errUnconfirmed
	}
	return nil
}

func (r *orderRun) cancelRequested() bool {
	_, requested := r.order.RequestedCancel()
	return requested
}

// Why a payment is given up that the customer has not confirmed.
var (
	errUnconfirmed = errors.New("the customer has not confirmed the payment in time")
	ErrAbandoned   = errors.New("the customer has cancelled instead of confirming the payment")
)

// errUncertain: the gateway refuses a charge for good, but an earlier attempt
// may have made it.
var errUncertain = errors.New("the charge is refused, and may have been made before")

// nothingCharged reports that a charge failed without any trace. Any other
// error leaves the possibility that it was made.
func nothingCharged(err error) bool {
	if errors.Is(err, errUncertain) {
		return false
	}
	switch order.ErrorCode(failure.Decode(err)) {
	case order.CodeRefused, order.CodeInvalid, order.CodeMisconfigured:
		return true
	default:
		return false
	}
}

// FailureCode returns why a payment failed that nobody declined.
func FailureCode(err error) string {
	switch {
	case errors.Is(err, ErrAbandoned):
		return FailurePaymentCancelled
	case isMisconfigured(err):
		return FailurePaymentUnavailable
	case refusesAmount(err):
		return order.DeclineInvalidTotal
	case isPermanent(err):
		return FailurePaymentRefused
	default:
		return FailurePaymentTimeout
	}
}

// refusesAmount reports that the provider never charges such an amount.
func refusesAmount(err error) bool {
	answer := lastAnswer(err)
	return answer.Code == order.CodeRefused && answer.Field == "amount"
}

// releasePayment compensates the charge: it refunds what was captured, and
// makes sure that a payment whose outcome is unknown is not captured any more.
func (r *orderRun) releasePayment(workflow.Context) {
	if found := r.order.Snapshot().Charged > 0; r.order.Status() == order.PaymentFailed && !found {
		r.voidPayment()
		return
	}
	r.refundDue()
}

func (r *orderRun) voidPayment() {
	r.void.add(&effect{attempt: func(ctx workflow.Context, window time.Duration) error {
		s := r.order.Snapshot()
		void := order.Void{
			OrderID: r.placement.ID, ChargeKey: r.chargeKey(),
			Amount: s.Total, Provider: s.Provider, PaymentMethod: r.placement.PaymentMethod, PlacedAt: s.PlacedAt, Reference: r.openReference,
			Reset: r.reset,
		}
		var result order.VoidResult
		if err := durably(ctx, "Void the payment", window, paymentActivities.VoidPayment, void, &result); err != nil {
			return err
		}
		if result.Captured {
			r.chargeReference = result.Reference
			r.must(ctx, order.Event{Name: order.ChargeFound})
			r.refundDue()
		}
		return nil
	}})
}

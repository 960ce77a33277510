package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// A request can come before the payment's outcome is known, and so before it can be
// carried out: a customer's cancel, which is remembered and answered at once; and
// whatever the server applies again after an operator has reset the workflow to before
// the payment. These wait, and take effect in the order in which they came.

// mostEarly is how many requests wait for the payment: far more than an order's life
// has, and few enough for one workflow task.
const mostEarly = 200

// earlyRequest is a request that waits for the payment's outcome.
type earlyRequest struct {
	carryOut func(ctx workflow.Context)
	// afterReset: it is only carried out when the payment was asked for by a run that
	// was reset. Otherwise it has been refused.
	afterReset bool
}

// waitsForPayment reports whether the answer to a request is that it comes too early
// because the payment's outcome is not known yet.
func (r *orderRun) waitsForPayment(err error) bool {
	return r.order.Status() == order.PaymentPending && order.ErrorCode(err) == order.CodeTooEarly
}

// inTurn carries out a request when the payment's outcome is known, and returns then.
func (r *orderRun) inTurn(ctx workflow.Context, carryOut func(ctx workflow.Context)) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	done := false
	r.early = append(r.early, earlyRequest{carryOut: func(ctx workflow.Context) {
		carryOut(ctx)
		done = true
	}})
	r.await(ctx, func() bool { return done })
}

// carryOutAfterReset carries out a request, which has been refused for now, when the
// payment's outcome is known, if the server has applied it again after a reset.
func (r *orderRun) carryOutAfterReset(req orderRequest) {
	if len(r.early) >= mostEarly {
		return
	}
	r.early = append(r.early, earlyRequest{afterReset: true, carryOut: func(ctx workflow.Context) {
		if err := r.carryOut(ctx, req); err != nil {
			r.note(ctx, refusalNote(req, err))
		}
	}})
}

// applyEarly carries out what has been waiting for the payment's outcome, before
// anything else can happen to the order. Whether the payment was asked for by a run that
// was reset is in the history, so that it is the same in each replay.
func (r *orderRun) applyEarly(ctx workflow.Context, result order.ChargeResult) {
	r.adjustedBefore = result.Earlier != nil
	defer func() { r.adjustedBefore = false }()
	for len(r.early) > 0 {
		first := r.early[0]
		r.early = r.early[1:]
		if result.Reset || !first.afterReset {
			first.carryOut(ctx)
		}
	}
}

// honour applies a cancel, or a forced refund, that was remembered. When the payment
// has failed there is nothing left to cancel; when a request that came before it has
// won, that is noted.
func (r *orderRun) honour(ctx workflow.Context, cancel order.Event) {
	if r.order.Status() == order.PaymentFailed {
		return
	}
	if err := r.apply(ctx, cancel); err != nil {
		r.note(ctx, order.Entry{Note: order.NoteRefused, Actor: cancel.Actor, Reason: err.Error()})
	}
}

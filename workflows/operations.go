package workflows

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

// ActorTemporal is the actor of a cancellation that came through Temporal's own
// Cancel.
const ActorTemporal = order.ActorTemporal

// maxReference leaves room for the whole reference in the timeline.
const maxReference = 100

// operation is one of the operators' updates: what frees an order that is stuck.
type operation struct {
	name        string
	description string
	check       func(in Operation) error
	run         func(ctx workflow.Context, in Operation) error
}

func (r *orderRun) operations() []operation {
	return []operation{
		{UpdateRetry, "Try every pending effect again, now", r.checkOperation, r.retryNow},
		{UpdateForceRefund, "End the order and refund it", r.checkForceRefund, r.forceRefund},
		{UpdateSettleRefund, "Record a refund made by other means", r.checkSettleRefund, r.settleRefund},
		{UpdateGiveUpText, "Skip the text that is waiting", r.checkGiveUpText, r.giveUpText},
	}
}

// acceptOperations registers the operators' updates. Each leaves its actor in
// the timeline.
func (r *orderRun) acceptOperations(ctx workflow.Context) error {
	var errs []error
	for _, op := range r.operations() {
		handle := func(_ workflow.Context, in Operation) (order.Snapshot, error) {
			if err := op.check(in); err != nil {
				return order.Snapshot{}, failure.Encode(err)
			}
			if err := op.run(r.ctx, in); err != nil {
				return order.Snapshot{}, failure.Encode(err)
			}
			return r.order.Snapshot(), nil
		}
		validate := func(_ workflow.Context, in Operation) error { return failure.Encode(op.check(in)) }
		options := workflow.UpdateHandlerOptions{Validator: validate, Description: op.description}
		errs = append(errs, workflow.SetUpdateHandlerWithOptions(ctx, op.name, handle, options))
	}
	return errors.Join(errs...)
}

func (r *orderRun) retryNow(ctx workflow.Context, in Operation) error {
	r.audit(ctx, UpdateRetry, in)
	r.paymentNews = true
	r.nudgeCharge(ctx)
	for _, l := range r.lanes() {
		l.nudge()
	}
	return nil
}

func (r *orderRun) checkForceRefund(in Operation) error {
	if err := r.checkOperation(in); err != nil {
		return err
	}
	return r.order.Check(order.Event{Name: order.ForceRefund})
}

func (r *orderRun) forceRefund(ctx workflow.Context, in Operation) error {
	version := r.order.Version()
	err := r.apply(ctx, order.Event{Name: order.ForceRefund, Actor: in.Actor, Reason: in.Reason})
	if err == nil && r.order.Version() == version {
		r.audit(ctx, UpdateForceRefund, in) // the refund was due already: only the intervention is new
	}
	return err
}

func (r *orderRun) checkSettleRefund(in Operation) error {
	if err := r.checkOperation(in); err != nil {
		return err
	}
	if in.Reference == "" || utf8.RuneCountInString(in.Reference) > maxReference {
		return invalid("reference", fmt.Sprintf("reference must name the proof of the refund, in at most %d characters", maxReference))
	}
	if !r.void.idle() {
		return nil
	}
	if refund := r.order.Snapshot().Refund; refund == nil || refund.Status != order.RefundPending {
		return &order.Error{Code: order.CodeTooLate, OrderStatus: r.order.Status(), Message: "no refund is pending"}
	}
	return nil
}

// settleRefund takes the operator's word that the customer has the money back,
// or (while a void is under way) that nothing was captured.
func (r *orderRun) settleRefund(ctx workflow.Context, in Operation) error {
	in.Reason = strings.TrimSpace(in.Reference + " " + in.Reason)
	r.audit(ctx, UpdateSettleRefund, in)
	r.void.withdrawAll()
	r.refund.withdrawAll()
	if r.order.Snapshot().Refund == nil {
		return nil
	}
	return r.apply(ctx, order.Event{Name: order.RefundMade, Actor: in.Actor})
}

func (r *orderRun) checkGiveUpText(in Operation) error {
	if err := r.checkOperation(in); err != nil {
		return err
	}
	if r.texts.idle() {
		return &order.Error{Code: order.CodeTooLate, OrderStatus: r.order.Status(), Message: "no text is waiting"}
	}
	return nil
}

func (r *orderRun) giveUpText(ctx workflow.Context, in Operation) error {
	r.audit(ctx, UpdateGiveUpText, in)
	r.texts.withdrawNext()
	return nil
}

// checkOperation checks the limits that all operations share.
func (r *orderRun) checkOperation(in Operation) error {
	return Command{Actor: in.Actor, Reason: in.Reason}.validate()
}

// audit records an operator's intervention.
func (r *orderRun) audit(ctx workflow.Context, name string, in Operation) {
	actor := in.Actor
	if actor == "" {
		actor = order.ActorOperator
	}
	reason := name
	if in.Reason != "" {
		reason += ": " + in.Reason
	}
	r.note(ctx, order.Entry{Note: order.NoteOperator, Actor: actor, Reason: reason})
}

package workflows

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// ActorTemporal is the actor of a cancellation that came through Temporal's own
// Cancel.
const ActorTemporal = order.ActorTemporal

// maxReference leaves room for the whole reference in the timeline.
const maxReference = 100

// operatorRequest is one of the operators' requests: what frees an order that is stuck. Each
// is an update and, for a workflow that takes no updates any more, a signal.
type operatorRequest struct {
	name        string
	description string
	request     func(in Operation) orderRequest
}

func (r *orderRun) operations() []operatorRequest {
	of := func(name, description string, check func(Operation) error, run func(workflow.Context, Operation) error) operatorRequest {
		return operatorRequest{name, description, func(in Operation) orderRequest {
			return orderRequest{
				actor: in.Actor,
				check: func() error {
					if err := in.validate(); err != nil {
						return err
					}
					return check(in)
				},
				run: func(ctx workflow.Context) error { return run(ctx, in) },
			}
		}}
	}
	return []operatorRequest{
		of(UpdateRetry, "Try every pending effect again, now", func(Operation) error { return nil }, r.retryNow),
		of(UpdateForceRefund, "End the order and refund it", r.checkForceRefund, r.forceRefund),
		of(UpdateSettleRefund, "Record a refund made by other means", r.checkSettleRefund, r.settleRefund),
		of(UpdateGiveUpText, "Skip the text that is waiting", r.checkGiveUpText, r.giveUpText),
	}
}

func (r *orderRun) retryNow(ctx workflow.Context, in Operation) error {
	r.audit(ctx, UpdateRetry, in)
	r.paymentNews = true
	r.nudgeCharge(ctx)
	for _, l := range r.deliveryQueues() {
		l.nudge()
	}
	return nil
}

func (r *orderRun) checkForceRefund(Operation) error {
	event := order.Event{Name: order.ForceRefund}
	if r.order.Repeats(event) {
		return r.unchanged(UpdateForceRefund)
	}
	return r.order.Check(event)
}

func (r *orderRun) forceRefund(ctx workflow.Context, in Operation) error {
	return r.apply(ctx, order.Event{Name: order.ForceRefund, Actor: in.Actor, Reason: in.Reason})
}

func (r *orderRun) checkSettleRefund(in Operation) error {
	event := order.Event{Name: order.SettleRefund, Refund: in.Refund}
	switch {
	case in.Reference == "" || utf8.RuneCountInString(in.Reference) > maxReference:
		return Invalid("reference", fmt.Sprintf("reference must name the proof of the refund, in at most %d characters", maxReference))
	case r.order.Repeats(event):
		return r.unchanged(UpdateSettleRefund)
	case r.order.Status() != order.PaymentPending && r.void.idle() && !r.order.Owes():
		return &order.Error{Code: order.CodeTooLate, OrderStatus: r.order.Status(), Message: "no refund is pending"}
	case in.Refund == 0 && r.order.PendingRefunds() > 1:
		return Invalid("refund", "more than one refund is pending: refund must say which was made, by its number")
	default:
		return r.order.Check(event)
	}
}

// settleRefund takes the operator's word that the customer has the money back,
// or (while a void is under way) that nothing was captured. Nothing is paid back for
// the order after that, whatever is out or comes to light.
func (r *orderRun) settleRefund(ctx workflow.Context, in Operation) error {
	in.Reason = strings.TrimSpace(in.Reference + " " + in.Reason)
	r.audit(ctx, UpdateSettleRefund, in)
	r.void.withdrawAll()
	for i, queue := range r.refunds {
		if in.Refund == 0 || in.Refund == i+1 {
			queue.withdrawAll()
		}
	}
	return r.apply(ctx, order.Event{Name: order.SettleRefund, Actor: in.Actor, Refund: in.Refund})
}

func (r *orderRun) checkGiveUpText(Operation) error {
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

// validate checks the limits that all operations share.
func (in Operation) validate() error { return Command{Actor: in.Actor, Reason: in.Reason}.validate() }

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

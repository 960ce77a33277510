package workflows

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// listen makes the order answer: the query, the updates, the signals, and the cancellation of
// the workflow itself. The commands are those that it takes: none once it is over.
func (r *orderRun) listen(ctx workflow.Context, commands []order.EventName) error {
	r.receiveSignals(ctx, commands)
	errs := []error{
		workflow.SetQueryHandlerWithOptions(ctx, QueryOrder, r.onQuery,
			workflow.QueryHandlerOptions{Description: "The whole order, its timeline included"}),
	}
	if len(commands) > 0 {
		errs = append(errs, workflow.SetUpdateHandlerWithOptions(ctx, UpdatePlace, r.onPlace,
			workflow.UpdateHandlerOptions{Description: "Wait for the outcome of the payment"}))
	}
	// In the order of an order's life: updates that are there before their handlers, as
	// the server applies them again after a reset, are taken in the order of those.
	for _, command := range commands {
		errs = append(errs, r.acceptUpdates(ctx, command))
	}
	errs = append(errs, acceptUpdate(ctx, r, UpdateRefund, "Give lines or an amount back after the order's end", r.giveBack))
	for _, op := range r.operations() {
		errs = append(errs, acceptUpdate(ctx, r, op.name, op.description, op.request))
	}
	return errors.Join(errs...)
}

func (r *orderRun) onQuery() (order.Snapshot, error) { return r.order.Snapshot(), nil }

// onPlace answers once the payment's outcome is known, or the customer has to act
// for it to become known; with the pick-up number, if the database is quick about it.
func (r *orderRun) onPlace(ctx workflow.Context) (order.Snapshot, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	decided := func() bool { return r.order.Status() != order.PaymentPending || r.order.AwaitsAction() }
	r.await(ctx, func() bool { return decided() && (r.behind || r.projected == r.order.Version()) })
	return r.order.Snapshot(), nil
}

// acceptUpdates answers one command as an update.
func (r *orderRun) acceptUpdates(ctx workflow.Context, name order.EventName) error {
	return acceptUpdate(ctx, r, string(name), "Command of the order: "+string(name),
		func(in Command) orderRequest { return r.command(name, in) })
}

// orderRequest is a command or an operation that somebody wants of the order.
type orderRequest struct {
	actor string
	// check fails as run would, and with [order.CodeUnchanged] when the effect of the
	// request stands already.
	check func() error
	run   func(ctx workflow.Context) error
}

// command returns the request that a command is.
func (r *orderRun) command(name order.EventName, in Command) orderRequest {
	return r.eventRequest(in.event(name), in)
}

// giveBack returns the request for a refund of an order that is over and still at work, because
// its last text is under way, say: it makes the refund itself.
func (r *orderRun) giveBack(in GiveBack) orderRequest { return r.eventRequest(in.Event(), in) }

// eventRequest returns the request that an event happens, which the input has asked for.
func (r *orderRun) eventRequest(event order.Event, in input) orderRequest {
	check := func() error {
		if err := in.validate(); err != nil {
			return err
		}
		if r.order.Repeats(event) || event.Name == order.Adjust && r.adjustedBefore {
			return r.unchanged(string(event.Name))
		}
		if event.Name == order.Accept && r.isDue() {
			return nil // it is offered with that
		}
		return r.order.Check(event)
	}
	return orderRequest{event.Actor, check, func(ctx workflow.Context) error {
		if event.Name == order.Accept {
			r.offerIfDue(ctx)
		}
		return r.apply(ctx, event)
	}}
}

// unchanged is the error of a request whose effect stands already.
func (r *orderRun) unchanged(name string) error {
	status := r.order.Status()
	return &order.Error{Code: order.CodeUnchanged, OrderStatus: status,
		Message: fmt.Sprintf("%q changes nothing: the order is %s", name, status)}
}

// acceptUpdate answers one kind of request as an update. One that cannot win, or whose
// effect stands already, is refused before it enters the history: nobody can wear the
// workflow out by repeating it. Any other is answered with the order as it is then,
// without its timeline, which would be in the history once for each answer. Signals that
// came before it are taken first. Inputs are received raw, so that one that cannot be
// decrypted is refused as well.
func acceptUpdate[In input](ctx workflow.Context, r *orderRun, name, description string, requestOf func(In) orderRequest) error {
	handle := func(ctx workflow.Context, raw converter.RawValue) (order.Snapshot, error) {
		in, err := decode[In](raw)
		if err != nil {
			panic(err) // it was accepted: a worker with its key can read it
		}
		checked := !r.signalsWait()
		r.takeSignals(r.ctx)
		if err := r.answer(ctx, requestOf(in), checked); err != nil {
			return order.Snapshot{}, failure.Encode(err)
		}
		return r.order.Snapshot().WithoutTimeline(), nil
	}
	validate := func(_ workflow.Context, raw converter.RawValue) error {
		in, err := decode[In](raw)
		if err != nil {
			return failure.Encode(err)
		}
		if r.signalsWait() {
			return nil // they come first, and may change the answer
		}
		err = requestOf(in).check()
		if r.waitsForPayment(err) && r.reset {
			return nil // the server applies it again
		}
		return failure.Encode(err)
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, name, handle,
		workflow.UpdateHandlerOptions{Validator: validate, Description: description})
}

// answer carries out a request whose sender waits for the outcome. One that comes before
// the payment's outcome, and that its validator has checked, is one that the server applies
// again after a reset: it waits for the payment.
func (r *orderRun) answer(ctx workflow.Context, req orderRequest, checked bool) (err error) {
	switch early := req.check(); {
	case !r.waitsForPayment(early):
		return r.carryOut(r.ctx, req)
	case !checked:
		r.carryOutAfterReset(req)
		return early
	default:
		r.inTurn(ctx, func(ctx workflow.Context) { err = r.carryOut(ctx, req) })
		return err
	}
}

// carryOut checks and runs a request. One whose effect stands already succeeds.
func (r *orderRun) carryOut(ctx workflow.Context, req orderRequest) error {
	switch err := req.check(); {
	case order.ErrorCode(err) == order.CodeUnchanged:
		return nil
	case err != nil:
		return err
	default:
		return req.run(ctx)
	}
}

// validate checks the limits of the input. It fails with [order.CodeInvalid]
// and the field that is to blame.
func (c Command) validate() error {
	switch {
	case c.ETAMinutes < 0 || c.ETAMinutes > limits.ETAMinutes:
		return Invalid("eta_minutes", fmt.Sprintf("eta_minutes must be between 0 and %d", limits.ETAMinutes))
	case utf8.RuneCountInString(c.Reason) > limits.Reason:
		return Invalid("reason", fmt.Sprintf("reason must be at most %d characters", limits.Reason))
	case utf8.RuneCountInString(c.Actor) > limits.Actor:
		return Invalid("actor", fmt.Sprintf("actor must be at most %d characters", limits.Actor))
	case len(c.Lines) > limits.Items:
		return Invalid("lines", fmt.Sprintf("lines must name at most %d lines", limits.Items))
	case len(c.CommandID) > limits.CommandID:
		return Invalid("command_id", fmt.Sprintf("command_id must be at most %d bytes", limits.CommandID))
	}
	return nil
}

// Invalid returns the error of an input that is not valid: CodeInvalid, with the field that
// is to blame, or none.
func Invalid(field, message string) error {
	return &order.Error{Code: order.CodeInvalid, Field: field, Message: message}
}

package workflows

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

// The limits of a command's input.
const (
	maxReason     = 200
	maxActor      = 80
	maxCommandID  = 128
	maxETAMinutes = 240
)

// listen makes the order answer: the query, the updates, the signals, and the
// cancellation of the workflow itself.
func (r *orderRun) listen(ctx workflow.Context) error {
	errs := []error{
		workflow.SetQueryHandlerWithOptions(ctx, QueryOrder, r.onQuery,
			workflow.QueryHandlerOptions{Description: "The whole order, its timeline included"}),
		workflow.SetUpdateHandlerWithOptions(ctx, UpdatePlace, r.onPlace,
			workflow.UpdateHandlerOptions{Description: "Wait for the outcome of the payment"}),
		r.acceptOperations(ctx),
	}
	for _, command := range order.Commands() {
		errs = append(errs, r.acceptUpdates(ctx, command))
	}
	workflow.GoNamed(r.ctx, "signals", r.receiveSignals)
	workflow.GoNamed(ctx, "cancellation", r.awaitCancellation)
	return errors.Join(errs...)
}

func (r *orderRun) onQuery() (order.Snapshot, error) { return r.order.Snapshot(), nil }

// onPlace answers once the payment's outcome is known, or the customer has to act
// for it to become known.
func (r *orderRun) onPlace(ctx workflow.Context) (order.Snapshot, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	r.await(ctx, func() bool { return r.order.Status() != order.PaymentPending || r.order.AwaitsAction() })
	return r.order.Snapshot(), nil
}

// acceptUpdates answers one command as an update: refused before it enters the
// history when it cannot win, answered with the order when it does.
func (r *orderRun) acceptUpdates(ctx workflow.Context, name order.EventName) error {
	handle := func(_ workflow.Context, in Command) (order.Snapshot, error) {
		if err := r.apply(r.ctx, in.event(name)); err != nil {
			return order.Snapshot{}, failure.Encode(err)
		}
		return r.order.Snapshot(), nil
	}
	validate := func(_ workflow.Context, in Command) error {
		if err := in.validate(); err != nil {
			return failure.Encode(err)
		}
		return failure.Encode(r.order.Check(in.event(name)))
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, string(name), handle, workflow.UpdateHandlerOptions{
		Validator: validate, Description: "Command of the order: " + string(name),
	})
}

// receiveSignals takes the commands that come as signals. They are received
// raw, because a typed receive drops what it cannot decode without a word. Of
// several in one workflow task the first is the first to have arrived; the SDK
// knows no order of arrival among the others, which are taken in the order of
// an order's life.
func (r *orderRun) receiveSignals(ctx workflow.Context) {
	selector := workflow.NewSelector(ctx)
	receive := func(name, description string, take func(raw converter.RawValue)) {
		channel := workflow.GetSignalChannelWithOptions(ctx, name, workflow.SignalChannelOptions{Description: description})
		selector.AddReceive(channel, func(c workflow.ReceiveChannel, _ bool) {
			var raw converter.RawValue
			if !c.ReceiveAsync(&raw) { // the codec cannot read it
				r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: name + ": the payload cannot be decoded"})
				return
			}
			take(raw)
		})
	}
	for _, name := range order.Commands() {
		receive(string(name), "Command of the order: "+string(name),
			func(raw converter.RawValue) { r.onSignal(ctx, name, raw) })
	}
	receive(SignalPaymentEvent, "What the payment provider has reported",
		func(raw converter.RawValue) { r.onPaymentEvent(ctx, raw) })
	for {
		selector.Select(ctx)
	}
}

// onSignal applies a command; one that cannot be read or comes too late changes
// nothing and leaves a note.
func (r *orderRun) onSignal(ctx workflow.Context, name order.EventName, raw converter.RawValue) {
	command, err := decodeCommand(raw)
	if err != nil {
		r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: fmt.Sprintf("%s: %s", name, err)})
		return
	}
	if err := r.apply(ctx, command.event(name)); err != nil {
		r.note(ctx, order.Entry{Note: order.NoteRefused, Actor: command.Actor, Reason: err.Error()})
	}
}

// onPaymentEvent takes what the payment provider has reported: of a payment that
// is under way it is a reason to look, of what happened behind the order's back it
// is a note, once for each fact.
func (r *orderRun) onPaymentEvent(ctx workflow.Context, raw converter.RawValue) {
	var event order.PaymentEvent
	if err := decodeInput(raw, &event); err != nil {
		r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: fmt.Sprintf("%s: %s", SignalPaymentEvent, err)})
		return
	}
	note, noted := order.PaymentNote(event)
	switch {
	case event.Kind == order.PaymentMoved:
		r.paymentNews = true
	case !noted:
		r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: fmt.Sprintf("%s: of no kind: %s", SignalPaymentEvent, event.Kind)})
	case !slices.Contains(r.paymentEvents, event.ID):
		r.paymentEvents = append(r.paymentEvents, event.ID)
		r.note(ctx, note)
	}
}

// awaitCancellation takes Temporal's own Cancel as the command cancel.
func (r *orderRun) awaitCancellation(ctx workflow.Context) {
	ctx.Done().Receive(ctx, nil)
	event := order.Event{Name: order.Cancel, Actor: ActorTemporal, Reason: "the workflow was cancelled"}
	if err := r.apply(r.ctx, event); err != nil {
		r.note(r.ctx, order.Entry{Note: order.NoteRefused, Actor: ActorTemporal, Reason: err.Error()})
	}
}

// note adds a note to the timeline, while there is room.
func (r *orderRun) note(ctx workflow.Context, entry order.Entry) {
	if r.order.Record(entry, workflow.Now(ctx)) {
		r.publish(ctx)
	}
}

// decodeCommand reads a command's input, and checks its limits.
func decodeCommand(raw converter.RawValue) (command Command, err error) {
	if err := decodeInput(raw, &command); err != nil {
		return command, err
	}
	return command, command.validate()
}

// decodeInput reads a signal's input: one JSON object, or none.
func decodeInput(raw converter.RawValue, input any) error {
	payload := raw.Payload()
	if payload == nil || len(payload.GetData()) == 0 {
		return nil
	}
	if encoding := string(payload.GetMetadata()[converter.MetadataEncoding]); encoding != converter.MetadataEncodingJSON {
		return fmt.Errorf("the input is %q, not JSON", encoding)
	}
	if err := json.Unmarshal(payload.GetData(), input); err != nil {
		return fmt.Errorf("the input is not one JSON object of the signal's fields: %w", err)
	}
	return nil
}

// validate checks the limits of the input. It fails with [order.CodeInvalid]
// and the field that is to blame.
func (c Command) validate() error {
	switch {
	case c.ETAMinutes < 0 || c.ETAMinutes > maxETAMinutes:
		return invalid("eta_minutes", fmt.Sprintf("eta_minutes must be between 0 and %d", maxETAMinutes))
	case utf8.RuneCountInString(c.Reason) > maxReason:
		return invalid("reason", fmt.Sprintf("reason must be at most %d characters", maxReason))
	case utf8.RuneCountInString(c.Actor) > maxActor:
		return invalid("actor", fmt.Sprintf("actor must be at most %d characters", maxActor))
	case len(c.CommandID) > maxCommandID:
		return invalid("command_id", fmt.Sprintf("command_id must be at most %d bytes", maxCommandID))
	}
	return nil
}

func invalid(field, message string) error {
	return &order.Error{Code: order.CodeInvalid, Field: field, Message: message}
}

package workflows

import (
	"encoding/json"
	"fmt"
	"slices"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// signalKind is one kind of signal that the order understands.
type signalKind struct {
	name string
	// channel holds the signals that have not been taken yet.
	channel workflow.ReceiveChannel
	take    func(ctx workflow.Context, raw converter.RawValue)
}

// signalKinds lists what the order understands, in the order of an order's life.
func (r *orderRun) signalKinds(commands []order.EventName) (all []signalKind) {
	add := func(name, description string, take func(workflow.Context, converter.RawValue)) {
		channel := workflow.GetSignalChannelWithOptions(r.ctx, name, workflow.SignalChannelOptions{Description: description})
		all = append(all, signalKind{name, channel, take})
	}
	for _, name := range commands {
		add(string(name), "Command of the order: "+string(name), func(ctx workflow.Context, raw converter.RawValue) {
			takeRequest(ctx, r, string(name), raw, func(in Command) orderRequest { return r.command(name, in) })
		})
	}
	for _, op := range r.operations() {
		add(op.name, op.description, func(ctx workflow.Context, raw converter.RawValue) {
			takeRequest(ctx, r, op.name, raw, op.request)
		})
	}
	add(SignalPaymentEvent, "What the payment provider has reported", r.onPaymentEvent)
	return all
}

// receiveSignals takes the signals, and Temporal's own Cancel, as they come.
func (r *orderRun) receiveSignals(ctx workflow.Context, commands []order.EventName) {
	r.workflowCtx, r.arrivals, r.signals = ctx, arrivalsOf(ctx), r.signalKinds(commands)
	if r.arrivals == nil {
		r.arrivals = new(arrivals)
	}
	workflow.GoNamed(r.ctx, "signals", func(ctx workflow.Context) {
		for {
			r.await(ctx, r.signalsWait)
			r.takeSignals(ctx)
		}
	})
}

// signalsWait reports whether a signal, or Temporal's Cancel, has come that was not taken
// yet.
func (r *orderRun) signalsWait() bool {
	r.arrivals.addCancellation(r.workflowCtx)
	return len(r.arrivals.names) > 0 || slices.ContainsFunc(r.signals, signalKind.waits)
}

func (k signalKind) waits() bool { return k.channel.Len() > 0 }

// takeSignals takes all signals that have come, in the order in which they came. An
// update does so before it is carried out: the SDK runs it before the signals that came
// before it.
func (r *orderRun) takeSignals(ctx workflow.Context) {
	for r.signalsWait() {
		if len(r.arrivals.names) == 0 { // there is no interceptor that writes them down
			r.takeSignal(ctx, slices.IndexFunc(r.signals, signalKind.waits))
			continue
		}
		switch name := r.arrivals.next(); name {
		case cancellation:
			r.takeCancellation(ctx)
		default:
			r.takeSignal(ctx, slices.IndexFunc(r.signals, func(k signalKind) bool { return k.name == name }))
		}
	}
}

// takeSignal takes the next signal of a kind; none of a kind that the order does not
// understand, which is negative. Signals are received raw, because a typed receive drops
// what it cannot decode without a word.
func (r *orderRun) takeSignal(ctx workflow.Context, kind int) {
	if kind < 0 {
		return
	}
	k := r.signals[kind]
	var raw converter.RawValue
	if !k.channel.ReceiveAsync(&raw) { // the codec cannot read it
		r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: k.name + ": the payload cannot be decoded"})
		return
	}
	r.signalsReceived++
	if reason := undecrypted(ctx, r.signalsReceived, raw); reason != "" {
		r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: k.name + ": " + reason})
		return
	}
	k.take(ctx, raw)
}

// undecrypted returns why the order's nth signal cannot be decrypted, and "" when
// it can be. The first worker to take the signal decides: that its key was missing
// stays in the history, so that a worker that has the key by then makes the same
// note of it. A worker that lacks the key of a signal that was carried out waits.
func undecrypted(ctx workflow.Context, n int, raw converter.RawValue) string {
	reason, keyMissing := encryption.Undecrypted(raw.Payload())
	if !keyMissing && !workflow.IsReplaying(ctx) {
		return reason
	}
	changeID := fmt.Sprintf("signal-%d-key-missing", n)
	switch noted := workflow.GetVersion(ctx, changeID, workflow.DefaultVersion, 1) == 1; {
	case !noted && keyMissing:
		panic(reason)
	case noted && reason == "":
		return "its key was missing when it came"
	default:
		return reason
	}
}

// takeRequest carries out a request that came as a signal. One that cannot be read or
// has lost changes nothing and leaves a note; one that the server applies again after
// a reset may have come before the payment.
func takeRequest[In input](ctx workflow.Context, r *orderRun, name string, raw converter.RawValue, requestOf func(In) orderRequest) {
	in, err := decode[In](raw)
	if err != nil {
		r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: fmt.Sprintf("%s: %s", name, err)})
		return
	}
	req := requestOf(in)
	waits := r.waitsForPayment(req.check())
	err = r.carryOut(ctx, req)
	if err != nil {
		if waits && r.reset {
			err = fmt.Errorf("%q waits for the payment, because the workflow was reset", name)
		}
		r.note(ctx, refusalNote(req, err))
	}
	if waits {
		r.carryOutAfterReset(req)
	}
}

// refusalNote is the note that a request leaves which was refused.
func refusalNote(req orderRequest, err error) order.Entry {
	return order.Entry{Note: order.NoteRefused, Actor: req.actor, Reason: err.Error()}
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
		if event.Returned != "" && len(event.Returned) <= limits.PaymentKey {
			r.returned = event.Returned
		}
	case !noted:
		r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: fmt.Sprintf("%s: of no kind: %s", SignalPaymentEvent, event.Kind)})
	case !slices.Contains(r.paymentEvents, event.ID):
		r.paymentEvents = append(r.paymentEvents, event.ID)
		r.note(ctx, note)
	}
}

// takeCancellation takes Temporal's own Cancel as the command cancel.
func (r *orderRun) takeCancellation(ctx workflow.Context) {
	event := order.Event{Name: order.Cancel, Actor: ActorTemporal, Reason: "the workflow was cancelled"}
	if err := r.apply(ctx, event); err != nil {
		r.note(ctx, order.Entry{Note: order.NoteRefused, Actor: ActorTemporal, Reason: err.Error()})
	}
}

// note adds a note to the timeline, while there is room.
func (r *orderRun) note(ctx workflow.Context, entry order.Entry) {
	if r.order.Record(entry, workflow.Now(ctx)) {
		r.publish(ctx)
	}
}

// input is what a signal or an update can carry.
type input interface{ validate() error }

// decode reads the input of a signal or an update, and checks its limits.
func decode[In input](raw converter.RawValue) (in In, err error) {
	if err := decodeInput(raw, &in); err != nil {
		return in, err
	}
	return in, in.validate()
}

// decodeInput reads the input of a signal or an update: one JSON object, or none.
// It fails with [order.CodeInvalid].
func decodeInput(raw converter.RawValue, input any) error {
	payload := raw.Payload()
	if reason, _ := encryption.Undecrypted(payload); reason != "" {
		return Invalid("", reason)
	}
	if payload == nil || len(payload.GetData()) == 0 {
		return nil
	}
	if encoding := string(payload.GetMetadata()[converter.MetadataEncoding]); encoding != converter.MetadataEncodingJSON {
		return Invalid("", fmt.Sprintf("the input is %q, not JSON", encoding))
	}
	if err := json.Unmarshal(payload.GetData(), input); err != nil {
		return Invalid("", "the input is not one JSON object of the command's fields: "+err.Error())
	}
	return nil
}

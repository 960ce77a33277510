package workflows

import (
	"encoding/json"
	"fmt"
	"slices"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/order"
)

// receivers is how many signals of one workflow task are taken in the order in which
// they came. Further ones are taken in the order of an order's life: the SDK has a
// channel for each name, and knows no order between them.
const receivers = 8

// signal is one kind of signal that the order understands.
type signal struct {
	name, description string
	take              func(ctx workflow.Context, raw converter.RawValue)
}

// signals lists what the order understands, in the order of an order's life.
func (r *orderRun) signals() []signal {
	var all []signal
	for _, name := range order.Commands() {
		all = append(all, signal{string(name), "Command of the order: " + string(name), func(ctx workflow.Context, raw converter.RawValue) {
			takeRequest(ctx, r, string(name), raw, func(in Command) request { return r.command(name, in) })
		}})
	}
	for _, op := range r.operations() {
		all = append(all, signal{op.name, op.description, func(ctx workflow.Context, raw converter.RawValue) {
			takeRequest(ctx, r, op.name, raw, op.request)
		}})
	}
	return append(all, signal{SignalPaymentEvent, "What the payment provider has reported", r.onPaymentEvent})
}

// receiveSignals takes the signals as they come. A selector that waits is given the
// first signal that arrives, whatever its name, and no second one; of several that
// wait, the first is given the first signal, the next one the second. So there is a
// row of them, and whoever has taken a signal is replaced at the end of the row.
func (r *orderRun) receiveSignals() {
	signals := r.signals()
	for range receivers {
		r.receiveNext(signals)
	}
}

// receiveNext waits at the end of the row for one signal. Signals are received raw,
// because a typed receive drops what it cannot decode without a word.
func (r *orderRun) receiveNext(signals []signal) {
	workflow.GoNamed(r.ctx, "signals", func(ctx workflow.Context) {
		selector := workflow.NewSelector(ctx)
		for _, s := range signals {
			channel := workflow.GetSignalChannelWithOptions(ctx, s.name, workflow.SignalChannelOptions{Description: s.description})
			selector.AddReceive(channel, func(c workflow.ReceiveChannel, _ bool) {
				var raw converter.RawValue
				if !c.ReceiveAsync(&raw) { // the codec cannot read it
					r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: s.name + ": the payload cannot be decoded"})
					return
				}
				r.signalsReceived++
				if reason := undecrypted(ctx, r.signalsReceived, raw); reason != "" {
					r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: s.name + ": " + reason})
					return
				}
				s.take(ctx, raw)
			})
		}
		selector.Select(ctx)
		r.receiveNext(signals)
	})
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
func takeRequest[In input](ctx workflow.Context, r *orderRun, name string, raw converter.RawValue, requestOf func(In) request) {
	in, err := decode[In](raw)
	if err != nil {
		r.note(ctx, order.Entry{Note: order.NoteUnreadable, Reason: fmt.Sprintf("%s: %s", name, err)})
		return
	}
	req := requestOf(in)
	waits := r.waitsForPayment(req.check())
	err = r.carryOut(ctx, req)
	if err != nil {
		r.note(ctx, refusal(name, req, err, waits && r.reset))
	}
	if waits && len(r.early) < mostEarly {
		r.early = append(r.early, early{afterReset: true, carryOut: func(ctx workflow.Context) {
			if err := r.carryOut(ctx, req); err != nil {
				r.note(ctx, refusal(name, req, err, false))
			}
		}})
	}
}

// refusal is the note that a signal leaves which was refused, or waits for the payment
// because the workflow was reset.
func refusal(name string, req request, err error, waits bool) order.Entry {
	if waits {
		return order.Entry{Note: order.NoteRefused, Actor: req.actor,
			Reason: fmt.Sprintf("%q waits for the payment, because the workflow was reset", name)}
	}
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

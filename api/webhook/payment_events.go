package webhook

import (
	"context"
	"net/http"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/order"
)

// PaymentProvider reads its own events.
type PaymentProvider interface {
	// Webhook says what the provider sends.
	Webhook() (contract callback.Contract, set bool)
	// VerifyEvent returns the event in the request. It fails with CodeUnauthorized, with
	// words for the caller, unless the signature is the provider's.
	VerifyEvent(request callback.Request) (order.ProviderEvent, error)
	// ReadEvent returns what the event means for orders; nothing if it is about
	// something else. It may have to ask the provider.
	ReadEvent(ctx context.Context, event order.ProviderEvent) ([]order.PaymentEvent, error)
}

// PaymentReports are the orders' workflows.
type PaymentReports interface {
	// Report tells the order of the event. It fails with CodeNotFound when no such
	// order is at work any more.
	Report(ctx context.Context, event order.PaymentEvent) error
}

// EventStore remembers events, and what came after an order's end.
type EventStore interface {
	EventSeen(ctx context.Context, id string) (bool, error)
	KeepEvent(ctx context.Context, id string, now time.Time) error
	// AddNote adds the note to the order's timeline, once for each fact.
	AddNote(ctx context.Context, orderID, fact string, note order.Entry) error
}

// receiveEvent takes an event of a payment provider, which delivers it again unless this
// succeeds: so what can never be understood is a success as well. Nothing depends on the
// order in which events come, nor on their coming once: the store of events only saves
// the work of looking again.
func (h *Webhooks) receiveEvent(r *http.Request, provider PaymentProvider, request callback.Request) error {
	event, err := provider.VerifyEvent(request)
	if err != nil {
		return unsigned(err, transport.CodeUnsignedEvent)
	}
	ctx := r.Context()
	if h.seen(ctx, event) {
		return nil
	}
	if event.OrderID != "" {
		transport.RequestLogOf(r).OrderID = event.OrderID
		if err := h.Lookups.take(event.OrderID); err != nil {
			return err
		}
	}
	reports, err := provider.ReadEvent(ctx, event)
	if order.ErrorCode(err) == order.CodeInvalid {
		h.Log.ErrorContext(ctx, "an event of the payment provider cannot be read", "event", event.ID, "type", event.Type, "error", err)
		reports, err = nil, nil
	}
	if err != nil {
		return err
	}
	for _, report := range reports {
		if !transport.IsOrderID(report.OrderID) {
			continue // somebody else's payment, at the same provider
		}
		transport.RequestLogOf(r).OrderID = report.OrderID
		if err := h.Report(ctx, report); err != nil {
			return err
		}
	}
	if event.ID == "" {
		return nil
	}
	if err := h.Events.KeepEvent(ctx, event.ID, h.Now()); err != nil {
		h.Log.WarnContext(ctx, "an event is not remembered: should it come again, it is looked at again", "event", event.ID, "error", err)
	}
	return nil
}

// seen reports whether the event has been dealt with. While nobody knows, it has
// not.
func (h *Webhooks) seen(ctx context.Context, event order.ProviderEvent) bool {
	if event.ID == "" {
		return false
	}
	seen, err := h.Events.EventSeen(ctx, event.ID)
	if err != nil {
		h.Log.WarnContext(ctx, "it is unknown whether an event came before: it is looked at", "event", event.ID, "error", err)
	}
	return seen
}

// Report tells the order of the event, unless it is of no interest to it any more; one that has
// ended gets a note.
func (h *Webhooks) Report(ctx context.Context, event order.PaymentEvent) error {
	if event.Kind == order.PaymentMoved && h.decided(ctx, event.OrderID) {
		return nil
	}
	err := h.Orders.Report(ctx, event)
	if order.ErrorCode(err) != order.CodeNotFound {
		return err
	}
	note, noted := order.PaymentNote(event)
	if !noted {
		return nil
	}
	if event.Kind == order.PaymentRefundFailed {
		h.Log.ErrorContext(ctx, "a refund has failed after its order's end: pay the customer by other means", "order_id", event.OrderID)
	}
	return h.Events.AddNote(ctx, event.OrderID, event.ID, note)
}

// decided reports whether the order surely waits for its payment no more: most
// payments are decided at once, and some providers tell of all of them.
func (h *Webhooks) decided(ctx context.Context, id string) bool {
	snapshot, err := h.Finder.Stored(ctx, id)
	return err == nil && snapshot.Status != order.PaymentPending
}

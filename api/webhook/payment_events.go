package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// MaxEvent is the largest event that is read, in bytes. An event holds one object
// of the provider's, of which descriptions and metadata are bounded.
const MaxEvent = 256 << 10

// PaymentEvents are the events that the payment provider sends, and those who
// have to know.
type PaymentEvents struct {
	Provider PaymentProvider
	Orders   PaymentReports
	Events   EventStore
}

// PaymentProvider reads its own events.
type PaymentProvider interface {
	// VerifyEvent returns the event with this raw body. It fails with
	// CodeUnauthorized unless the signature is the provider's.
	VerifyEvent(body []byte, signature string) (order.ProviderEvent, error)
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

// Stripe is the resource /webhooks/stripe.
type Stripe struct {
	PaymentEvents
	Finder readmodel.Finder
	Now    func() time.Time
	Log    *slog.Logger
}

// Register adds the resource\'s routes.
func (p *Stripe) Register(router *mux.Router) {
	router.Handle("/webhooks/stripe", transport.HandlerFunc(p.receive).Limited(MaxEvent)).Methods(http.MethodPost)
}

// receive is POST /webhooks/stripe. Anything but a success makes Stripe deliver
// the event again, so what can never be understood is a success as well. Nothing
// depends on the order in which events come, nor on their coming once: the store
// of events only saves the work of looking again.
func (p *Stripe) receive(w http.ResponseWriter, r *http.Request) error {
	body, err := transport.ReadBody(r)
	if err != nil {
		return err
	}
	event, err := p.Provider.VerifyEvent(body, r.Header.Get("Stripe-Signature"))
	if err != nil {
		return transport.NewError(transport.CodeUnsignedEvent, "the event is not signed by Stripe, or was signed more than five minutes ago")
	}
	ctx := r.Context()
	if p.seen(ctx, event) {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	reports, err := p.Provider.ReadEvent(ctx, event)
	if order.ErrorCode(err) == order.CodeInvalid {
		p.Log.ErrorContext(ctx, "an event of the payment provider cannot be read", "event", event.ID, "type", event.Type, "error", err)
		reports, err = nil, nil
	}
	if err != nil {
		return err
	}
	for _, report := range reports {
		if err := p.report(r, report); err != nil {
			return err
		}
	}
	if err := p.Events.KeepEvent(ctx, event.ID, p.Now()); err != nil {
		p.Log.WarnContext(ctx, "an event is not remembered: should it come again, it is looked at again", "event", event.ID, "error", err)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// seen reports whether the event has been dealt with. While nobody knows, it has
// not.
func (p *Stripe) seen(ctx context.Context, event order.ProviderEvent) bool {
	seen, err := p.Events.EventSeen(ctx, event.ID)
	if err != nil {
		p.Log.WarnContext(ctx, "it is unknown whether an event came before: it is looked at", "event", event.ID, "error", err)
	}
	return seen
}

// report tells the order; one that has ended gets a note.
func (p *Stripe) report(r *http.Request, event order.PaymentEvent) error {
	if !transport.IsOrderID(event.OrderID) {
		return nil // somebody else's payment, at the same provider
	}
	transport.RequestLogOf(r).OrderID = event.OrderID
	if event.Kind == order.PaymentMoved && p.decided(r.Context(), event.OrderID) {
		return nil
	}
	err := p.Orders.Report(r.Context(), event)
	if order.ErrorCode(err) != order.CodeNotFound {
		return err
	}
	note, noted := order.PaymentNote(event)
	if !noted {
		return nil
	}
	if event.Kind == order.PaymentRefundFailed {
		p.Log.ErrorContext(r.Context(), "a refund has failed after its order's end: pay the customer by other means", "order_id", event.OrderID)
	}
	return p.Events.AddNote(r.Context(), event.OrderID, event.ID, note)
}

// decided reports whether the order surely waits for its payment no more: most
// payments are decided at once, and Stripe tells of all of them.
func (p *Stripe) decided(ctx context.Context, id string) bool {
	snapshot, err := p.Finder.Stored(ctx, id)
	return err == nil && snapshot.Status != order.PaymentPending
}

package payments

import (
	"context"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// Reporter tells orders what has happened to their payments.
type Reporter interface {
	// Report tells the order of the event. An order that does not wait for it any more is
	// no error.
	Report(ctx context.Context, event order.PaymentEvent) error
}

// ReturnsPerMinute is how often a minute an order is told that its customer has come back.
const ReturnsPerMinute = 20

// Returned is the resource /orders/{id}/payment: a customer has come back from the provider's
// page, perhaps with something. It is a reason to ask the provider, and nothing else.
type Returned struct {
	Finder  readmodel.Finder
	Reports Reporter
	// Limit counts the returns of each order.
	Limit *transport.Limiter
	Now   func() time.Time
}

// Register adds the resource's route.
func (p *Returned) Register(router *mux.Router) {
	transport.Post(router, "/orders/{id}/payment", p.receive)
}

// receive is POST /orders/{id}/payment.
func (p *Returned) receive(w http.ResponseWriter, r *http.Request) error {
	id, err := transport.PathOrderID(r)
	if err != nil {
		return err
	}
	returned, err := readReturned(r)
	if err != nil {
		return err
	}
	snapshot, err := p.Finder.Find(r.Context(), id)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if snapshot.Status == order.PaymentPending {
		status = http.StatusAccepted
		err = p.report(r.Context(), id, returned)
	}
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, status, views.CustomerOrder(snapshot))
}

// readReturned returns what the customer has brought back; empty for nothing.
func readReturned(r *http.Request) (string, error) {
	var body spec.PaymentReturn
	if err := transport.DecodeOptionalBody(r, &body); err != nil {
		return "", err
	}
	var c transport.FieldChecks
	return c.Match("payment_key", body.PaymentKey, transport.IsVisibleASCII, limits.PaymentKey,
		"must be what the provider's page has led back with"), c.Err
}

func (p *Returned) report(ctx context.Context, id, returned string) error {
	if err := p.Limit.Take(id, "the payment was asked for too often; the order looks at it by itself"); err != nil {
		return err
	}
	return p.Reports.Report(ctx, order.PaymentEvent{
		ID: "returned/" + id, OrderID: id, Kind: order.PaymentMoved, At: p.Now(), Returned: returned,
	})
}

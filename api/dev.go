package api

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
)

// devResource is the developers' resource /dev.
type devResource struct{ sandbox Sandbox }

func (d *devResource) Register(router *mux.Router) {
	transport.Get(router, "/dev/messages", d.messages)
	transport.Get(router, "/dev/payments", d.payments)
}

// messages is GET /dev/messages.
func (d *devResource) messages(w http.ResponseWriter, r *http.Request) error {
	messages, err := d.sandbox.Messages(r.Context())
	if err != nil {
		return err
	}
	view := spec.DevMessages{Messages: make([]spec.DevMessage, len(messages))}
	for i, m := range messages {
		view.Messages[i] = spec.DevMessage{OrderID: m.OrderID, To: m.To, Text: m.Text, At: m.At}
	}
	return transport.RespondJSON(w, r, http.StatusOK, view)
}

// payments is GET /dev/payments.
func (d *devResource) payments(w http.ResponseWriter, r *http.Request) error {
	payments, err := d.sandbox.Payments(r.Context())
	if err != nil {
		return err
	}
	view := spec.DevPayments{Payments: make([]spec.DevPayment, len(payments))}
	for i, p := range payments {
		view.Payments[i] = spec.DevPayment{
			OrderID: p.OrderID, Kind: spec.DevPaymentKind(p.Kind), Amount: p.Amount, Currency: p.Currency, At: p.At,
		}
	}
	return transport.RespondJSON(w, r, http.StatusOK, view)
}

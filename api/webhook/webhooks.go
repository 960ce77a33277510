package webhook

import (
	"context"
	"mime"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
)

// TextReceiver takes what the provider of the texts reports: the state of a text,
// and messages from customers who want no texts any more.
type TextReceiver interface {
	// Receive takes a request for target (its path and query, as they came) with a
	// form as its body. It fails with CodeUnauthorized unless the signature is the
	// provider's.
	Receive(ctx context.Context, target string, body []byte, signature string) error
}

// Twilio is the resource /webhooks/twilio. It does not exist where texts do
// not go through Twilio.
type Twilio struct{ Texts TextReceiver }

// Register adds the resource\'s routes.
func (h *Twilio) Register(router *mux.Router) {
	transport.Post(router, "/webhooks/twilio", h.receive)
}

// receive is POST /webhooks/twilio. Its empty answer tells Twilio that there is no
// reply to a customer's message.
func (h *Twilio) receive(w http.ResponseWriter, r *http.Request) error {
	if h.Texts == nil {
		return transport.NotFound()
	}
	body, err := transport.ReadBody(r)
	if err != nil {
		return err
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/x-www-form-urlencoded" {
		return transport.NewError(transport.CodeUnsupportedMediaType, "the body must be sent as application/x-www-form-urlencoded")
	}
	err = h.Texts.Receive(r.Context(), r.URL.RequestURI(), body, r.Header.Get("X-Twilio-Signature"))
	if order.ErrorCode(err) == order.CodeUnauthorized {
		return transport.NewError(transport.CodeInvalidSignature, "the signature is not Twilio's for this address")
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

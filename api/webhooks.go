package api

import (
	"context"
	"mime"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/order"
)

// TextWebhook takes what the provider of the texts reports: the state of a text,
// and messages from customers who want no texts any more.
type TextWebhook interface {
	// Receive takes a request for target (its path and query, as they came) with a
	// form as its body. It fails with CodeUnauthorized unless the signature is the
	// provider's.
	Receive(ctx context.Context, target string, body []byte, signature string) error
}

// twilioWebhook is the resource /webhooks/twilio. It does not exist where texts do
// not go through Twilio.
type twilioWebhook struct{ texts TextWebhook }

func (h *twilioWebhook) Register(router *mux.Router) { post(router, "/webhooks/twilio", h.receive) }

// receive is POST /webhooks/twilio. Its empty answer tells Twilio that there is no
// reply to a customer's message.
func (h *twilioWebhook) receive(w http.ResponseWriter, r *http.Request) error {
	if h.texts == nil {
		return notFound()
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/x-www-form-urlencoded" {
		return newError(codeUnsupportedMediaType, "the body must be sent as application/x-www-form-urlencoded")
	}
	err = h.texts.Receive(r.Context(), r.URL.RequestURI(), body, r.Header.Get("X-Twilio-Signature"))
	if order.ErrorCode(err) == order.CodeUnauthorized {
		return newError(codeInvalidSignature, "the signature is not Twilio's for this address")
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

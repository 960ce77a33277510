package webhook

import (
	"context"
	"errors"
	"net/http"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/order"
)

// TextReceiver takes what a provider of texts reports: the state of a text, and messages
// from customers who want no texts any more.
type TextReceiver interface {
	// Webhook says what the provider sends.
	Webhook() callback.Contract
	// Receive takes a request. It fails with CodeUnauthorized, with words for the caller,
	// unless the signature is the provider's.
	Receive(ctx context.Context, request callback.Request) error
}

func receiveText(r *http.Request, texts TextReceiver, request callback.Request) error {
	err := texts.Receive(r.Context(), request)
	return unsigned(err, transport.CodeInvalidSignature)
}

// unsigned gives the error of a request that the provider has not signed the code that
// its callers know.
func unsigned(err error, code order.Code) error {
	var known *order.Error
	if errors.As(err, &known) && known.Code == order.CodeUnauthorized {
		return transport.NewError(code, known.Message)
	}
	return err
}

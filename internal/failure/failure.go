// Package failure carries an [order.Error] across Temporal: an activity or an
// update handler encodes it into an application error, and the workflow or the
// client at the other end decodes the same error again.
package failure

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/cafeforme/cafeforme/order"
)

// details is what an application error keeps of an [order.Error], beside its
// code (the application error's type) and its message.
type details struct {
	Field       string       `json:"field,omitempty"`
	OrderStatus order.Status `json:"order_status,omitempty"`
}

// longestDelay bounds how long a provider can put us off. What providers ask for is
// honoured; a day, which one may ask for by mistake, is not.
const longestDelay = time.Hour

// Encode returns err as an application error whose type is its [order.Code].
// It ends an activity's retries when trying again cannot help, and puts the next
// one off for as long as the error's RetryAfter asks. Nil stays nil.
func Encode(err error) error { return encode(err, Permanent(order.ErrorCode(err))) }

// EncodeFinal is [Encode] for an error after which nothing is tried again, although
// its code alone would allow that.
func EncodeFinal(err error) error { return encode(err, true) }

func encode(err error, final bool) error {
	if err == nil {
		return nil
	}
	var e *order.Error
	if !errors.As(err, &e) {
		return temporal.NewApplicationErrorWithOptions(err.Error(), string(order.CodeInternal),
			temporal.ApplicationErrorOptions{NonRetryable: final, Cause: err})
	}
	cause := e.Err
	if errors.As(cause, new(*order.Error)) { // that keeps its code as well
		cause = encode(cause, final)
	}
	return temporal.NewApplicationErrorWithOptions(e.Message, string(e.Code), temporal.ApplicationErrorOptions{
		NonRetryable:   final,
		Cause:          cause,
		NextRetryDelay: min(e.RetryAfter, longestDelay),
		Details:        []any{details{Field: e.Field, OrderStatus: e.OrderStatus}},
	})
}

// Decode returns the [order.Error] that the application error in err's chain
// was encoded from, and err itself when there is none.
func Decode(err error) error {
	var app *temporal.ApplicationError
	if !errors.As(err, &app) {
		return err
	}
	e := &order.Error{Code: order.Code(app.Type()), Message: app.Message(), RetryAfter: app.NextRetryDelay(), Err: app.Unwrap()}
	var d details
	if app.HasDetails() && app.Details(&d) == nil {
		e.Field, e.OrderStatus = d.Field, d.OrderStatus
	}
	return e
}

// Permanent reports whether an error of this code stays, however often the same
// thing is tried again.
func Permanent(code order.Code) bool {
	switch code {
	case order.CodeInvalid, order.CodeNotFound, order.CodeRefused, order.CodeUncertain, order.CodeTooLate, order.CodeTooEarly,
		order.CodeRefundPending:
		return true
	default:
		return false
	}
}

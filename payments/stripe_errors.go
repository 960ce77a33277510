package payments

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/order"
)

// asStripe returns Stripe's answer in err's chain, and nil when Stripe did not
// answer.
func asStripe(err error) *stripe.Error {
	var e *stripe.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// failed returns what an error of the SDK means. Stripe's kinds of errors are at
// https://docs.stripe.com/api/errors, its codes at
// https://docs.stripe.com/error-codes.
func failed(doing string, err error) error {
	e := asStripe(err)
	code := order.CodeRefused
	switch {
	case e == nil && errors.Is(err, context.Canceled):
		return &order.Error{Code: order.CodeUnavailable, Message: doing + ": the caller left"}
	case e == nil:
		return &order.Error{Code: order.CodeUnavailable, Message: doing + ": Stripe does not answer", Err: err}
	case passes(e):
		code = order.CodeUnavailable
	case e.Type == stripe.ErrorTypeIdempotency:
		code = order.CodeInvalid
	}
	result := &order.Error{Code: code, Message: doing + ": " + wordsOf(e), RetryAfter: retryAfter(e)}
	switch {
	case code == order.CodeInvalid:
		result.Field = "idempotency_key"
	case e.Code == stripe.ErrorCodeAmountTooSmall, e.Code == stripe.ErrorCodeAmountTooLarge:
		result.Field = fieldAmount
	}
	return result
}

// ofAmount reports a refusal that never changes, because the order's total never
// does: Stripe charges no such amount.
func ofAmount(err error) bool {
	var e *order.Error
	return errors.As(err, &e) && e.Code == order.CodeRefused && e.Field == fieldAmount
}

// passes reports whether the same request can help later: Stripe is overloaded,
// busy with the same object or the same key, or broken
// (https://docs.stripe.com/rate-limits, https://docs.stripe.com/error-low-level).
func passes(e *stripe.Error) bool {
	switch e.Code {
	case stripe.ErrorCodeLockTimeout, stripe.ErrorCodeRateLimit, stripe.ErrorCodeIdempotencyKeyInUse:
		return true
	}
	return e.HTTPStatusCode == http.StatusTooManyRequests || brokenDown(e) ||
		e.HTTPStatusCode == http.StatusConflict && e.Type != stripe.ErrorTypeIdempotency
}

// brokenDown reports an answer of 5xx: what it was to do may have been done, and
// the same key may give the same answer for ever.
func brokenDown(e *stripe.Error) bool {
	return e != nil && e.HTTPStatusCode != http.StatusTooManyRequests &&
		(e.HTTPStatusCode >= http.StatusInternalServerError || e.Type == stripe.ErrorTypeAPI)
}

// mayChangeKey reports that Stripe broke down over a request, and that another
// key may follow at once: not where Stripe asks to be left alone first, unless it
// repeats itself.
func mayChangeKey(e *stripe.Error) bool {
	return brokenDown(e) && (retryAfter(e) == 0 || replayed(e.LastResponse))
}

// replayed reports that Stripe gave an answer which it had saved
// (https://docs.stripe.com/error-low-level#idempotency).
func replayed(response *stripe.APIResponse) bool {
	return response != nil && response.Header.Get("Idempotent-Replayed") == "true"
}

// isDecline reports that the card, or its bank, refused: an ordinary outcome
// (https://docs.stripe.com/declines).
func isDecline(e *stripe.Error) bool { return e != nil && e.Type == stripe.ErrorTypeCard }

// isUnusable reports that the request is refused for its payment method: there
// is no such one, or it cannot pay here.
func isUnusable(e *stripe.Error) bool {
	return e != nil && e.Type == stripe.ErrorTypeInvalidRequest && (e.Param == "payment_method" ||
		strings.HasPrefix(string(e.Code), "payment_method_") ||
		e.Code == stripe.ErrorCodePaymentIntentIncompatiblePaymentMethod)
}

// wordsOf repeats what an operator needs to look the request up. Of the objects
// in the error it repeats nothing: a PaymentIntent holds a client secret.
func wordsOf(e *stripe.Error) string {
	kind := cmp.Or(string(e.Code), string(e.Type), "error")
	words := fmt.Sprintf("Stripe answered %d %s", e.HTTPStatusCode, kind)
	if e.DeclineCode != "" {
		words += " (" + string(e.DeclineCode) + ")"
	}
	if e.Msg != "" {
		words += ": " + e.Msg
	}
	if e.RequestID != "" {
		words += " [" + e.RequestID + "]"
	}
	return words
}

// retryAfter returns how long Stripe asks to be left alone.
func retryAfter(e *stripe.Error) time.Duration {
	if e.LastResponse == nil {
		return 0
	}
	seconds, err := strconv.Atoi(e.LastResponse.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

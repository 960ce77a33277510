package stripe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
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

// providerError returns what an error of the SDK means, as an [order.Error]; one that is
// such already stays as it is. A refusal that is in no class is taken for a fault of
// our own request.
func providerError(doing string, err error) error { return providerErrorOr(classSetup, doing, err) }

// providerErrorOr is [providerError], and takes a refusal that is in no class for one of that class.
func providerErrorOr(otherwise errorClass, doing string, err error) error {
	var known *order.Error
	e := asStripe(err)
	switch {
	case e == nil && errors.As(err, &known):
		return err
	case e == nil && errors.Is(err, context.Canceled):
		return &order.Error{Code: order.CodeUnavailable, Message: doing + ": the caller left"}
	case e == nil:
		return &order.Error{Code: order.CodeUnavailable, Message: doing + ": Stripe does not answer", Err: err}
	}
	found := classOf(e)
	result := &order.Error{Code: found.code(otherwise), Message: doing + ": " + wordsOf(e), RetryAfter: retryAfter(e)}
	switch {
	case found == classKeyReused:
		result.Field = "idempotency_key"
	case found == classMethod:
		return &unusableMethod{result, e}
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

// unusableMethod is the error of a payment method that does not exist, or cannot
// pay here.
type unusableMethod struct {
	error

	answer *stripe.Error
}

func (u *unusableMethod) Unwrap() error { return u.error }

// decline returns the error as the result of a charge.
func (u *unusableMethod) decline() order.ChargeResult {
	if u.answer.Type == stripe.ErrorTypeCard {
		return declinedBy("", u.answer)
	}
	return order.ChargeResult{Declined: true, DeclineCode: order.DeclineInvalidMethod}
}

// brokenDown reports that Stripe has failed over the request: what it was to do may
// have been done, and the same key may give the same answer for ever.
func brokenDown(e *stripe.Error) bool {
	return classOf(e) == classOpen && (e.HTTPStatusCode >= http.StatusInternalServerError || e.Type == stripe.ErrorTypeAPI)
}

// leavesDoubt reports that only a look at the object tells what the request has come
// to: not where Stripe has not taken it up, or wants to be left alone.
func leavesDoubt(e *stripe.Error) bool {
	switch {
	case e == nil:
		return false
	case isReplayed(e.LastResponse):
		return true
	}
	switch classOf(e) {
	case classSetup, classPassing, classKeyReused:
		return false
	case classOpen:
		return retryAfter(e) == 0
	default:
		return true
	}
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

// refusedError is the error of what Stripe will never do.
func refusedError(message string) error {
	return &order.Error{Code: order.CodeRefused, Message: message}
}

// unavailableError is the error of what Stripe has not decided yet.
func unavailableError(message string) error {
	return &order.Error{Code: order.CodeUnavailable, Message: message}
}

package toss

import (
	"context"
	"errors"

	"github.com/cafeforme/cafeforme/order"
)

// providerError returns what an error of a call means, as an [order.Error]. A refusal that is
// in no class, or is about a payment that Toss does not have, is taken for a fault of our own
// request.
func providerError(doing string, err error) error {
	return providerErrorOr(order.CodeMisconfigured, doing, err)
}

// providerErrorOr is [providerError], and gives the code otherwise to a refusal that is in no
// class.
func providerErrorOr(otherwise order.Code, doing string, err error) error {
	if errors.Is(err, context.Canceled) {
		return unavailableError(doing + ": the caller left")
	}
	r := asRefusal(err)
	if r == nil {
		return &order.Error{Code: order.CodeUnavailable, Message: doing + ": Toss Payments does not answer", Err: err}
	}
	result := &order.Error{Code: otherwise, Message: doing + ": " + r.Error(), RetryAfter: r.RetryAfter}
	switch classOf(err) {
	case classPassing, classOpen:
		result.Code = order.CodeUnavailable
	case classSetup:
		result.Code = order.CodeMisconfigured
	case classMethod, classFinal:
		result.Code = order.CodeRefused
	}
	return result
}

// keptByKey reports that an idempotency key may answer with this error from now on, although
// its cause passes: another key is to be used then. Toss keeps refusals; whether it keeps what
// it has failed over, it does not say.
func keptByKey(err error) bool {
	r := asRefusal(err)
	return r != nil && classOf(err) == classOpen && r.RetryAfter == 0
}

// declinedBy is the result of a payment that the card or its bank has refused.
func declinedBy(reference string, r *refusal) order.ChargeResult {
	result := order.ChargeResult{Reference: reference, Declined: true, DeclineCode: r.Code}
	if confidentialCodes[r.Code] {
		result.DeclineCode, result.ProviderDeclineCode = genericDecline, r.Code
	}
	return result
}

// The decline codes that are not Toss's.
const (
	genericDecline = "generic_decline"
	// sessionExpired is that of a customer who has not paid in time.
	sessionExpired = "session_expired"
)

// refusedError is the error of what Toss will never do.
func refusedError(message string) error {
	return &order.Error{Code: order.CodeRefused, Message: message}
}

// unavailableError is the error of what is not decided yet.
func unavailableError(message string) error {
	return &order.Error{Code: order.CodeUnavailable, Message: message}
}

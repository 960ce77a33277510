package order

import (
	"errors"
	"time"
)

// Code says what kind of error an [Error] is. Codes are stable: the API shows
// them, and they cross process boundaries inside Temporal's failures.
type Code string

// The codes of this package and of the implementations of the interfaces in
// package activities.
const (
	// CodeInvalid: the input can never be accepted as it is.
	CodeInvalid Code = "invalid"
	// CodeNotFound: what is asked for does not exist.
	CodeNotFound Code = "not_found"
	// CodeTooLate: the order has moved on and the command lost.
	CodeTooLate Code = "too_late"
	// CodeTooEarly: the order has not come far enough for the command.
	CodeTooEarly Code = "too_early"
	// CodeRefundPending: another refund of the order is under way, or was asked for first.
	CodeRefundPending Code = "refund_pending"
	// CodeUnchanged: the command's effect stands already, and nothing was recorded of
	// its repetition. For its caller that is a success.
	CodeUnchanged Code = "unchanged"
	// CodeRefused: a provider refuses for good; trying again cannot help.
	CodeRefused Code = "refused"
	// CodeUncertain: a provider refuses now, but may have done before what was
	// asked of it; trying again cannot help.
	CodeUncertain Code = "uncertain"
	// CodeMisconfigured: a provider refuses because of the account we have with it,
	// or of our configuration: nothing about this order, and nothing was done. Trying
	// again helps once somebody has mended that.
	CodeMisconfigured Code = "misconfigured"
	// CodeUnavailable: a provider or store cannot be reached or is overloaded;
	// trying again can help.
	CodeUnavailable Code = "unavailable"
	// CodeUnauthorized: the token or code does not prove who is asking.
	CodeUnauthorized Code = "unauthorized"
	// CodeRateLimited: the same was asked for too often; it can be asked for
	// again later.
	CodeRateLimited Code = "rate_limited"
	// CodeInternal: anything this code base did not foresee.
	CodeInternal Code = "internal"
)

// Error is an error with a stable code and a sentence for the person who can
// act on it. Err, when set, is the cause: for logs, never for customers.
type Error struct {
	Code    Code
	Message string
	// Field names the input that is to blame, as its JSON path ("items[0].qty").
	Field string
	// OrderStatus is the status that won, for CodeTooLate and CodeTooEarly.
	OrderStatus Status
	// RetryAfter is how long whoever is out of order asks to be left alone, with
	// CodeUnavailable and CodeRateLimited; zero when it did not say.
	RetryAfter time.Duration
	Err        error
}

// Error returns the sentence and, where there is one, the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the code of the first [Error] in err's chain, CodeInternal
// when there is none, and the empty code for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

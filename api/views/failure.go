package views

import (
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// The reasons of a decline that customers are told. Whoever tries out cards that are not theirs
// would learn from a bank's own reason what is wrong with one
// (https://docs.stripe.com/disputes/prevention/card-testing); somebody whose account is empty is
// helped by knowing it. Operators see the real one in the order and in the worker's log.
const (
	ReasonDeclined          = "declined"
	ReasonInsufficientFunds = "insufficient_funds"
)

// sessionExpired is the decline code of a page that nobody has paid on in time.
const sessionExpired = "session_expired"

// PublicFailureCode returns what customers are told of why a payment failed: a reason of ours, or
// one of the two for a decline. It is empty when nothing failed.
func PublicFailureCode(code string) string {
	switch code {
	case sessionExpired:
		return workflows.FailurePaymentTimeout
	case order.RefusedPoints, order.RefusedSlot, order.RefusedUnavailable, order.RefusedReleased,
		order.RefusedCouponUnknown, order.RefusedCouponEnded, order.RefusedCouponUsedUp, order.RefusedCouponUsedByMember:
		return code
	case "", ReasonInsufficientFunds, order.DeclineInvalidMethod, order.DeclineInvalidTotal, workflows.FailurePaymentTimeout,
		workflows.FailurePaymentRefused, workflows.FailurePaymentUnavailable, workflows.FailurePaymentCancelled:
		return code
	default:
		return ReasonDeclined
	}
}

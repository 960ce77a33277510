package sandbox

import "github.com/cafeforme/cafeforme/order"

// The sandbox's payment methods, named as Stripe names its test ones.
const (
	methodVisa              = "pm_card_visa"
	methodDeclined          = "pm_card_chargeDeclined"
	methodInsufficientFunds = "pm_card_chargeDeclinedInsufficientFunds"
	methodUnavailable       = "pm_sandbox_unavailable"
	methodTimeout           = "pm_sandbox_timeout"
	methodRefundUnavailable = "pm_sandbox_refund_unavailable"
	methodRedirect          = order.MethodRedirect
)

// declineExpired is why nobody has paid on a page.
const declineExpired = "session_expired"

// answeringCall is the first call that an unavailable method answers.
const answeringCall = 3

// methodBehavior is how the sandbox treats a payment method.
type methodBehavior struct {
	// declineCode is why charges are declined; empty when they are paid.
	declineCode string
	// chargeFrom and refundFrom are the first calls that do anything.
	chargeFrom, refundFrom int64
	// losesFirst: the answer of the first charge is lost.
	losesFirst bool
}

// methodBehaviors is all the sandbox knows of payment methods.
var methodBehaviors = map[string]methodBehavior{
	methodVisa:              {},
	methodDeclined:          {declineCode: "generic_decline"},
	methodInsufficientFunds: {declineCode: "insufficient_funds"},
	methodUnavailable:       {chargeFrom: answeringCall},
	methodTimeout:           {losesFirst: true},
	methodRefundUnavailable: {refundFrom: answeringCall},
	methodRedirect:          {declineCode: declineExpired}, // of a page whose time is up
}

// KnownMethod reports whether the sandbox has the payment method.
func (*Gateway) KnownMethod(token string) bool {
	_, ok := methodBehaviors[token]
	return ok
}

// Methods lists the sandbox's payment methods for people to choose from: its page first, as
// other providers have one, then its cards.
func (*Gateway) Methods() []string {
	return []string{
		methodRedirect, methodVisa, methodDeclined, methodInsufficientFunds, methodUnavailable, methodTimeout, methodRefundUnavailable,
	}
}

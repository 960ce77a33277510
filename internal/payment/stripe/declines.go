package stripe

import (
	"cmp"
	"slices"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/order"
)

// declinedBy is the result of a payment that the card or its bank has refused
// (https://docs.stripe.com/declines). Some reasons are not for the customer, who may
// not be the card's owner (https://docs.stripe.com/declines/codes).
func declinedBy(reference string, why *stripe.Error) order.ChargeResult {
	result := order.ChargeResult{Reference: reference, Declined: true, DeclineCode: genericDecline}
	if why == nil {
		return result
	}
	code := cmp.Or(string(why.DeclineCode), string(why.Code), genericDecline)
	if slices.Contains(confidentialDeclines, code) {
		result.ProviderDeclineCode = code
		return result
	}
	result.DeclineCode = code
	return result
}

const genericDecline = "generic_decline"

// confidentialDeclines are the decline codes that Stripe wants shown as a generic decline.
var confidentialDeclines = []string{"fraudulent", "lost_card", "merchant_blacklist", "pickup_card", "stolen_card"}

package stripe

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// pageSlack is how long after its deadline an order's page ends by itself, should nobody
	// expire it: Stripe wants pages to last half an hour at least.
	pageSlack = 40 * time.Minute
	// shortestPage and longestPage are how long a page can last, from when it is made
	// (https://docs.stripe.com/api/checkout/sessions/create), with some time for the request.
	shortestPage = 31 * time.Minute
	longestPage  = 23 * time.Hour
	// maxItemName is the most characters that a line item's name can have.
	maxItemName = 250
)

// declineExpired is the decline code of a page that has ended before anything was paid.
const declineExpired = "session_expired"

// delayedMethods are the payment methods whose outcome is known days later
// (https://docs.stripe.com/payments/payment-methods#payment-notification): nobody makes a
// coffee for those.
var delayedMethods = []string{
	"acss_debit", "au_becs_debit", "bacs_debit", "boleto", "customer_balance", "konbini", "multibanco", "nz_bank_account", "oxxo",
	"sepa_debit", "us_bank_account",
}

// chargeOnPage has the customer pay on Stripe's page, a Checkout Session
// (https://docs.stripe.com/payments/checkout). A card that is declined there does not end
// it: the customer tries another.
func (s *Gateway) chargeOnPage(ctx context.Context, charge order.Charge) (order.ChargeResult, error) {
	session, err := s.knownSession(ctx, charge.Reference, charge.OrderID)
	if err == nil && session == nil {
		session, err = s.session(ctx, charge)
	}
	switch {
	case err != nil:
		return order.ChargeResult{}, err
	case isPaid(session):
		return order.ChargeResult{Reference: session.PaymentIntent.ID, MadeBefore: true}, nil
	case session.Status == stripe.CheckoutSessionStatusOpen:
		ends := time.Unix(session.ExpiresAt, 0).UTC()
		if !charge.PayBy.IsZero() && charge.PayBy.Before(ends) {
			ends = charge.PayBy
		}
		return order.ChargeResult{
			Reference: session.ID, Action: &order.PaymentAction{Type: order.ActionRedirect, URL: session.URL, ExpiresAt: ends},
		}, nil
	case isUndecided(session):
		return order.ChargeResult{}, undecidedError()
	}
	return unpaid(session), nil
}

// voidPage ends the order's page, or finds that it was paid. Of a page that is still to be
// made by somebody who is late there is nothing to end: its address reaches nobody.
func (s *Gateway) voidPage(ctx context.Context, void order.Void) (order.VoidResult, error) {
	session, err := s.endedSession(ctx, void)
	switch {
	case err != nil || session == nil:
		return order.VoidResult{}, err
	case isPaid(session):
		return order.VoidResult{Captured: true, Reference: session.PaymentIntent.ID}, nil
	case isUndecided(session):
		return order.VoidResult{}, undecidedError()
	case session.Status == stripe.CheckoutSessionStatusOpen:
		return order.VoidResult{}, unavailableError("Stripe does not end the payment page yet")
	}
	return order.VoidResult{}, nil
}

// endedSession ends the order's session, and returns it as it is then; nil when there is none.
func (s *Gateway) endedSession(ctx context.Context, void order.Void) (*stripe.CheckoutSession, error) {
	session, err := s.knownSession(ctx, void.Reference, void.OrderID)
	switch {
	case err != nil:
		return nil, err
	case session == nil:
		return s.settledSession(ctx, sessionsWanted{void.OrderID, void.ChargeKey, void.PlacedAt, false})
	case session.Status == stripe.CheckoutSessionStatusOpen:
		return s.expire(ctx, session, void.ChargeKey)
	}
	return session, nil
}

// unpaid is the result of a page that can be paid no more. It has ended, unless a method
// that was to pay later has failed.
func unpaid(session *stripe.CheckoutSession) order.ChargeResult {
	if intent := session.PaymentIntent; intent != nil && hasFailed(intent) {
		return declinedBy(intent.ID, intent.LastPaymentError)
	}
	return order.ChargeResult{Reference: session.ID, Declined: true, DeclineCode: declineExpired}
}

func undecidedError() error {
	return unavailableError("Stripe has not decided the payment yet: it is processing")
}

// session returns the order's session as it is now, and makes it when there is none.
func (s *Gateway) session(ctx context.Context, charge order.Charge) (*stripe.CheckoutSession, error) {
	session, err := findOrMake(s, charge,
		func() (*stripe.CheckoutSession, error) {
			return s.settledSession(ctx, sessionsWanted{charge.OrderID, charge.IdempotencyKey, charge.PlacedAt, true})
		},
		func(key string) (*stripe.CheckoutSession, error) { return s.createSession(ctx, charge, key) })
	switch {
	case err != nil:
		err = providerError("make the payment page", err)
		if unusable := new(unusableMethod); errors.As(err, &unusable) { // nobody has named one yet
			err = &order.Error{Code: order.CodeMisconfigured, Message: unusable.Error()}
		}
		return nil, err
	case isReplayed(session.LastResponse):
		return s.retrieveSession(ctx, session.ID) // the answer is as old as the key
	}
	return session, nil
}

func (s *Gateway) createSession(ctx context.Context, charge order.Charge, key string) (*stripe.CheckoutSession, error) {
	if charge.OrderURL == "" {
		return nil, &order.Error{
			Code: order.CodeMisconfigured, Message: "the order has no address that Stripe's page could lead back to",
		}
	}
	params := &stripe.CheckoutSessionCreateParams{
		Mode:              stripe.String(string(stripe.CheckoutSessionModePayment)),
		UIMode:            stripe.String(string(stripe.CheckoutSessionUIModeHostedPage)),
		SubmitType:        stripe.String(string(stripe.CheckoutSessionSubmitTypePay)),
		Locale:            stripe.String(localeOf(charge.Language)),
		ClientReferenceID: stripe.String(charge.OrderID),
		SuccessURL:        stripe.String(charge.OrderURL),
		CancelURL:         stripe.String(charge.OrderURL),
		ExpiresAt:         stripe.Int64(s.pageEnd(charge).Unix()),
		LineItems:         []*stripe.CheckoutSessionCreateLineItemParams{lineItemOf(charge)},
		// What is paid is what the order costs, in its own currency.
		AdaptivePricing:            &stripe.CheckoutSessionCreateAdaptivePricingParams{Enabled: stripe.Bool(false)},
		ExcludedPaymentMethodTypes: stripe.StringSlice(delayedMethods),
		Metadata:                   map[string]string{metaOrderID: charge.OrderID},
		PaymentIntentData: &stripe.CheckoutSessionCreatePaymentIntentDataParams{
			Metadata: map[string]string{metaOrderID: charge.OrderID},
		},
	}
	params.IdempotencyKey = stripe.String(key)
	return s.api.V1CheckoutSessions.Create(ctx, params)
}

// pageEnd returns when the page ends by itself: the same for all attempts that are made in
// time, which share an idempotency key, and for all that need another key at the same time.
func (s *Gateway) pageEnd(charge order.Charge) time.Time {
	end := charge.PayBy
	if end.IsZero() {
		end = charge.PlacedAt
	}
	end = end.Add(pageSlack)
	now := s.now().Truncate(newKeyEvery)
	if latest := now.Add(longestPage); end.After(latest) {
		return latest
	}
	if soonest := now.Add(shortestPage); end.Before(soonest) {
		return soonest
	}
	return end
}

func lineItemOf(charge order.Charge) *stripe.CheckoutSessionCreateLineItemParams {
	name := []rune(cmp.Or(charge.Summary, charge.OrderID))
	return &stripe.CheckoutSessionCreateLineItemParams{
		Quantity: stripe.Int64(1),
		PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
			Currency:   currencyOf(charge.Amount),
			UnitAmount: stripe.Int64(charge.Amount.Amount),
			ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{
				Name: stripe.String(string(name[:min(len(name), maxItemName)])),
			},
		},
	}
}

// localeOf returns the language of the page; the browser's where Stripe may not have ours.
func localeOf(language order.Language) string {
	switch language {
	case order.Korean, order.English:
		return string(language)
	default:
		return "auto"
	}
}

package stripe

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/order"
)

// Charge takes the order's money with a PaymentIntent, and with that one only: it
// is made under the charge's key, and confirmed. Asked for again, it says what
// has become of the PaymentIntent. A payment that was declined is cancelled, so
// that nobody can pay later with what the customer's page was given.
func (s *Gateway) Charge(ctx context.Context, charge order.Charge) (order.ChargeResult, error) {
	if charge.Amount.Amount == 0 {
		return order.ChargeResult{Reference: "free"}, nil
	}
	var err error
	if charge.Amount, err = inStripesUnits(charge.Amount); err != nil {
		return order.ChargeResult{}, err
	}
	if charge.PaymentMethod == order.MethodRedirect {
		return s.chargeOnPage(ctx, charge)
	}
	intent, err := s.intent(ctx, charge)
	before := err == nil && intent.Status == stripe.PaymentIntentStatusSucceeded
	if err == nil && intent.Status == stripe.PaymentIntentStatusRequiresConfirmation {
		intent, err = s.confirm(ctx, intent, charge)
	}
	if unusable := new(unusableMethod); errors.As(err, &unusable) {
		return unusable.decline(), nil
	}
	if err != nil {
		return order.ChargeResult{}, err
	}
	result, err := s.outcome(ctx, intent, charge)
	result.MadeBefore = before
	return result, err
}

// intent returns the order's PaymentIntent as it is now, and makes it when there
// is none.
func (s *Gateway) intent(ctx context.Context, charge order.Charge) (*stripe.PaymentIntent, error) {
	intent, err := findOrMake(s, charge,
		func() (*stripe.PaymentIntent, error) { return s.furthest(ctx, charge) },
		func(key string) (*stripe.PaymentIntent, error) { return s.create(ctx, charge, key) })
	switch {
	case err != nil:
		return nil, providerError("make the payment", err)
	case isReplayed(intent.LastResponse):
		return s.retrieve(ctx, intent.ID) // the answer is as old as the key
	}
	return intent, nil
}

func (s *Gateway) create(ctx context.Context, charge order.Charge, key string) (*stripe.PaymentIntent, error) {
	params := &stripe.PaymentIntentCreateParams{
		Amount:        stripe.Int64(charge.Amount.Amount),
		Currency:      currencyOf(charge.Amount),
		PaymentMethod: stripe.String(charge.PaymentMethod),
		// Cards and the wallets that hold them: their outcome is known at once.
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		CaptureMethod:      stripe.String(string(stripe.PaymentIntentCaptureMethodAutomatic)),
		Metadata:           map[string]string{metaOrderID: charge.OrderID},
	}
	params.IdempotencyKey = stripe.String(key)
	return s.api.V1PaymentIntents.Create(ctx, params)
}

// furthest returns the order's PaymentIntent that has come furthest, the oldest of
// equals; nil when there is none. There are several only if a key was given up.
func (s *Gateway) furthest(ctx context.Context, charge order.Charge) (*stripe.PaymentIntent, error) {
	intents, err := s.paymentsOf(ctx, charge.OrderID, charge.PlacedAt)
	if err != nil || len(intents) == 0 {
		return nil, err
	}
	slices.Reverse(intents)
	return slices.MaxFunc(intents, func(a, b *stripe.PaymentIntent) int {
		return cmp.Compare(statusProgress[a.Status], statusProgress[b.Status])
	}), nil
}

// statusProgress orders the statuses by how much money they mean.
var statusProgress = map[stripe.PaymentIntentStatus]int{
	stripe.PaymentIntentStatusRequiresPaymentMethod: 1,
	stripe.PaymentIntentStatusRequiresConfirmation:  2,
	stripe.PaymentIntentStatusCanceled:              3, // somebody has barred the charge
	stripe.PaymentIntentStatusRequiresAction:        4,
	stripe.PaymentIntentStatusProcessing:            5,
	stripe.PaymentIntentStatusRequiresCapture:       6,
	stripe.PaymentIntentStatusSucceeded:             7,
}

// confirm takes the money. Whatever keeps it from seeing that, the money may be taken. A
// customer whose bank wants to ask is led to the bank, and back to the order.
func (s *Gateway) confirm(ctx context.Context, intent *stripe.PaymentIntent, charge order.Charge) (*stripe.PaymentIntent, error) {
	orderURL := charge.OrderURL
	confirmed, err := s.change(ctx, "confirm the payment", intent, charge.IdempotencyKey+"/confirm",
		func(key string) (*stripe.PaymentIntent, error) {
			params := &stripe.PaymentIntentConfirmParams{}
			if orderURL == "" { // a card that its bank wants confirmed is confirmed in a page with Stripe.js
				params.UseStripeSDK = stripe.Bool(true)
			} else {
				params.ReturnURL = stripe.String(orderURL)
			}
			params.IdempotencyKey = stripe.String(key)
			return s.api.V1PaymentIntents.Confirm(ctx, intent.ID, params)
		})
	if errors.As(err, new(*unseenError)) && order.ErrorCode(err) != order.CodeUnavailable {
		return nil, &order.Error{Code: order.CodeUncertain, Message: err.Error()}
	}
	return confirmed, err
}

// cancel bars the payment.
func (s *Gateway) cancel(ctx context.Context, intent *stripe.PaymentIntent, key string) (*stripe.PaymentIntent, error) {
	return s.change(ctx, "cancel the payment", intent, key+"/cancel/"+intent.ID,
		func(key string) (*stripe.PaymentIntent, error) {
			params := &stripe.PaymentIntentCancelParams{
				CancellationReason: stripe.String(string(stripe.PaymentIntentCancellationReasonAbandoned)),
			}
			params.IdempotencyKey = stripe.String(key)
			return s.api.V1PaymentIntents.Cancel(ctx, intent.ID, params)
		})
}

// change changes a PaymentIntent and returns it as it is then. Where Stripe's answer
// leaves a doubt, the PaymentIntent tells what holds: after a decline, an outcome that
// was open, an answer that is repeated. What has not happened may be tried once more
// under another key, which is safe: a PaymentIntent succeeds once, and is cancelled once.
func (s *Gateway) change(ctx context.Context, doing string, intent *stripe.PaymentIntent, key string,
	call func(key string) (*stripe.PaymentIntent, error),
) (*stripe.PaymentIntent, error) {
	look := func() (now *stripe.PaymentIntent, moved bool, err error) {
		if now, err = s.retrieve(ctx, intent.ID); err != nil {
			return nil, false, &unseenError{err}
		}
		return now, now.Status != intent.Status, nil
	}
	changed, err := callWithKey(s, key, true, call, look)
	e := asStripe(err)
	switch {
	case err == nil && !isReplayed(changed.LastResponse):
		return changed, nil
	case err != nil && !leavesDoubt(e):
		return nil, providerError(doing, err)
	}
	now, moved, lookErr := look()
	if lookErr != nil || moved || err == nil || e.Code == stripe.ErrorCodePaymentIntentUnexpectedState {
		return now, lookErr
	}
	return nil, providerError(doing, err)
}

// unseenError is why a look at the PaymentIntent failed that was to tell what a
// change of it has come to.
type unseenError struct{ error }

func (u *unseenError) Unwrap() error { return u.error }

// outcome says what the PaymentIntent means for the charge.
func (s *Gateway) outcome(ctx context.Context, intent *stripe.PaymentIntent, charge order.Charge) (order.ChargeResult, error) {
	switch intent.Status {
	case stripe.PaymentIntentStatusSucceeded:
		return order.ChargeResult{Reference: intent.ID}, nil
	case stripe.PaymentIntentStatusRequiresAction:
		return order.ChargeResult{Reference: intent.ID, Action: s.action(intent, charge.PayBy)}, nil
	case stripe.PaymentIntentStatusRequiresPaymentMethod:
		now, err := s.cancel(ctx, intent, charge.IdempotencyKey)
		if err != nil {
			return order.ChargeResult{}, err
		}
		if now.Status == stripe.PaymentIntentStatusSucceeded { // the customer's page was faster
			return order.ChargeResult{Reference: now.ID}, nil
		}
		return declinedBy(intent.ID, intent.LastPaymentError), nil
	case stripe.PaymentIntentStatusCanceled:
		if hasFailed(intent) {
			return declinedBy(intent.ID, intent.LastPaymentError), nil
		}
		return order.ChargeResult{}, refusedError("the payment was cancelled before it was made")
	default: // processing, requires_capture
		return order.ChargeResult{}, unavailableError("Stripe has not decided the payment yet: it is " + string(intent.Status))
	}
}

// action is what the customer has to do until then: nobody waits any longer.
func (s *Gateway) action(intent *stripe.PaymentIntent, until time.Time) *order.PaymentAction {
	kind := string(stripe.PaymentIntentNextActionTypeUseStripeSDK)
	if next := intent.NextAction; next != nil && next.RedirectToURL != nil && next.RedirectToURL.URL != "" {
		return &order.PaymentAction{Type: order.ActionRedirect, URL: next.RedirectToURL.URL, ExpiresAt: until}
	} else if next != nil && next.Type != "" {
		kind = string(next.Type)
	}
	return &order.PaymentAction{Type: kind, ExpiresAt: until, ClientSecret: intent.ClientSecret, PublishableKey: s.publishableKey}
}

// hasFailed reports that the customer's card or bank refused the payment.
func hasFailed(intent *stripe.PaymentIntent) bool { return intent.LastPaymentError != nil }

// Void bars the order's payment: its PaymentIntent, made under the charge's key
// if there is none yet, is cancelled unless it has succeeded, and a later charge
// finds it cancelled. One that has succeeded is reported: it is to be refunded.
func (s *Gateway) Void(ctx context.Context, void order.Void) (order.VoidResult, error) {
	if void.Amount.Amount == 0 {
		return order.VoidResult{}, nil
	}
	if void.PaymentMethod == order.MethodRedirect {
		return s.voidPage(ctx, void)
	}
	amount, err := inStripesUnits(void.Amount)
	if err != nil {
		return order.VoidResult{}, nil //nolint:nilerr // it was never asked for
	}
	charge := order.Charge{
		OrderID: void.OrderID, IdempotencyKey: void.ChargeKey, Amount: amount,
		PaymentMethod: void.PaymentMethod, PlacedAt: void.PlacedAt, Again: true,
	}
	intent, err := s.intent(ctx, charge)
	if errors.As(err, new(*unusableMethod)) || ofAmount(err) {
		return order.VoidResult{}, nil // nothing can be paid with it
	}
	if err != nil {
		return order.VoidResult{}, refusedToVoid(err)
	}
	others, err := s.paymentsOf(ctx, void.OrderID, void.PlacedAt)
	if err != nil {
		return order.VoidResult{}, err
	}
	others = slices.DeleteFunc(others, func(other *stripe.PaymentIntent) bool { return other.ID == intent.ID })
	for _, each := range append(others, intent) {
		captured, err := s.bar(ctx, each, void.ChargeKey)
		if err != nil || captured {
			return order.VoidResult{Captured: captured, Reference: referenceIf(captured, each)}, err
		}
	}
	return order.VoidResult{}, nil
}

// refusedToVoid turns a request that Stripe calls invalid into a refusal: an
// operator has to look.
func refusedToVoid(err error) error {
	var e *order.Error
	if errors.As(err, &e) && e.Code == order.CodeInvalid {
		return &order.Error{Code: order.CodeRefused, Message: e.Message}
	}
	return err
}

func referenceIf(captured bool, intent *stripe.PaymentIntent) string {
	if captured {
		return intent.ID
	}
	return ""
}

// bar cancels a PaymentIntent, or reports that it has taken the money.
func (s *Gateway) bar(ctx context.Context, intent *stripe.PaymentIntent, key string) (captured bool, err error) {
	switch intent.Status {
	case stripe.PaymentIntentStatusSucceeded, stripe.PaymentIntentStatusCanceled:
	default:
		if intent, err = s.cancel(ctx, intent, key); err != nil {
			return false, err
		}
	}
	switch intent.Status {
	case stripe.PaymentIntentStatusSucceeded:
		return true, nil
	case stripe.PaymentIntentStatusCanceled:
		return false, nil
	default:
		return false, unavailableError("Stripe does not cancel the payment yet: it is " + string(intent.Status))
	}
}

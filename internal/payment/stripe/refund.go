package stripe

import (
	"context"
	"fmt"
	"strings"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/order"
)

// Refund gives the order's money back, or what is left of it after refunds that
// were made in Stripe's Dashboard. What has been given back is looked up before
// each request, so that no forgotten or spoilt idempotency key matters, and a
// payment that is refunded already is a success. A refund that failed later, as
// one to a closed card does, is CodeRefused: Stripe has the money back in the
// account's balance, and it has to reach the customer by other means
// (https://docs.stripe.com/refunds#failed-refunds).
func (s *Gateway) Refund(ctx context.Context, refund order.RefundRequest) (order.RefundResult, error) {
	if refund.Amount.Amount == 0 {
		return order.RefundResult{Reference: "free"}, nil
	}
	var err error
	if refund.Amount, err = inStripesUnits(refund.Amount); err != nil {
		return order.RefundResult{}, err
	}
	payment, err := s.paymentToRefund(ctx, refund)
	if err != nil {
		return order.RefundResult{}, err
	}
	made, err := s.refundsOf(ctx, payment)
	if err != nil {
		return order.RefundResult{}, err
	}
	if result, done, err := made.settle(refund); done {
		return result, err
	}
	key, left := refund.IdempotencyKey, refund.Amount.Amount-made.amount
	if made.amount > 0 { // another amount is another request
		key = fmt.Sprintf("%s/rest/%d", key, left)
	}
	return s.giveBack(ctx, refund, payment, left, key)
}

// paymentToRefund returns the ID of the order's PaymentIntent that took the money.
func (s *Gateway) paymentToRefund(ctx context.Context, refund order.RefundRequest) (string, error) {
	if strings.HasPrefix(refund.Reference, "pi_") {
		return refund.Reference, nil
	}
	intents, err := s.paymentsOf(ctx, refund.OrderID, refund.PlacedAt)
	if err != nil {
		return "", err
	}
	for _, intent := range intents {
		if intent.Status == stripe.PaymentIntentStatusSucceeded {
			return intent.ID, nil
		}
	}
	return "", refusedError("Stripe has no captured payment of this order")
}

// refundsMade is what has been given back of a payment.
type refundsMade struct {
	// amount is what was given back, or is on its way, in Stripe's units.
	amount int64
	// last names the newest of those.
	last string
	// failed is our refund that did not reach the customer; empty for none.
	failed string
}

func (s *Gateway) refundsOf(ctx context.Context, payment string) (r refundsMade, err error) {
	params := &stripe.RefundListParams{PaymentIntent: stripe.String(payment)}
	params.Limit = stripe.Int64(pageSize)
	for refund, err := range s.api.V1Refunds.List(ctx, params).All(ctx) {
		if err != nil {
			return refundsMade{}, providerError("look the refunds up", err)
		}
		switch refund.Status {
		case stripe.RefundStatusFailed, stripe.RefundStatusCanceled:
			if refund.Metadata[metaOrderID] != "" && r.failed == "" {
				r.failed = fmt.Sprintf("the refund %s was %s: %s", refund.ID, refund.Status, refund.FailureReason)
			}
		default:
			r.amount += refund.Amount
			if r.last == "" {
				r.last = refund.ID
			}
		}
	}
	return r, nil
}

// settle reports that there is nothing left to ask Stripe for, with the answer.
func (r refundsMade) settle(refund order.RefundRequest) (result order.RefundResult, done bool, err error) {
	switch {
	case r.amount >= refund.Amount.Amount:
		return order.RefundResult{Reference: r.last}, true, nil
	case r.failed != "":
		return order.RefundResult{}, true, refusedError(r.failed)
	default:
		return order.RefundResult{}, false, nil
	}
}

// giveBack makes the refund. Where the key is spoilt by a saved error, and still
// nothing was given back, another is as good: no key makes Stripe give back more
// than it took.
func (s *Gateway) giveBack(ctx context.Context, refund order.RefundRequest, payment string, amount int64, key string) (
	order.RefundResult, error,
) {
	result, err := callWithKey(s, key, true,
		func(key string) (order.RefundResult, error) { return s.createRefund(ctx, refund, payment, amount, key) },
		func() (order.RefundResult, bool, error) {
			now, err := s.refundsOf(ctx, payment)
			if err != nil {
				return order.RefundResult{}, false, err
			}
			return now.settle(refund)
		})
	if e := asStripe(err); e != nil && e.Code == stripe.ErrorCodeChargeAlreadyRefunded {
		return s.alreadyRefunded(ctx, payment)
	}
	if err != nil {
		return order.RefundResult{}, providerErrorOr(classFinal, "refund the payment", err)
	}
	return result, nil
}

// alreadyRefunded returns who has refunded the payment, as far as that is known.
func (s *Gateway) alreadyRefunded(ctx context.Context, payment string) (order.RefundResult, error) {
	now, err := s.refundsOf(ctx, payment)
	if err != nil || now.last == "" {
		return order.RefundResult{Reference: string(stripe.ErrorCodeChargeAlreadyRefunded)}, err
	}
	return order.RefundResult{Reference: now.last}, nil
}

func (s *Gateway) createRefund(ctx context.Context, refund order.RefundRequest, payment string, amount int64, key string) (
	order.RefundResult, error,
) {
	params := &stripe.RefundCreateParams{
		PaymentIntent: stripe.String(payment),
		Amount:        stripe.Int64(amount),
		Reason:        stripe.String(string(stripe.RefundReasonRequestedByCustomer)),
		Metadata:      map[string]string{metaOrderID: refund.OrderID},
	}
	params.IdempotencyKey = stripe.String(key)
	made, err := s.api.V1Refunds.Create(ctx, params)
	switch {
	case err != nil:
		return order.RefundResult{}, err
	case made.Status == stripe.RefundStatusFailed || made.Status == stripe.RefundStatusCanceled:
		return order.RefundResult{}, refusedError(fmt.Sprintf("the refund %s is %s: %s", made.ID, made.Status, made.FailureReason))
	}
	return order.RefundResult{Reference: made.ID}, nil
}

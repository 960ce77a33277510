package stripe

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// Refund gives money of the order back: what is left of this refund after all that has
// gone back, in Stripe's Dashboard too. Ours are known by the number in their metadata.
// What has been given back is looked up before each request, so that no forgotten or
// spoilt idempotency key matters, and where nothing is left that is a success. A refund
// that failed later, as one to a closed card does, is CodeRefused: Stripe has the money
// back in the account's balance, and it has to reach the customer by other means
// (https://docs.stripe.com/refunds#failed-refunds).
func (s *Gateway) Refund(ctx context.Context, refund order.RefundRequest) (order.RefundResult, error) {
	if refund.Amount.Amount == 0 {
		return order.RefundResult{Reference: "free"}, nil
	}
	refund, err := refundInStripesUnits(refund)
	if err != nil {
		return order.RefundResult{}, err
	}
	intent, err := s.paymentToRefund(ctx, refund)
	if err != nil {
		return order.RefundResult{}, err
	}
	made, err := s.refundsOf(ctx, intent, refund.Number())
	if err != nil {
		return order.RefundResult{}, err
	}
	if result, done, err := made.settle(refund); done {
		return result, err
	}
	key, left := refund.IdempotencyKey, payment.RefundLeft(refund, made.amount)
	if left < refund.Amount.Amount { // another amount is another request
		key = fmt.Sprintf("%s/rest/%d", key, left)
	}
	return s.giveBack(ctx, refund, intent, left, key)
}

func refundInStripesUnits(refund order.RefundRequest) (order.RefundRequest, error) {
	due, err := inStripesUnits(order.Money{Amount: refund.Due, Currency: refund.Amount.Currency})
	if err != nil {
		return refund, err
	}
	refund.Due = due.Amount
	refund.Amount, err = inStripesUnits(refund.Amount)
	return refund, err
}

// paymentToRefund returns the ID of the order's PaymentIntent that took the money; the first
// of several.
func (s *Gateway) paymentToRefund(ctx context.Context, refund order.RefundRequest) (string, error) {
	if strings.HasPrefix(refund.Reference, "pi_") {
		return refund.Reference, nil
	}
	intents, err := s.paymentsOf(ctx, refund.OrderID, refund.PlacedAt)
	if err != nil {
		return "", err
	}
	intents = slices.DeleteFunc(intents, func(intent *stripe.PaymentIntent) bool {
		return intent.Status != stripe.PaymentIntentStatusSucceeded
	})
	if len(intents) == 0 {
		return "", refusedError("Stripe has no captured payment of this order")
	}
	return slices.MinFunc(intents, byPayment).ID, nil
}

// refundsMade is what has been given back of a payment.
type refundsMade struct {
	// amount is what was given back, or is on its way, in Stripe's units.
	amount int64
	// last names the newest of those.
	last string
	// own is our refund of the number, and failed is why it did not reach the customer;
	// empty for none.
	own, failed string
}

func (s *Gateway) refundsOf(ctx context.Context, intent string, number int) (r refundsMade, err error) {
	params := &stripe.RefundListParams{PaymentIntent: stripe.String(intent)}
	params.Limit = stripe.Int64(pageSize)
	for refund, err := range s.api.V1Refunds.List(ctx, params).All(ctx) {
		if err != nil {
			return refundsMade{}, providerError("look the refunds up", err)
		}
		own := numberOf(refund) == number
		if failedRefund(refund) {
			if own && r.failed == "" {
				r.failed = fmt.Sprintf("the refund %s was %s: %s", refund.ID, refund.Status, refund.FailureReason)
			}
			continue
		}
		if numberOf(refund) > number {
			continue
		}
		r.amount += refund.Amount
		r.last = cmp.Or(r.last, refund.ID)
		if own {
			r.own = refund.ID
		}
	}
	return r, nil
}

// failedRefund reports that the refund does not reach the customer.
func failedRefund(refund *stripe.Refund) bool {
	return refund.Status == stripe.RefundStatusFailed || refund.Status == stripe.RefundStatusCanceled
}

// numberOf returns the number of the order's refund; 0 for one that is not ours. The first
// does not say it.
func numberOf(refund *stripe.Refund) int {
	if refund.Metadata[metaOrderID] == "" {
		return 0
	}
	number, err := strconv.Atoi(cmp.Or(refund.Metadata[metaRefund], "1"))
	if err != nil {
		return 0
	}
	return number
}

// settle reports that there is nothing left to ask Stripe for, with the answer.
func (r refundsMade) settle(refund order.RefundRequest) (result order.RefundResult, done bool, err error) {
	switch {
	case r.own != "":
		return order.RefundResult{Reference: r.own}, true, nil
	case payment.RefundLeft(refund, r.amount) <= 0:
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
func (s *Gateway) giveBack(ctx context.Context, refund order.RefundRequest, intent string, amount int64, key string) (
	order.RefundResult, error,
) {
	result, err := callWithKey(s, key, true,
		func(key string) (order.RefundResult, error) { return s.createRefund(ctx, refund, intent, amount, key) },
		func() (order.RefundResult, bool, error) {
			now, err := s.refundsOf(ctx, intent, refund.Number())
			if err != nil {
				return order.RefundResult{}, false, err
			}
			return now.settle(refund)
		})
	if e := asStripe(err); e != nil && e.Code == stripe.ErrorCodeChargeAlreadyRefunded {
		return s.alreadyRefunded(ctx, refund, intent)
	}
	if err != nil {
		return order.RefundResult{}, providerErrorOr(classFinal, "refund the payment", err)
	}
	return result, nil
}

// alreadyRefunded returns who has refunded the payment, as far as that is known.
func (s *Gateway) alreadyRefunded(ctx context.Context, refund order.RefundRequest, intent string) (order.RefundResult, error) {
	now, err := s.refundsOf(ctx, intent, refund.Number())
	if err != nil || now.last == "" {
		return order.RefundResult{Reference: string(stripe.ErrorCodeChargeAlreadyRefunded)}, err
	}
	return order.RefundResult{Reference: now.last}, nil
}

func (s *Gateway) createRefund(ctx context.Context, refund order.RefundRequest, intent string, amount int64, key string) (
	order.RefundResult, error,
) {
	params := &stripe.RefundCreateParams{
		PaymentIntent: stripe.String(intent),
		Amount:        stripe.Int64(amount),
		Reason:        stripe.String(string(stripe.RefundReasonRequestedByCustomer)),
		Metadata:      map[string]string{metaOrderID: refund.OrderID},
	}
	if number := refund.Number(); number > 1 { // the first has none: its request stays what it was
		params.Metadata[metaRefund] = strconv.Itoa(number)
	}
	params.IdempotencyKey = stripe.String(key)
	made, err := s.api.V1Refunds.Create(ctx, params)
	switch {
	case err != nil:
		return order.RefundResult{}, err
	case failedRefund(made):
		return order.RefundResult{}, refusedError(fmt.Sprintf("the refund %s is %s: %s", made.ID, made.Status, made.FailureReason))
	}
	return order.RefundResult{Reference: made.ID}, nil
}

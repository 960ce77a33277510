package toss

import (
	"context"
	"net/http"

	"github.com/cafeforme/cafeforme/order"
)

// Void bars the order's charge: a payment that is not confirmed takes no money, and the keys
// under which it could be confirmed still are used up. One that was confirmed is reported: it
// is to be refunded.
func (g *Gateway) Void(ctx context.Context, void order.Void) (order.VoidResult, error) {
	if void.Amount.Amount == 0 {
		return order.VoidResult{}, nil
	}
	if err := checkAmount(void.Amount); err != nil {
		return order.VoidResult{}, nil //nolint:nilerr // it was never asked for
	}
	found, err := g.paymentOf(ctx, void.OrderID)
	if err != nil {
		return order.VoidResult{}, err
	}
	if !found.paid() {
		if found, err = g.bar(ctx, void.OrderID, void.ChargeKey, void.Amount); err != nil || found == nil {
			return order.VoidResult{}, err
		}
	}
	return order.VoidResult{Captured: true, Reference: found.PaymentKey}, nil
}

// barringPayment is the key of a payment that nobody has: what is asked for it is refused, and
// the refusal is what the idempotency key answers from then on.
const barringPayment = "voided"

// bar uses up every key that the charge can be confirmed under now: those that are used instead
// of the charge's own, and that one. It returns the payment that was confirmed before that; nil
// for none.
func (g *Gateway) bar(ctx context.Context, orderID, key string, amount order.Money) (*heldPayment, error) {
	keys := []string{g.anotherKey(key, -1), g.anotherKey(key, 0), g.anotherKey(key, 1), key}
	for _, each := range keys {
		paid, err := g.confirmUnder(ctx, each, barringPayment, orderID, amount)
		switch {
		case err == nil:
			return paid, nil
		case !usedUp(err) && (each != key || !keptByKey(err)): // other keys are answered: it has kept a failure
			return nil, providerError("void the payment", err)
		}
	}
	return nil, nil //nolint:nilnil // nothing was confirmed, and nothing will be
}

// usedUp reports that the key answers with this refusal from now on.
func usedUp(err error) bool {
	switch classOf(err) {
	case classMethod, classGone, classFinal, classUnlisted:
		return true
	case classOpen:
		return asRefusal(err).Status < http.StatusInternalServerError
	}
	return false
}

package toss

import (
	"context"

	"github.com/cafeforme/cafeforme/order"
)

// Charge sends the customer to the page that opens Toss's window, until the customer has come
// back from there: then it confirms the payment, which moves the money. Asked for again, it
// says what has become of it. What the browser has brought back only says where to look.
//
// A card that is declined in the window ends nothing: the customer tries another. One that is
// declined when the payment is confirmed ends the charge, as being too late does.
func (g *Gateway) Charge(ctx context.Context, charge order.Charge) (order.ChargeResult, error) {
	if charge.Amount.Amount == 0 {
		return order.ChargeResult{Reference: "free"}, nil
	}
	if charge.PaymentMethod != order.MethodRedirect {
		return order.ChargeResult{Declined: true, DeclineCode: order.DeclineInvalidMethod}, nil
	}
	if err := checkAmount(charge.Amount); err != nil {
		return order.ChargeResult{}, err
	}
	found, err := g.find(ctx, charge)
	switch {
	case err != nil:
		return order.ChargeResult{}, err
	case found.paid():
		result, err := paidWith(found, charge)
		result.MadeBefore = true
		return result, err
	case found.ready(charge):
		return g.confirm(ctx, charge, found)
	}
	return g.open(ctx, charge)
}

// find returns the order's payment that has come furthest: one that is paid, or else the one
// that the browser has brought back. It is nil when the customer has not come back yet.
func (g *Gateway) find(ctx context.Context, charge order.Charge) (*heldPayment, error) {
	found, err := g.paymentOf(ctx, charge.OrderID)
	if err != nil || found.paid() || charge.Returned == "" || found != nil && found.PaymentKey == charge.Returned {
		return found, err
	}
	returned, err := g.paymentHinted(ctx, charge.Returned)
	switch {
	case err != nil:
		return nil, err
	case returned == nil: // not every payment can be looked up that can be confirmed
		return &heldPayment{
			PaymentKey: charge.Returned, Status: statusHinted,
			OrderID: charge.OrderID, TotalAmount: charge.Amount.Amount, Currency: charge.Amount.Currency,
		}, nil
	case returned.OrderID != charge.OrderID:
		return found, nil
	}
	return returned, nil
}

// ready reports that the payment is to be confirmed. What the customer's page has asked the
// window for is not trusted: a payment of another amount is none.
func (p *heldPayment) ready(charge order.Charge) bool {
	return p != nil && p.of(charge.Amount) && (p.Status == statusInProgress || p.PaymentKey == charge.Returned)
}

// open has the customer go to the page that opens the window. Once the time for that is over
// the charge is barred, so that it stays declined.
func (g *Gateway) open(ctx context.Context, charge order.Charge) (order.ChargeResult, error) {
	if !charge.PayBy.IsZero() && !g.now().Before(charge.PayBy) {
		return g.expire(ctx, charge)
	}
	if charge.OrderURL == "" {
		return order.ChargeResult{}, &order.Error{
			Code: order.CodeMisconfigured, Message: "customers cannot be sent to the payment window: the order's page has no public address",
		}
	}
	return order.ChargeResult{Action: &order.PaymentAction{
		Type: order.ActionRedirect, URL: charge.OrderURL + payPath, ExpiresAt: charge.PayBy, PublishableKey: g.clientKey,
	}}, nil
}

func (g *Gateway) expire(ctx context.Context, charge order.Charge) (order.ChargeResult, error) {
	late, err := g.bar(ctx, charge.OrderID, charge.IdempotencyKey, charge.Amount)
	switch {
	case err != nil:
		return order.ChargeResult{}, err
	case late != nil:
		return paidWith(late, charge)
	}
	return order.ChargeResult{Declined: true, DeclineCode: sessionExpired}, nil
}

// confirm moves the money. Whatever keeps it from seeing that, the money may have moved.
func (g *Gateway) confirm(ctx context.Context, charge order.Charge, ready *heldPayment) (order.ChargeResult, error) {
	paid, err := g.confirmUnder(ctx, charge.IdempotencyKey, ready.PaymentKey, charge.OrderID, charge.Amount)
	if keptByKey(err) {
		now, lookErr := g.paymentOf(ctx, charge.OrderID)
		switch {
		case lookErr != nil:
			return order.ChargeResult{}, lookErr
		case now.paid():
			return paidWith(now, charge)
		case charge.Again: // and so the key may answer the same for ever
			paid, err = g.confirmUnder(ctx, g.anotherKey(charge.IdempotencyKey, 0), ready.PaymentKey, charge.OrderID, charge.Amount)
		}
	}
	switch {
	case err == nil:
		return paidWith(paid, charge)
	case classOf(err) == classMethod:
		return declinedBy(ready.PaymentKey, asRefusal(err)), nil
	case classOf(err) == classGone && ready.Status == statusInProgress: // what is there cannot be gone
		return order.ChargeResult{}, refusedError("the payment was cancelled before it was made")
	case classOf(err) == classGone, classOf(err) == classUnlisted && ready.Status == statusHinted:
		return order.ChargeResult{Reference: ready.PaymentKey, Declined: true, DeclineCode: sessionExpired}, nil
	}
	return order.ChargeResult{}, providerError("confirm the payment", err)
}

// confirmation is the body of a request to confirm a payment.
type confirmation struct {
	PaymentKey string `json:"paymentKey"`
	OrderID    string `json:"orderId"`
	Amount     int64  `json:"amount"`
}

func (g *Gateway) confirmUnder(ctx context.Context, key, paymentKey, orderID string, amount order.Money) (*heldPayment, error) {
	var paid heldPayment
	err := g.post(ctx, "/v1/payments/confirm", key, confirmation{paymentKey, orderID, amount.Amount}, &paid)
	return &paid, err
}

// paidWith is the result of a charge that the payment has paid. It fails with CodeInvalid
// when that was another charge.
func paidWith(payment *heldPayment, charge order.Charge) (order.ChargeResult, error) {
	switch {
	case payment.OrderID != charge.OrderID || !payment.of(charge.Amount):
		return order.ChargeResult{}, &order.Error{
			Code: order.CodeInvalid, Field: "idempotency_key", Message: "another charge was made under this idempotency key",
		}
	case !payment.paid():
		return order.ChargeResult{}, unavailableError("Toss Payments has not decided the payment yet: it is " + payment.Status)
	}
	return order.ChargeResult{Reference: payment.PaymentKey}, nil
}

package toss

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// Refund gives back what is due of the order's payment by now, less what others have given
// back in Toss's merchant console. Each refund of an order says in its reason which one it is,
// and is made once: what has been made is looked up before each request, and Toss refuses one
// that does not know the payment's balance as it is.
func (g *Gateway) Refund(ctx context.Context, refund order.RefundRequest) (order.RefundResult, error) {
	if refund.Amount.Amount == 0 {
		return order.RefundResult{Reference: "free"}, nil
	}
	paid, err := g.paymentToRefund(ctx, refund)
	if err != nil {
		return order.RefundResult{}, err
	}
	if result, done, err := paid.settle(refund); done {
		return result, err
	}
	cancelled, err := g.cancel(ctx, refund.IdempotencyKey, paid, refund)
	if keptByKey(err) {
		if paid, err = g.paymentToRefund(ctx, refund); err != nil {
			return order.RefundResult{}, err
		}
		if result, done, err := paid.settle(refund); done {
			return result, err
		}
		cancelled, err = g.cancel(ctx, g.anotherKey(refund.IdempotencyKey, 0), paid, refund)
	}
	if err != nil {
		return order.RefundResult{}, refundError(err)
	}
	made := cancelled.refund(refund)
	if made == nil {
		return order.RefundResult{}, unavailableError("Toss Payments does not show the refund yet")
	}
	return order.RefundResult{Reference: made.TransactionKey}, nil
}

// paymentToRefund returns the order's payment. It fails with CodeRefused when nothing was
// charged.
func (g *Gateway) paymentToRefund(ctx context.Context, refund order.RefundRequest) (paid *heldPayment, err error) {
	if refund.Reference != "" {
		paid, err = g.paymentUnder(ctx, refund.Reference)
	} else {
		paid, err = g.paymentOf(ctx, refund.OrderID)
	}
	switch {
	case err != nil:
		return nil, err
	case !paid.paid() || paid.OrderID != refund.OrderID || paid.Currency != refund.Amount.Currency:
		return nil, refusedError("Toss Payments has no captured payment of this order")
	}
	return paid, nil
}

// settle reports that there is nothing to ask Toss for, with the answer.
func (p *heldPayment) settle(refund order.RefundRequest) (result order.RefundResult, done bool, err error) {
	made, left := p.refund(refund), payment.RefundLeft(refund, p.gone(refund))
	switch {
	case made != nil && made.CancelStatus == statusAborted:
		return order.RefundResult{}, true, refusedError("the refund " + made.TransactionKey + " has failed")
	case made != nil:
		return order.RefundResult{Reference: made.TransactionKey}, true, nil
	case left <= 0:
		return order.RefundResult{Reference: p.newest()}, true, nil
	case left > p.BalanceAmount:
		return order.RefundResult{}, true, refusedError("the refund is more than is left of what was charged")
	}
	return order.RefundResult{}, false, nil
}

// refundReason says which refund of the order it is, to whoever looks at the payment in the
// merchant console, and to us.
func refundReason(refund order.RefundRequest) string {
	return fmt.Sprintf("%s refund %d", refund.OrderID, refund.Number())
}

// numberOf returns the number of the order's refund that the reason names, and false when it
// is none of ours.
func numberOf(reason, orderID string) (int, bool) {
	number, ours := strings.CutPrefix(reason, orderID+" refund ")
	n, err := strconv.Atoi(number)
	return n, ours && err == nil
}

// refund returns the cancellation that is this refund of the order; nil when it was not made.
func (p *heldPayment) refund(refund order.RefundRequest) *cancellation {
	i := slices.IndexFunc(p.Cancels, func(c cancellation) bool { return c.CancelReason == refundReason(refund) })
	if i < 0 {
		return nil
	}
	return &p.Cancels[i]
}

// newest returns the key of the newest cancellation; that of the payment when none is shown.
func (p *heldPayment) newest() string {
	made := p.movements()
	if len(made) == 0 {
		return p.PaymentKey
	}
	slices.SortStableFunc(made, func(a, b cancellation) int { return a.CanceledAt.Compare(b.CanceledAt) })
	return made[len(made)-1].TransactionKey
}

// cancelRequest is the body of a request to give money back. What has no amount gives back
// the whole payment, which some payment methods allow that allow no part.
type cancelRequest struct {
	CancelReason string `json:"cancelReason"`
	CancelAmount int64  `json:"cancelAmount,omitempty"`
	// RefundableAmount is the balance as we know it: with any other, nothing is given back.
	RefundableAmount int64 `json:"refundableAmount"`
}

// cancel gives back what is left of the refund, and returns the payment as it is then.
func (g *Gateway) cancel(ctx context.Context, key string, paid *heldPayment, refund order.RefundRequest) (*heldPayment, error) {
	body := cancelRequest{
		CancelReason: refundReason(refund), CancelAmount: payment.RefundLeft(refund, paid.gone(refund)), RefundableAmount: paid.BalanceAmount,
	}
	if body.CancelAmount == paid.TotalAmount {
		body.CancelAmount = 0
	}
	var cancelled heldPayment
	err := g.post(ctx, "/v1/payments/"+url.PathEscape(paid.PaymentKey)+"/cancel", key, body, &cancelled)
	return &cancelled, err
}

// refundError returns what it means that a refund was not made. An amount that Toss does not
// cancel although the payment has it stays refused.
func refundError(err error) error {
	if codeOf(err) == "NOT_CANCELABLE_AMOUNT" {
		return refusedError("refund the payment: " + err.Error())
	}
	return providerErrorOr(order.CodeRefused, "refund the payment", err)
}

package toss

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// heldPayment is a payment as Toss holds it, as far as it is read
// (https://docs.tosspayments.com/reference#payment-객체).
type heldPayment struct {
	PaymentKey  string `json:"paymentKey"`
	OrderID     string `json:"orderId"`
	Status      string `json:"status"`
	Currency    string `json:"currency"`
	TotalAmount int64  `json:"totalAmount"`
	// BalanceAmount is what can be given back still.
	BalanceAmount int64          `json:"balanceAmount"`
	ApprovedAt    time.Time      `json:"approvedAt"`
	Cancels       []cancellation `json:"cancels"`
}

// cancellation is a refund of a payment, in whole or in part.
type cancellation struct {
	TransactionKey string    `json:"transactionKey"`
	CancelAmount   int64     `json:"cancelAmount"`
	CancelReason   string    `json:"cancelReason"`
	CancelStatus   string    `json:"cancelStatus"`
	CanceledAt     time.Time `json:"canceledAt"`
}

// The statuses of payments that are told apart. A payment that was paid stays so when it is
// cancelled: its balance tells how much of it has gone back.
const (
	statusInProgress      = "IN_PROGRESS" // the customer has come back from the window
	statusDone            = "DONE"
	statusCanceled        = "CANCELED"
	statusPartialCanceled = "PARTIAL_CANCELED"
	statusAborted         = "ABORTED"
	// statusHinted is our own: a browser has named the payment, and Toss does not show it.
	statusHinted = "HINTED"
)

// paid reports that the payment has taken the money, whatever has gone back since.
func (p *heldPayment) paid() bool {
	return p != nil && (p.Status == statusDone || p.Status == statusCanceled || p.Status == statusPartialCanceled)
}

// of reports that the payment is of this amount.
func (p *heldPayment) of(amount order.Money) bool {
	return p.TotalAmount == amount.Amount && p.Currency == amount.Currency
}

// gone is what was given back of the payment, by anybody, but for the order's refunds of a
// higher number than this one.
func (p *heldPayment) gone(refund order.RefundRequest) int64 {
	gone := p.TotalAmount - p.BalanceAmount
	for _, c := range p.movements() {
		if number, ours := numberOf(c.CancelReason, refund.OrderID); ours && number > refund.Number() {
			gone -= c.CancelAmount
		}
	}
	return gone
}

// movements returns the cancellations that did not fail, the oldest first.
func (p *heldPayment) movements() (made []cancellation) {
	for _, c := range p.Cancels {
		if c.CancelStatus != statusAborted {
			made = append(made, c)
		}
	}
	return made
}

// paymentOf looks up the order's payment; nil when Toss has none.
func (g *Gateway) paymentOf(ctx context.Context, orderID string) (*heldPayment, error) {
	return g.look(ctx, "/v1/payments/orders/"+url.PathEscape(orderID), classGone)
}

// paymentUnder looks up the payment of that key; nil when Toss has none.
func (g *Gateway) paymentUnder(ctx context.Context, paymentKey string) (*heldPayment, error) {
	return g.look(ctx, "/v1/payments/"+url.PathEscape(paymentKey), classGone)
}

// paymentHinted looks up the payment that a browser has named, which can be anything; nil when it
// is none that Toss shows.
func (g *Gateway) paymentHinted(ctx context.Context, hint string) (*heldPayment, error) {
	return g.look(ctx, "/v1/payments/"+url.PathEscape(hint), classGone, classUnlisted)
}

// look reads the payment at the path; nil when there is none, which errors of these classes say.
func (g *Gateway) look(ctx context.Context, path string, none ...errorClass) (*heldPayment, error) {
	var found heldPayment
	err := g.get(ctx, path, &found)
	switch {
	case err == nil:
		return &found, nil
	case slices.Contains(none, classOf(err)):
		return nil, nil //nolint:nilnil // there is none, which is no error
	}
	return nil, providerError("look the payment up", err)
}

// Package gatewaytest holds payment providers to the contract of a payment gateway.
// Start reading at Run, in suite.go.
package gatewaytest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// Won returns an amount of South Korean won, which have no minor unit.
func Won(amount int64) order.Money { return order.Money{Amount: amount, Currency: "KRW"} }

// ChargeWith is a charge of 4,000 won for order ord_1.
func ChargeWith(method string) order.Charge {
	return order.Charge{OrderID: "ord_1", IdempotencyKey: "ord_1/charge", Amount: Won(4000), PaymentMethod: method}
}

// Charged and Refunded are the movements of such a charge, and of its refund, without
// their times.
var (
	Charged  = payment.Movement{OrderID: "ord_1", Kind: payment.KindCharge, Amount: 4000, Currency: "KRW"}
	Refunded = RefundedPart(4000)
)

// RefundedPart is the movement of a refund of so many won of it.
func RefundedPart(amount int64) payment.Movement {
	return payment.Movement{OrderID: "ord_1", Kind: payment.KindRefund, Amount: amount, Currency: "KRW"}
}

// VoidOf undoes the charge.
func VoidOf(c order.Charge) order.Void {
	return order.Void{
		OrderID: c.OrderID, ChargeKey: c.IdempotencyKey, Amount: c.Amount, PaymentMethod: c.PaymentMethod, PlacedAt: c.PlacedAt,
	}
}

// RefundOf gives the whole charge back.
func RefundOf(c order.Charge) order.RefundRequest {
	return order.RefundRequest{
		OrderID: c.OrderID, IdempotencyKey: c.OrderID + "/refund", ChargeKey: c.IdempotencyKey, Amount: c.Amount, PlacedAt: c.PlacedAt,
	}
}

// PartOf gives amount of the charge back, as the refund of that number. With it, due is to
// have gone back in all.
func PartOf(c order.Charge, number int, amount, due int64) order.RefundRequest {
	refund := RefundOf(c)
	refund.Refund, refund.Amount.Amount, refund.Due = number, amount, due
	if number > 1 {
		refund.IdempotencyKey = fmt.Sprintf("%s/%d", refund.IdempotencyKey, number)
	}
	return refund
}

// RequireCode fails the test unless err has the code.
func RequireCode(t *testing.T, code order.Code, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, order.ErrorCode(err), err.Error())
}

package payment

import (
	"cmp"

	"github.com/cafeforme/cafeforme/order"
)

// RefundLeft returns what is to be given back for the refund when gone is what has gone
// back of the charge so far, whoever gave it, but for the order's refunds of a higher number:
// nothing, or less, when that is enough already. All amounts are in the units of the request.
func RefundLeft(refund order.RefundRequest, gone int64) int64 {
	due := cmp.Or(refund.Due, refund.Amount.Amount)
	return min(refund.Amount.Amount, due-gone)
}

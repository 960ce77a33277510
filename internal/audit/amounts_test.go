package audit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// inForints has the order and its money in a currency with decimals: 50.00 HUF.
func inForints(f audit.Facts) audit.Facts {
	const currency = "HUF"
	f.Workflow.Total.Currency = currency
	if f.Workflow.Refund != nil {
		f.Workflow.Refund.Currency = currency
	}
	f.ReadModel = stored(*f.Workflow)
	for i := range f.Money {
		f.Money[i].Currency = currency
	}
	return f
}

func TestDifferencesNameAmountsWithTheirDecimals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events []order.EventName
		change func(f *audit.Facts)
		want   string
	}{
		"the wrong amount": {paid, func(f *audit.Facts) { f.Money[0].Amount = 4999 }, "the charge was 49.99 HUF, the order's total is 50.00 HUF"},
		"a charge for nothing": {declined, func(f *audit.Facts) {
			f.Money = []payment.Movement{{Kind: payment.KindCharge, Amount: 5000, Currency: "HUF"}}
		}, "50.00 HUF were charged, and the order is payment_failed without a charge"},
		"no refund": {rejected, func(f *audit.Facts) { f.Money = f.Money[:1] },
			"50.00 HUF are due back, the order is rejected, and the ledger has no refund"},
		"a refund for nothing": {pickedUp, func(f *audit.Facts) {
			f.Money = append(f.Money, payment.Movement{Kind: payment.KindRefund, Amount: 5000, Currency: "HUF"})
		}, "50.00 HUF were refunded, and the order is picked_up"},
		"an order of nobody knows who": {paid, func(f *audit.Facts) { f.Workflow, f.ReadModel = nil, nil },
			"50.00 HUF of the customer's money are kept, and nobody knows the order"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := inForints(facts(placed(t, c.events...)))
			c.change(&f)
			found := audit.Order(f)
			require.Len(t, found, 1)
			require.Equal(t, c.want, found[0].Detail)
		})
	}
}

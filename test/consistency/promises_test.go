package consistency_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/consistency"
)

// adjusted returns the facts of an order of three pieces that was paid on the page, one of which
// the store has taken off.
func adjusted() audit.Facts {
	s := order.Snapshot{
		ID: "ord_1", Status: order.PickedUp, Total: order.Money{Amount: 6000, Currency: "KRW"}, Charged: 6000,
		Items: []order.Line{{Number: 1, Qty: 3, RefundedQty: 1, Price: order.Money{Amount: 2000, Currency: "KRW"}}},
		Refunds: []order.Refund{{
			Number: 1, Status: order.Refunded, Amount: 2000, Currency: "KRW", Cause: order.Adjust, Lines: []order.LineQty{{Line: 1, Qty: 1}},
		}},
	}
	return audit.Facts{
		OrderID: "ord_1", Workflow: &s, Unseen: []audit.Part{audit.PartReadModel, audit.PartPoints, audit.PartTexts},
		Money: []payment.Movement{
			{OrderID: "ord_1", Kind: payment.KindCharge, Amount: 6000, Currency: "KRW"},
			{OrderID: "ord_1", Kind: payment.KindRefund, Amount: 2000, Currency: "KRW"},
		},
	}
}

// paidTooLate returns those of an order that had failed when its customer's money was found.
func paidTooLate() audit.Facts {
	f := adjusted()
	f.Workflow.Status, f.Workflow.Items[0].RefundedQty = order.PaymentFailed, 3
	f.Workflow.Refunds = []order.Refund{{Number: 1, Status: order.Refunded, Amount: 6000, Currency: "KRW", Cause: order.ChargeFound}}
	f.Money[1].Amount = 6000
	return f
}

func TestWhatWasPromisedHolds(t *testing.T) {
	t.Parallel()
	require.Empty(t, consistency.Promised{PaidOnPage: true, TakenOff: 1}.Check(adjusted()))
	require.Empty(t, consistency.Check(adjusted(), order.PickedUp))
	require.Empty(t, consistency.Promised{PaidOnPage: true}.Check(paidTooLate()))
	require.Empty(t, consistency.Check(paidTooLate(), order.PaymentFailed))
}

func TestBrokenPromisesAreFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		facts    func() audit.Facts
		wrong    func(*audit.Facts)
		promised consistency.Promised
		kind     audit.Kind
	}{
		"a piece too many":       {adjusted, func(f *audit.Facts) { f.Workflow.Refunds[0].Lines[0].Qty = 2 }, consistency.Promised{TakenOff: 1}, consistency.TakenOffDiffers},
		"a piece forgotten":      {adjusted, func(f *audit.Facts) { f.Workflow.Refunds = nil }, consistency.Promised{TakenOff: 1}, consistency.TakenOffDiffers},
		"paid, and not charged":  {adjusted, func(f *audit.Facts) { f.Money = nil }, consistency.Promised{PaidOnPage: true, TakenOff: 1}, consistency.PaidInVain},
		"failed, and kept":       {paidTooLate, func(f *audit.Facts) { f.Money = f.Money[:1] }, consistency.Promised{PaidOnPage: true}, consistency.PaidInVain},
		"failed, and kept a bit": {paidTooLate, func(f *audit.Facts) { f.Money[1].Amount = 5999 }, consistency.Promised{PaidOnPage: true}, consistency.PaidInVain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := c.facts()
			c.wrong(&f)
			found := c.promised.Check(f)
			require.Len(t, found, 1)
			require.Equal(t, c.kind, found[0].Kind)
		})
	}
	require.Len(t, consistency.LeftOpen([]string{"ord_1", "ord_2"}), 2)
}

func TestMoneyIsWhatTheLinesLeftAreWorth(t *testing.T) {
	t.Parallel()
	f := adjusted()
	f.Workflow.Items[0].RefundedQty = 0
	found := consistency.Check(f, order.PickedUp)
	require.Len(t, found, 1)
	require.Equal(t, consistency.NotItsWorth, found[0].Kind)
	f.Open = true
	require.NotEmpty(t, consistency.Check(f, ""))
}

func TestThatAPartIsTakenOffIsToldInItsOrder(t *testing.T) {
	t.Parallel()
	f := adjusted()
	f.Unseen = f.Unseen[:2]
	f.Workflow.Phone = "+821012345678"
	f.Workflow.Timeline = []order.Entry{
		{Status: order.Paid}, {Status: order.Paid, Note: string(order.Adjust)}, {Status: order.Accepted}, {Status: order.Ready}, {Status: order.PickedUp},
	}
	f.Texts = texts("paid", "adjusted/1", "accepted", "ready", "picked_up")
	require.Empty(t, consistency.Check(f, order.PickedUp))
	f.Texts = texts("paid", "accepted", "adjusted/1", "ready", "picked_up")
	found := consistency.Check(f, order.PickedUp)
	require.Len(t, found, 1)
	require.Equal(t, consistency.TextsOutOfOrder, found[0].Kind)
}

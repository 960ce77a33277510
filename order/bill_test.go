package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
)

func TestSharesGoToThoseThatLoseMost(t *testing.T) {
	t.Parallel()
	require.Equal(t, []int64{34, 33, 33}, order.ShareOut(100, []int64{1, 1, 1}))
	require.Equal(t, []int64{1, 2}, order.ShareOut(3, []int64{1000, 1001}))
	require.Equal(t, []int64{0, 0}, order.ShareOut(0, []int64{0, 0}))
}

func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1<<50), 1, 100).Draw(t, "weights")
		all := int64(0)
		for _, weight := range weights {
			all += weight
		}
		amount := rapid.Int64Range(0, all).Draw(t, "amount")
		left := amount
		for i, share := range order.ShareOut(amount, weights) {
			require.LessOrEqual(t, share, weights[i])
			require.GreaterOrEqual(t, share, int64(0))
			left -= share
		}
		require.Zero(t, left)
	})
}

func TestABillIsRefusedWhoseDiscountIsNotShared(t *testing.T) {
	t.Parallel()
	bill := order.Bill{Lines: []order.Line{{Product: "Latte", Qty: 1, Price: order.Money{Amount: 3000, Currency: "KRW"}}}}
	require.Equal(t, order.CodeInvalid, order.ErrorCode(bill.Deduct(order.Discount{Kind: order.DiscountPoints, Amount: 3001}, anyLine)))
	for _, shares := range [][]int64{nil, {1}, {2, 0}, {-2, 4}} {
		bill.Discounts = []order.Discount{{Amount: 2, Shares: shares}}
		_, err := bill.Total()
		require.Equal(t, order.CodeInvalid, order.ErrorCode(err), shares)
	}
	bill.Discounts = []order.Discount{{Amount: 2000, Shares: []int64{2000}}, {Amount: 2000, Shares: []int64{2000}}}
	_, err := bill.Total()
	require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
}

func anyLine(order.Line) bool { return true }

// However an order is taken apart, piece by piece, what goes back in money and in points adds up to
// what was paid, and what is left is never below zero.
func TestTheRefundsOfAnyPiecesAddUpToWhatWasPaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := order.Placement{ID: "ord_1", MembershipNumber: "1234567890"}
		for range rapid.IntRange(1, 6).Draw(t, "lines") {
			p.Items = append(p.Items, order.Line{Product: "Latte", Qty: rapid.IntRange(1, 5).Draw(t, "qty"),
				Price: order.Money{Amount: rapid.Int64Range(0, 5001).Draw(t, "price"), Currency: "KRW"}})
		}
		bill := order.Bill{Lines: p.Items}
		deduct := func(kind order.DiscountKind) {
			due, err := bill.Total()
			require.NoError(t, err)
			amount := rapid.Int64Range(0, due.Amount).Draw(t, "off")
			d := order.Discount{Kind: kind, Amount: amount}
			if kind == order.DiscountPoints {
				d.Points = amount * rapid.Int64Range(1, 3).Draw(t, "points for one")
			}
			require.NoError(t, bill.Deduct(d, anyLine))
		}
		deduct(order.DiscountCoupon)
		deduct(order.DiscountPoints)
		p.Discounts = bill.Discounts
		o, err := order.New(p, time.Now())
		require.NoError(t, err)
		require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded}, time.Now()))
		for {
			s := o.Snapshot()
			line := rapid.IntRange(1, len(s.Items)).Draw(t, "line")
			left := s.Items[line-1].Left()
			if left == 0 {
				line = 1 + firstWithPieces(s)
				left = s.Items[line-1].Left()
			}
			qty := rapid.IntRange(1, left).Draw(t, "pieces")
			err := o.Apply(order.Event{Name: order.Adjust, Lines: []order.LineQty{{Line: line, Qty: qty}}}, time.Now())
			s = o.Snapshot()
			require.GreaterOrEqual(t, s.Kept(), int64(0))
			require.GreaterOrEqual(t, s.KeptPoints(), int64(0))
			if err != nil { // the last pieces: the order is undone
				break
			}
		}
		require.NoError(t, o.Apply(order.Event{Name: order.Reject}, time.Now()))
		s := o.Snapshot()
		require.Zero(t, s.Kept())
		require.Zero(t, s.KeptPoints())
		for _, refund := range s.Refunds {
			require.GreaterOrEqual(t, refund.Amount, int64(0))
			require.GreaterOrEqual(t, refund.Points, int64(0))
		}
	})
}

func firstWithPieces(s order.Snapshot) int {
	for i, line := range s.Items {
		if line.Left() > 0 {
			return i
		}
	}
	return 0
}

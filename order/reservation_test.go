package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// More than one slot holds is made in those before it, the earliest first.
func TestALargeOrderTakesTheSlotsBeforeItsOwn(t *testing.T) {
	t.Parallel()
	slot := order.Slot{At: opening, Cups: 45, Capacity: 20}
	require.Equal(t, []order.Slot{
		{At: opening.Add(-2 * order.SlotLength), Cups: 5, Capacity: 20},
		{At: opening.Add(-order.SlotLength), Cups: 20, Capacity: 20},
		{At: opening, Cups: 20, Capacity: 20},
	}, slot.Parts())
	require.Equal(t, []order.Slot{{At: opening, Cups: 3, Capacity: 20}}, order.Slot{At: opening, Cups: 3, Capacity: 20}.Parts())
}

func TestWhatIsScarceOfAnOrderIsReserved(t *testing.T) {
	t.Parallel()
	p := placement()
	require.Nil(t, p.Reservation(), "nothing of it is")
	require.Nil(t, place(t).Snapshot().Reservation())

	bill := order.Bill{Lines: p.Items}
	require.NoError(t, bill.Deduct(order.Discount{Kind: order.DiscountCoupon, Code: "HELLO", Amount: 1000}, anyLine))
	require.NoError(t, bill.Deduct(order.Discount{Kind: order.DiscountPoints, Amount: 500, Points: 500}, anyLine))
	at := opening.Add(24 * time.Hour)
	p.Discounts, p.PickupAt, p.Store, p.Terms.CupsPerSlot = bill.Discounts, &at, "gangnam", 20
	want := order.Reservation{
		OrderID: p.ID, Store: "gangnam", MembershipNumber: "M-1001", Points: 500, Coupon: "HELLO",
		Slot: &order.Slot{At: at, Cups: 2, Capacity: 20},
	}
	require.Equal(t, &want, p.Reservation())
	o := placeAs(t, p, order.PaymentSucceeded)
	want.Slot.Capacity = 0 // the order does not say it
	require.Equal(t, &want, o.Snapshot().Reservation())
	require.True(t, o.Waits())
	require.False(t, o.WasOffered())
	require.Equal(t, "gangnam", o.Store())
	require.True(t, o.Status().OnBoard())
}

// The entries of a points ledger are told apart by their kinds, those of refunds by their numbers.
func TestKindsOfPoints(t *testing.T) {
	t.Parallel()
	require.Equal(t, order.PointsKind("return/2"), order.PointsReturn(2))
	require.Equal(t, order.PointsKind("adjust/1"), order.PointsAdjust(1))
	require.Equal(t, order.PointsKind("return"), order.PointsReturn(2).Base())
	require.Equal(t, order.PointsSpend, order.PointsSpend.Base())
	require.Equal(t, 1, order.RefundRequest{}.Number(), "of when an order was refunded once")
	require.Equal(t, 3, order.RefundRequest{Refund: 3}.Number())
}

// What people have typed goes with the customer; what is standard, or proves a payment, stays.
func TestAnAnonymousOrderKeepsNoTypedReason(t *testing.T) {
	t.Parallel()
	o := place(t, order.PaymentSucceeded, order.Accept)
	require.NoError(t, o.Apply(order.Event{Name: order.Adjust, Reason: "for Mina", Lines: []order.LineQty{{Line: 1, Qty: 1}}}, minutes(3)))
	require.NoError(t, o.Apply(order.Event{Name: order.Reject, Reason: string(order.ReasonBusy)}, minutes(4)))
	for _, note := range []string{"retry: Mina has called", "settle-refund: bank 17"} {
		o.Record(order.Entry{Note: order.NoteOperator, Actor: "jun", Reason: note}, minutes(5))
	}
	o.Record(order.Entry{Note: order.NotePaymentDispute, Reason: "fraudulent"}, minutes(6))
	s := o.Snapshot().Anonymized()
	var reasons []string
	for _, entry := range s.Timeline {
		reasons = append(reasons, entry.Reason)
	}
	require.Equal(t, []string{"", "", "", "busy", "retry", "settle-refund: bank 17", "fraudulent"}, reasons)
	require.Empty(t, s.Refunds[0].Reason)
	require.True(t, s.Refunds[0].Partial())
	require.False(t, s.Refunds[1].Partial())
	require.Empty(t, s.Phone)
}

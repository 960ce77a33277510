package audit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// scarce returns a member's order of two lattes for 12:30, of 10,000 won: a coupon makes it cheaper by 1,000,
// 4,500 are paid with points, and 4,500 with money; after the events, of which an adjust takes one latte off.
func scarce(t *testing.T, events ...order.EventName) *order.Order {
	t.Helper()
	at := opening.Add(3*time.Hour + 30*time.Minute)
	bill := order.Bill{Lines: []order.Line{{Product: "CafeLatte", Qty: 2, Price: order.Money{Amount: total, Currency: "KRW"}}}}
	anything := func(order.Line) bool { return true }
	require.NoError(t, bill.Deduct(order.Discount{Kind: order.DiscountCoupon, Code: "HELLO", Amount: 1000}, anything))
	require.NoError(t, bill.Deduct(order.Discount{Kind: order.DiscountPoints, Amount: 4500, Points: 4500}, anything))
	o, err := order.New(order.Placement{
		ID: "ord_1", Items: bill.Lines, Discounts: bill.Discounts, PickupAt: &at,
		MembershipNumber: "1234567890", Language: order.Korean,
	}, opening)
	require.NoError(t, err)
	for i, name := range events {
		event := order.Event{Name: name}
		if name == order.Accept || name == order.AcceptanceLapsed {
			require.NoError(t, o.Apply(order.Event{Name: order.Offer}, opening.Add(time.Minute)))
		}
		if name == order.Adjust {
			event.Lines = []order.LineQty{{Line: 1, Qty: 1}}
		}
		require.NoError(t, o.Apply(event, opening.Add(time.Duration(i+1)*time.Minute)))
	}
	return o
}

// scarceFacts returns what there is to know of such an order with which all is well.
func scarceFacts(o *order.Order) audit.Facts {
	s := o.Snapshot()
	f := audit.Facts{OrderID: s.ID, Workflow: &s, ReadModel: stored(o.Snapshot()), Open: !s.Status.Terminal()}
	if s.Charged > 0 {
		f.Money = append(f.Money, payment.Movement{OrderID: s.ID, Kind: payment.KindCharge, Amount: s.Charged, Currency: "KRW"})
	}
	f.Reservation = &order.StoredReservation{Reservation: *s.Reservation()}
	f.Reservation.Slot.Capacity = 20
	f.Points = []order.PointsEntry{points(order.PointsSpend, -4500)}
	for _, r := range s.Refunds {
		if r.Status == order.Refunded {
			f.Money = append(f.Money, payment.Movement{OrderID: s.ID, Kind: payment.KindRefund, Amount: r.Amount, Currency: "KRW"})
		}
		if r.Partial() {
			f.Points = append(f.Points, points(order.PointsReturn(r.Number), r.Points))
		}
	}
	if s.Status.Undone() && !f.Open {
		released(&f)
	}
	return f
}

// released has the order's reservation released.
func released(f *audit.Facts) {
	at, left := opening.Add(time.Hour), int64(0)
	f.Reservation.ReleasedAt = &at
	for _, entry := range f.Points {
		left -= entry.Points
	}
	f.Points = append(f.Points, points(order.PointsRelease, left))
}

// adjusted are the ways of an order of which a latte was taken off.
var (
	adjusted         = []order.EventName{order.PaymentSucceeded, order.Adjust, order.RefundMade}
	adjustedPickedUp = append(append([]order.EventName{}, adjusted...), order.Accept, order.MarkReady, order.PickUp)
	adjustedRejected = append(append([]order.EventName{}, adjusted...), order.Reject, order.RefundMade)
)

func TestAnOrderWhoseReservationIsInOrderHasNoDifferences(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]order.EventName{
		"just placed": justPlaced, "paid": paid, "accepted": accepted, "picked up": pickedUp, "unclaimed": unclaimed, "rejected": rejected,
		"cancelled": cancelled, "expired": expired, "declined": declined,
		"adjusted": adjusted, "adjusted and picked up": adjustedPickedUp, "adjusted and rejected": adjustedRejected,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, audit.Order(scarceFacts(scarce(t, events...))))
		})
	}
}

func TestWhatIsReservedByOrdersUnderWayIsNoDifference(t *testing.T) {
	t.Parallel()
	runScarce(t, map[string]exception{
		"an order that has not reserved yet": {justPlaced, func(f *audit.Facts) { f.Points, f.Reservation, f.ReadModel = nil, nil, nil }, nil},
		"an order that was refused":          {declined, func(f *audit.Facts) { f.Points, f.Reservation = nil, nil }, nil},
		"a release that is still to come": {cancelling, func(f *audit.Facts) {
			f.Open, f.Points, f.Reservation.ReleasedAt = true, f.Points[:1], nil
		}, nil},
		"points that are still to go back":                {adjusted, func(f *audit.Facts) { f.Points = f.Points[:1] }, nil},
		"a released order whose reservation is forgotten": {rejected, func(f *audit.Facts) { f.Reservation = nil }, nil},
		"an order that Temporal has forgotten":            {adjustedPickedUp, func(f *audit.Facts) { f.Workflow = nil }, nil},
		"what was not looked at": {pickedUp, func(f *audit.Facts) {
			f.Points, f.Reservation = nil, nil
			f.Unseen = []audit.Part{audit.PartPoints, audit.PartReservations}
		}, nil},
	})
}

func TestDifferencesOfReservations(t *testing.T) {
	t.Parallel()
	standing := func(f *audit.Facts) { f.Reservation.ReleasedAt = nil }
	runScarce(t, map[string]exception{
		"points that nobody has spent": {paid, func(f *audit.Facts) { f.Points = nil }, []audit.Kind{audit.PointsUnspent}},
		"points spent twice":           {pickedUp, func(f *audit.Facts) { f.Points = append(f.Points, f.Points[0]) }, []audit.Kind{audit.PointsUnreturned}},
		"points that went back for nothing": {pickedUp, func(f *audit.Facts) {
			f.Points = append(f.Points, points(order.PointsReturn(1), 1))
		}, []audit.Kind{audit.PointsReturnedNotDue}},
		"points that never went back":            {adjustedPickedUp, func(f *audit.Facts) { f.Points = f.Points[:1] }, []audit.Kind{audit.PointsUnreturned}},
		"points that went back by half":          {adjustedPickedUp, func(f *audit.Facts) { f.Points[1].Points-- }, []audit.Kind{audit.PointsUnreturned}},
		"points of an undone order that stay":    {rejected, func(f *audit.Facts) { f.Points = f.Points[:1] }, []audit.Kind{audit.PointsUnreturned}},
		"points of a refused order that stay":    {declined, func(f *audit.Facts) { f.Points = f.Points[:1] }, []audit.Kind{audit.PointsUnreturned}},
		"points that went back twice":            {rejected, func(f *audit.Facts) { f.Points = append(f.Points, f.Points[1]) }, []audit.Kind{audit.PointsReturnedNotDue}},
		"points earned are not those spent":      {pickedUp, func(f *audit.Facts) { f.Points = append(f.Points, points(order.PointsCredit, 5)) }, []audit.Kind{audit.PointsNotDue}},
		"an order that has reserved nothing":     {paid, func(f *audit.Facts) { f.Reservation = nil }, []audit.Kind{audit.ReservationMissing}},
		"an order that was kept and is released": {pickedUp, func(f *audit.Facts) { f.Reservation.ReleasedAt = &opening }, []audit.Kind{audit.ReservationMissing}},
		"another number of cups":                 {paid, func(f *audit.Facts) { f.Reservation.Slot.Cups = 1 }, []audit.Kind{audit.ReservationDiffers}},
		"another slot":                           {paid, func(f *audit.Facts) { f.Reservation.Slot = nil }, []audit.Kind{audit.ReservationDiffers}},
		"another coupon":                         {paid, func(f *audit.Facts) { f.Reservation.Coupon = "BYE" }, []audit.Kind{audit.ReservationDiffers}},
		"another member":                         {paid, func(f *audit.Facts) { f.Reservation.MembershipNumber = "0987654321" }, []audit.Kind{audit.ReservationDiffers}},
		"an undone order that is not released":   {rejected, standing, []audit.Kind{audit.Unreleased}},
		"a refused order that is not released":   {declined, standing, []audit.Kind{audit.Unreleased}},
		"a reservation that nobody knows": {justPlaced, func(f *audit.Facts) {
			f.Workflow, f.ReadModel, f.Open = nil, nil, false
		}, []audit.Kind{audit.ReservationWithoutOrder}},
		"a reservation for nothing": {pickedUp, func(f *audit.Facts) {
			f.Workflow.Discounts, f.Workflow.PickupAt, f.Points = nil, nil, nil
			f.Workflow.Total.Amount, f.Workflow.Charged, f.Money[0].Amount = 10000, 10000, 10000
			f.ReadModel = stored(*f.Workflow)
		}, []audit.Kind{audit.ReservationNotDue}},
		"terminated while it was made": {accepted, func(f *audit.Facts) { f.Open = false }, []audit.Kind{audit.EndedEarly}},
	})
}

func runScarce(t *testing.T, cases map[string]exception) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := scarceFacts(scarce(t, c.events...))
			c.change(&f)
			var kinds []audit.Kind
			for _, d := range audit.Order(f) {
				require.NotEmpty(t, d.Detail)
				kinds = append(kinds, d.Kind)
			}
			require.Equal(t, c.want, kinds)
		})
	}
}

func TestAReportSumsUpWhatIsReserved(t *testing.T) {
	t.Parallel()
	report := audit.Orders([]audit.Facts{
		scarceFacts(scarce(t, paid...)), scarceFacts(scarce(t, pickedUp...)), scarceFacts(scarce(t, rejected...)), facts(placed(t, paid...)),
	})
	require.Equal(t, audit.Reserved{Orders: 2, Points: 9000, CouponUses: 2, Cups: 4}, report.Reserved)
	require.Empty(t, report.Differences)

	report.AddCounters([]audit.Counter{
		{Kind: audit.CouponMiscounted, Of: "coupon HELLO", Counted: 3, Reserved: 2},
		{Kind: audit.SlotMiscounted, Of: "slot of main at noon", Counted: 3, Reserved: 4},
	})
	require.Equal(t, []audit.Difference{
		{Of: "coupon HELLO", Part: audit.PartReservations, Kind: audit.CouponMiscounted, Detail: "it counts 3 uses, and 2 are reserved"},
		{Of: "slot of main at noon", Part: audit.PartReservations, Kind: audit.SlotMiscounted, Detail: "it counts 3 cups, and 4 are reserved"},
	}, report.Differences)
	require.True(t, report.Differences[0].Kind.OfReservations())
	require.False(t, audit.Lost.OfReservations())
}

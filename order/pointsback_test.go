package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
)

// pickedUpWithPoints is the order of [twoKinds], for 9,500 won, with so many points, that was picked up.
func pickedUpWithPoints(t require.TestingT, points int64) *order.Order {
	bill := order.Bill{Lines: twoKinds().Items}
	require.NoError(t, bill.SpendPoints(points, 0))
	o, err := order.New(order.Placement{
		ID: "ord_1", Items: bill.Lines, Discounts: bill.Discounts, MembershipNumber: "1234567890", Terms: order.Terms{PointsRate: 500},
	}, minutes(0))
	require.NoError(t, err)
	for _, name := range []order.EventName{order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp} {
		require.NoError(t, o.Apply(order.Event{Name: name}, minutes(1)))
	}
	return o
}

func TestAnAmountTakesItsShareOfThePointsAlong(t *testing.T) {
	t.Parallel()
	o := pickedUpWithPoints(t, 3200) // and 6,300 won
	for i, amount := range []int64{100, 100, 100} {
		require.NoError(t, o.Apply(giveBackAmount(amount), minutes(10+i)))
		require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, minutes(10+i)))
	}
	s := o.Snapshot()
	require.Equal(t, []int64{50, 51, 51}, []int64{s.Refunds[0].Points, s.Refunds[1].Points, s.Refunds[2].Points},
		"of 300 won it is 152: the third has what the first has lost by rounding")
	require.EqualValues(t, 300, s.Points, "5 percent of the 6,000 won that are kept")
}

func TestAnOrderThatWasPaidWithPointsAloneGivesThemBackByItsLines(t *testing.T) {
	t.Parallel()
	o := pickedUpWithPoints(t, 9500)
	require.Zero(t, o.Snapshot().Charged)
	require.Zero(t, o.Snapshot().Points, "points are earned on money")
	requireInvalid(t, "amount", o.Apply(giveBackAmount(100), minutes(9)))

	require.NoError(t, o.Apply(giveBack(order.LineQty{Line: 1, Qty: 1}), minutes(10)))
	require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, minutes(10)))
	items := o.Snapshot().Items
	require.NoError(t, o.Apply(giveBack(order.LineQty{Line: 1, Qty: items[0].Left()}, order.LineQty{Line: 2, Qty: items[1].Left()}), minutes(11)))
	require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, minutes(11)))

	s := o.Snapshot()
	require.Zero(t, s.KeptPoints())
	require.Equal(t, &order.RefundSum{Status: order.Refunded, Currency: "KRW"}, s.Refund)
	requireInvalid(t, "lines", o.Apply(giveBack(order.LineQty{Line: 2, Qty: 1}), minutes(12)))
}

func requireInvalid(t *testing.T, field string, err error) {
	t.Helper()
	require.Equal(t, order.CodeInvalid, order.ErrorCode(err), "%v", err)
	var invalid *order.Error
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, field, invalid.Field)
}

// Whatever is given back after the end, in whatever order: never more than there was, money and points
// come to an end together, and amounts have their share of the points.
func TestWhateverIsGivenBackMoneyAndPointsGoTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spent := rapid.Int64Range(100, 9500).Draw(t, "points")
		o := pickedUpWithPoints(t, spent)
		charged, amounts, pointsOfAmounts, linesToo := o.Snapshot().Charged, int64(0), int64(0), false
		for range rapid.IntRange(1, 12).Draw(t, "refunds") {
			event := order.Event{Name: order.GiveBack}
			if rapid.Bool().Draw(t, "an amount") {
				event.Amount = rapid.Int64Range(1, max(1, o.Snapshot().Kept())).Draw(t, "amount")
			} else {
				event.Lines = []order.LineQty{{Line: rapid.IntRange(1, 2).Draw(t, "line"), Qty: 1}}
			}
			if o.Apply(event, time.Now()) != nil {
				continue // there is nothing left of it
			}
			require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, time.Now()))
			s := o.Snapshot()
			last := s.Refunds[len(s.Refunds)-1]
			amounts, linesToo = amounts+event.Amount, linesToo || event.Amount == 0
			if event.Amount > 0 {
				pointsOfAmounts += last.Points
			}
			require.GreaterOrEqual(t, s.Kept(), int64(0))
			require.GreaterOrEqual(t, s.KeptPoints(), int64(0))
			require.GreaterOrEqual(t, min(last.Amount, last.Points), int64(0))
			if !linesToo {
				require.Equal(t, spent*amounts/charged, pointsOfAmounts)
			}
			require.Equal(t, s.Kept()/20, s.Points)
		}
		s := o.Snapshot()
		if s.Items[0].Left() == 0 && s.Items[1].Left() == 0 {
			require.Zero(t, s.Kept())
			require.Zero(t, s.KeptPoints())
		}
	})
}

// The texts of a refund, and of an order that is undone, name the points that go back.
func TestTextsHaveThePointsThatGoBack(t *testing.T) {
	t.Parallel()
	bill := order.Bill{Lines: twoKinds().Items}
	require.NoError(t, bill.SpendPoints(3200, 0))
	o, err := order.New(order.Placement{ID: "ord_1", Items: bill.Lines, Discounts: bill.Discounts, Phone: "+821012345678"}, minutes(0))
	require.NoError(t, err)
	require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded}, minutes(1)))
	require.NoError(t, o.Apply(order.Event{Name: order.Adjust, Lines: []order.LineQty{{Line: 1, Qty: 1}}}, minutes(2)))
	require.NoError(t, o.Apply(order.Event{Name: order.Cancel}, minutes(3)))
	first := o.Snapshot().Refunds[0]
	require.NotZero(t, first.Points)
	for kind, want := range map[order.TextKind]int64{
		"paid": 0, "adjusted/1": first.Points, "cancelled": 3200 - first.Points, order.TextRefunded: 3200 - first.Points,
	} {
		text, ok := o.Text(kind)
		require.True(t, ok)
		require.Equal(t, want, text.Points, kind)
	}
}

package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
)

// pickedUp is the order of [twoKinds], for 9,500 won, with its customer.
func pickedUp(t testing.TB) *order.Order {
	t.Helper()
	return placeAs(t, twoKinds(), order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp)
}

// giveBack gives lines back.
func giveBack(lines ...order.LineQty) order.Event {
	return order.Event{Name: order.GiveBack, Lines: lines, Actor: "Mina", Reason: "the wrong drink"}
}

// giveBackAmount gives an amount back, in won.
func giveBackAmount(amount int64) order.Event {
	return order.Event{Name: order.GiveBack, Amount: amount, Actor: "Mina", Reason: "a cold coffee"}
}

func TestLinesOfAnOrderThatIsOverGoBack(t *testing.T) {
	t.Parallel()
	o := pickedUp(t)
	require.EqualValues(t, 475, o.Snapshot().Points)

	event := giveBack(order.LineQty{Line: 1, Qty: 1}, order.LineQty{Line: 2, Qty: 1})
	event.CommandID = "press-1"
	require.NoError(t, o.Apply(event, minutes(9)))

	s := o.Snapshot()
	require.Equal(t, order.PickedUp, s.Status)
	require.Equal(t, []order.Refund{{
		Number: 1, Status: order.RefundPending, Amount: 5500, Currency: "KRW", Cause: order.GiveBack, Reason: "the wrong drink",
		CommandID: "press-1", Lines: []order.LineQty{{Line: 1, Qty: 1}, {Line: 2, Qty: 1}}, At: minutes(9),
	}}, s.Refunds)
	require.Equal(t, []int{1, 1}, []int{s.Items[0].RefundedQty, s.Items[1].RefundedQty})
	require.EqualValues(t, 200, s.Points, "of the 4,000 won that the store keeps")
	require.Equal(t, order.Entry{Status: order.PickedUp, At: minutes(9), Actor: "Mina", Reason: "the wrong drink", Note: "refund"}, s.Timeline[4])
	require.Equal(t, order.Entry{Status: order.PickedUp, At: minutes(9), Actor: order.ActorStore, Reason: "the wrong drink", Note: "refund"},
		s.Public().Timeline[4])

	require.False(t, s.Refunds[0].Told(), "the customer is told when the money has gone back")
	require.NoError(t, o.Apply(order.Event{Name: order.RefundMade, Refund: 1}, minutes(10)))
	require.True(t, o.Snapshot().Refunds[0].Told())
	text, ok := o.Text("refunded/1")
	require.True(t, ok)
	require.Equal(t, order.Money{Amount: 5500, Currency: "KRW"}, text.Refund)
	require.Equal(t, "IceAmericano x1, Cafe Latte (Oat milk) x1", text.TakenOff)
	require.Equal(t, order.TextRefunded, text.Kind.Base())
	require.False(t, o.Pointless("refunded/1"))
}

func TestAnAmountOfAnOrderThatIsOverGoesBack(t *testing.T) {
	t.Parallel()
	o := placeAs(t, twoKinds(), order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUpLapsed)
	require.NoError(t, o.Apply(giveBackAmount(6000), minutes(9)))
	require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, minutes(10)))
	require.NoError(t, o.Apply(giveBack(order.LineQty{Line: 1, Qty: 2}), minutes(11)))

	s := o.Snapshot()
	require.Equal(t, []int64{6000, 3500}, []int64{s.Refunds[0].Amount, s.Refunds[1].Amount}, "4,000 won, as far as they are left")
	require.Empty(t, s.Refunds[0].Lines)
	require.Zero(t, s.Kept())
	require.Zero(t, s.Points)
	require.Equal(t, &order.RefundSum{Status: order.RefundPending, Amount: 9500, Currency: "KRW"}, s.Refund)
}

// One press that is repeated, and two managers at once, make one refund.
func TestARefundIsMadeOnceUnderItsNumber(t *testing.T) {
	t.Parallel()
	o := pickedUp(t)
	first := giveBack(order.LineQty{Line: 1, Qty: 1}, order.LineQty{Line: 2, Qty: 1})
	first.Refund, first.CommandID = 1, "press-1"
	require.NoError(t, o.Apply(first, minutes(9)))

	other := giveBack(order.LineQty{Line: 2, Qty: 1}, order.LineQty{Line: 1, Qty: 1})
	other.Refund, other.CommandID, other.Actor = 1, "press-2", "Jun"
	require.True(t, o.Repeats(first))
	require.True(t, o.Repeats(other), "the same lines under the same number")
	another := giveBackAmount(100)
	another.Refund = 1
	requireCode(t, o.Check(another), order.CodeRefundPending, order.PickedUp)
	another.Refund = 2
	requireCode(t, o.Check(another), order.CodeRefundPending, order.PickedUp)

	require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, minutes(10)))
	restored := order.Restore(o.Snapshot(), 0)
	first.Refund = 2
	require.True(t, restored.Repeats(first), "whatever has happened since")
	another.Refund = 1
	requireCode(t, restored.Check(another), order.CodeRefundPending, order.PickedUp)
	another.Refund = 2
	require.NoError(t, restored.Check(another))
	another.Refund = 3
	require.Equal(t, order.CodeInvalid, order.ErrorCode(restored.Check(another)))
}

func TestWhatCannotBeGivenBack(t *testing.T) {
	t.Parallel()
	both := giveBack(order.LineQty{Line: 1, Qty: 1})
	both.Amount = 100
	for name, test := range map[string]struct {
		event       order.Event
		field, says string
	}{
		"nothing":                  {giveBack(), "amount", "lines or an amount above 0 must say what is given back"},
		"less than nothing":        {giveBackAmount(-1), "amount", "lines or an amount above 0 must say what is given back"},
		"lines and an amount":      {both, "amount", "lines and amount exclude each other"},
		"more than was charged":    {giveBackAmount(9501), "amount", "9500 of the charge are left to give back"},
		"a line that is not there": {giveBack(order.LineQty{Line: 3, Qty: 1}), "lines", "the order has no line 3"},
		"more pieces than it has":  {giveBack(order.LineQty{Line: 2, Qty: 2}), "lines", "of line 2 there are 1 left"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := pickedUp(t)
			before := o.Snapshot()
			var e *order.Error
			require.ErrorAs(t, o.Apply(test.event, minutes(9)), &e)
			require.Equal(t, []any{order.CodeInvalid, test.field, test.says}, []any{e.Code, e.Field, e.Message})
			require.Equal(t, before, o.Snapshot())
		})
	}

	t.Run("of an order that was free", func(t *testing.T) {
		t.Parallel()
		p := placement()
		p.Items[0].Price.Amount = 0
		o := placeAs(t, p, order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp)
		err := o.Check(giveBackAmount(1))
		require.Equal(t, order.CodeTooLate, order.ErrorCode(err))
		require.ErrorContains(t, err, "nothing was charged")
	})

	t.Run("after all has gone back", func(t *testing.T) {
		t.Parallel()
		o := pickedUp(t)
		require.NoError(t, o.Apply(giveBackAmount(9500), minutes(9)))
		require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, minutes(10)))
		err := o.Check(giveBack(order.LineQty{Line: 1, Qty: 1}))
		require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
		require.ErrorContains(t, err, "nothing of the charge is left")
	})
}

func TestAnOrderIsRefundedForThirtyDays(t *testing.T) {
	t.Parallel()
	s := pickedUp(t).Snapshot()
	require.Equal(t, minutes(4), s.EndedAt())
	require.NoError(t, s.CheckRefundTime(s.EndedAt().Add(30*24*time.Hour)))
	requireCode(t, s.CheckRefundTime(s.EndedAt().Add(30*24*time.Hour+1)), order.CodeTooLate, order.PickedUp)
}

func TestOnlyOrdersThatAreOverAndWereMadeAreRefundable(t *testing.T) {
	t.Parallel()
	for _, status := range order.Statuses() {
		require.Equal(t, status == order.PickedUp || status == order.Unclaimed, status.Refundable(), status)
	}
}

// The rate of the order's points is its own, whatever has become of the configuration.
func TestARestoredOrderKeepsItsRate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*order.Snapshot)
		want   int64
	}{
		"its own":                              {func(*order.Snapshot) {}, 200},
		"the configured one where it has none": {func(s *order.Snapshot) { s.PointsRate = 0 }, 400},
		"never more points than before":        {func(s *order.Snapshot) { s.PointsRate, s.Points = 0, 210 }, 210},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pickedUp(t).Snapshot()
			test.change(&s)
			o := order.Restore(s, 1000)
			require.NoError(t, o.Apply(giveBackAmount(5500), minutes(9)))
			require.Equal(t, test.want, o.Snapshot().Points)
		})
	}
}

// Whatever is taken off, given back, settled and restored, in any order: the charge less the
// refunds is what the store keeps, and never below zero.
func TestRefundsNeverExceedTheCharge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o, err := order.New(twoKinds(), opening)
		require.NoError(t, err)
		for _, name := range []order.EventName{order.PaymentSucceeded, order.Accept} {
			require.NoError(t, o.Apply(order.Event{Name: name}, minutes(1)))
		}
		drawn := func(name order.EventName) order.Event {
			line := rapid.IntRange(1, 2).Draw(t, "line")
			return order.Event{Name: name, Lines: []order.LineQty{{Line: line, Qty: rapid.IntRange(1, 3).Draw(t, "qty")}}}
		}
		if rapid.Bool().Draw(t, "adjusted") {
			_ = o.Apply(drawn(order.Adjust), minutes(2)) // refused, or not
		}
		for _, name := range []order.EventName{order.MarkReady, order.PickUp} {
			require.NoError(t, o.Apply(order.Event{Name: name}, minutes(3)))
		}
		for range rapid.IntRange(0, 10).Draw(t, "refunds") {
			event := drawn(order.GiveBack)
			if rapid.Bool().Draw(t, "an amount") {
				event.Lines, event.Amount = nil, rapid.Int64Range(1, 6000).Draw(t, "amount")
			}
			before := o.Snapshot()
			if err := o.Apply(event, minutes(4)); err == nil && len(o.Refunds()) > len(before.Refunds) { // not the same once more
				s := o.Snapshot()
				require.Equal(t, before.Kept()-s.Refunds[len(s.Refunds)-1].Amount, s.Kept())
				require.Positive(t, s.Refunds[len(s.Refunds)-1].Amount)
			}
			s := o.Snapshot()
			require.GreaterOrEqual(t, s.Kept(), int64(0))
			require.Equal(t, s.Charged, s.Kept()+s.RefundTotal())
			require.Equal(t, s.Kept()/20, s.Points)
			made := order.Event{Name: rapid.SampledFrom([]order.EventName{order.RefundMade, order.SettleRefund, order.PickUp}).Draw(t, "then")}
			_ = o.Apply(made, minutes(5)) // refused when none is pending
			o = order.Restore(o.Snapshot(), 9999)
		}
	})
}

func TestTheNumberOfARefundThatNamesNone(t *testing.T) {
	t.Parallel()
	o := pickedUp(t)
	asked := giveBackAmount(500)
	require.Equal(t, 1, o.Snapshot().RefundNumberFor(asked, minutes(9)))
	require.NoError(t, o.Apply(asked, minutes(9)))
	s := o.Snapshot()
	require.Equal(t, 1, s.RefundNumberFor(asked, minutes(13)), "asked for again")
	require.Equal(t, 2, s.RefundNumberFor(asked, minutes(14)), "asked for once more, later")
	other := asked
	other.Reason = "something else"
	require.Equal(t, 2, s.RefundNumberFor(other, minutes(9)))
	require.Equal(t, 2, s.RefundNumberFor(giveBackAmount(501), minutes(9)))
	asked.CommandID = "press-1"
	require.Equal(t, 2, s.RefundNumberFor(asked, minutes(9)), "its command tells which it is")
}

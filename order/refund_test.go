package order_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
)

// adjust takes pieces of lines off the order.
func adjust(lines ...order.LineQty) order.Event {
	return order.Event{Name: order.Adjust, Lines: lines, Reason: "sold_out"}
}

// twoKinds is an order of three Americanos for 2,000 won each, and a latte with oat milk for 3,500.
func twoKinds() order.Placement {
	p := placement()
	p.Items[0].Number, p.Items[0].Qty = 1, 3
	p.Items = append(p.Items, order.Line{
		Number: 2, Product: "CafeLatte", Name: order.Names{order.English: "Cafe Latte", order.Korean: "카페라떼"}, Qty: 1,
		BasePrice: order.Money{Amount: 3000, Currency: "KRW"}, Price: order.Money{Amount: 3500, Currency: "KRW"},
		Options: []order.LineOption{{Group: "milk", Option: "oat", Name: order.Names{order.English: "Oat milk", order.Korean: "오트"}, Qty: 1, Price: 500}},
	})
	return p
}

func TestWhatIsTakenOffGoesBack(t *testing.T) {
	t.Parallel()
	o := placeAs(t, twoKinds(), order.PaymentSucceeded, order.Accept)
	require.EqualValues(t, 475, o.Snapshot().Points)

	require.NoError(t, o.Apply(adjust(order.LineQty{Line: 1, Qty: 1}, order.LineQty{Line: 2, Qty: 1}), minutes(3)))

	s := o.Snapshot()
	require.Equal(t, order.Accepted, s.Status)
	require.Equal(t, []order.Refund{{
		Number: 1, Status: order.RefundPending, Amount: 5500, Currency: "KRW", Cause: order.Adjust, Reason: "sold_out",
		Lines: []order.LineQty{{Line: 1, Qty: 1}, {Line: 2, Qty: 1}}, At: minutes(3),
	}}, s.Refunds)
	require.Equal(t, []int{1, 1}, []int{s.Items[0].RefundedQty, s.Items[1].RefundedQty})
	require.EqualValues(t, 200, s.Points, "of the 4,000 won that the store keeps")
	require.Equal(t, order.Entry{Status: order.Accepted, At: minutes(3), Actor: order.ActorStore, Reason: "sold_out", Note: "adjust"}, s.Timeline[2])

	text, ok := o.Text("adjusted/1")
	require.True(t, ok)
	require.Equal(t, order.Money{Amount: 5500, Currency: "KRW"}, text.Refund)
	require.Equal(t, "IceAmericano x1, Cafe Latte (Oat milk) x1", text.TakenOff)
	require.False(t, o.Pointless("adjusted/1"))
	require.Equal(t, order.TextAdjusted, text.Kind.Base())

	public := s.Public()
	require.Equal(t, "Out of an ingredient", public.Refunds[0].Reason)
	require.Equal(t, "Out of an ingredient", public.Timeline[2].Reason)
	require.Equal(t, "sold_out", s.Anonymized().Refunds[0].Reason)
}

func TestWhatIsLeftGoesBackWhenTheOrderIsUndone(t *testing.T) {
	t.Parallel()
	o := placeAs(t, twoKinds(), order.PaymentSucceeded)
	require.NoError(t, o.Apply(adjust(order.LineQty{Line: 1, Qty: 2}), minutes(2)))
	require.NoError(t, o.Apply(order.Event{Name: order.Cancel}, minutes(3)))
	s := o.Snapshot()
	require.Len(t, s.Refunds, 2)
	require.EqualValues(t, 4000, s.Refunds[0].Amount)
	require.EqualValues(t, 5500, s.Refunds[1].Amount)
	require.Equal(t, []order.LineQty{{Line: 1, Qty: 1}, {Line: 2, Qty: 1}}, s.Refunds[1].Lines)
	require.Zero(t, s.Kept())
	require.Equal(t, []order.TextKind{"adjusted/1", order.TextRefunded}, []order.TextKind{s.Refunds[0].Text(), s.Refunds[1].Text()})

	require.NoError(t, o.Apply(order.Event{Name: order.RefundMade, Refund: 2}, minutes(4)))
	require.True(t, o.OwesRefund(1), "each is made by itself")
	require.Equal(t, order.RefundPending, o.Snapshot().Refund.Status)
	undoing, ok := o.Snapshot().UndoneBy()
	require.True(t, ok)
	require.Equal(t, 2, undoing.Number)
	require.NoError(t, o.Apply(order.Event{Name: order.RefundMade, Refund: 1}, minutes(5)))
	require.Equal(t, &order.RefundSum{Status: order.Refunded, Amount: 9500, Currency: "KRW"}, o.Snapshot().Refund)
}

// What an operator has given back of an order that goes on is no reason to keep the rest.
func TestASettledPartLeavesTheRestDue(t *testing.T) {
	t.Parallel()
	o := placeAs(t, twoKinds(), order.PaymentSucceeded)
	require.NoError(t, o.Apply(adjust(order.LineQty{Line: 1, Qty: 1}), minutes(2)))
	require.NoError(t, o.Apply(order.Event{Name: order.SettleRefund}, minutes(3)))
	require.False(t, o.Owes())
	require.False(t, o.Snapshot().Settled)
	require.NoError(t, o.Apply(order.Event{Name: order.Reject}, minutes(4)))
	require.True(t, o.OwesRefund(2))
	require.EqualValues(t, 7500, o.Snapshot().Refunds[1].Amount)
}

func TestWhatCannotBeTakenOff(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines []order.LineQty
		says  string
	}{
		"nothing":                   {nil, "lines must name what is taken off"},
		"a line that is not there":  {[]order.LineQty{{Line: 3, Qty: 1}}, "the order has no line 3"},
		"a line below the first":    {[]order.LineQty{{Line: 0, Qty: 1}}, "the order has no line 0"},
		"more than there is":        {[]order.LineQty{{Line: 1, Qty: 4}}, "of line 1 there are 3 left"},
		"less than a piece":         {[]order.LineQty{{Line: 1, Qty: 0}}, "of line 1 there are 3 left"},
		"a line twice":              {[]order.LineQty{{Line: 1, Qty: 1}, {Line: 1, Qty: 1}}, "line 1 is named twice"},
		"all that the order is for": {[]order.LineQty{{Line: 1, Qty: 3}, {Line: 2, Qty: 1}}, "nothing would be left of the order: reject it instead"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := placeAs(t, twoKinds(), order.PaymentSucceeded)
			before := o.Snapshot()
			err := o.Apply(adjust(test.lines...), minutes(2))
			var e *order.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, order.CodeInvalid, e.Code)
			require.Equal(t, "lines", e.Field)
			require.Equal(t, test.says, e.Message)
			require.Equal(t, before, o.Snapshot())
		})
	}
}

// Whatever is taken off, in any order, what goes back and what is left add up to the charge.
func TestPartsAddUpToTheCharge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := placement()
		p.Items = nil
		for i := range rapid.IntRange(1, 6).Draw(t, "lines") {
			p.Items = append(p.Items, order.Line{
				Number: i + 1, Product: "Tea", Qty: rapid.IntRange(1, 5).Draw(t, "qty"),
				Price: order.Money{Amount: rapid.Int64Range(0, 9999).Draw(t, "price"), Currency: "KRW"},
			})
		}
		o, err := order.New(p, opening)
		if err != nil {
			t.Fatal(err)
		}
		happen := func(event order.Event) error { return o.Apply(event, minutes(1)) }
		if err := happen(order.Event{Name: order.PaymentSucceeded}); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 8).Draw(t, "adjusts") {
			line := rapid.IntRange(1, len(p.Items)).Draw(t, "line")
			_ = happen(adjust(order.LineQty{Line: line, Qty: rapid.IntRange(1, 3).Draw(t, "off")})) // refused, or not
			requireSums(t, o.Snapshot())
		}
		if rapid.Bool().Draw(t, "undone") {
			if err := happen(order.Event{Name: order.Reject}); err != nil {
				t.Fatal(err)
			}
			requireSums(t, o.Snapshot())
			require.Zero(t, o.Snapshot().Kept())
		}
	})
}

func requireSums(t *rapid.T, s order.Snapshot) {
	t.Helper()
	var left int64
	for _, line := range s.Items {
		left += line.Price.Amount * int64(line.Left())
	}
	require.Equal(t, left, s.Kept())
	require.GreaterOrEqual(t, s.Kept(), int64(0))
	require.True(t, slices.IsSortedFunc(s.Refunds, func(a, b order.Refund) int { return a.Number - b.Number }))
}

// Of several refunds an operator settles the one that was made by other means, and the others
// stay due.
func TestARefundIsSettledByItsNumber(t *testing.T) {
	t.Parallel()
	o := placeAs(t, twoKinds(), order.PaymentSucceeded)
	require.NoError(t, o.Apply(adjust(order.LineQty{Line: 1, Qty: 1}), minutes(2)))
	require.NoError(t, o.Apply(order.Event{Name: order.Reject}, minutes(3)))
	require.Equal(t, 2, o.PendingRefunds())

	first := order.Event{Name: order.SettleRefund, Refund: 1}
	require.NoError(t, o.Apply(first, minutes(4)))
	require.False(t, o.OwesRefund(1))
	require.True(t, o.OwesRefund(2))
	require.False(t, o.Snapshot().Settled, "the rest is to be paid")
	require.True(t, o.Repeats(first))
	require.Error(t, o.Check(order.Event{Name: order.SettleRefund, Refund: 3}))

	require.NoError(t, o.Apply(order.Event{Name: order.SettleRefund, Refund: 2}, minutes(5)))
	require.True(t, o.Snapshot().Settled)
	was, there := o.Snapshot().RefundOf(1)
	require.True(t, there)
	require.True(t, was.Settled)
}

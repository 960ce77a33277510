package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// givenBack are the facts of an order of which 2,000 won have gone back after its end.
func givenBack(t *testing.T, events ...order.EventName) audit.Facts {
	t.Helper()
	o := placed(t, pickedUp...)
	require.NoError(t, o.Apply(order.Event{Name: order.GiveBack, Amount: 2000}, opening.Add(time.Hour)))
	for _, name := range events {
		require.NoError(t, o.Apply(order.Event{Name: name}, opening.Add(2*time.Hour)))
	}
	f := facts(o)
	f.Money = []payment.Movement{movement(payment.KindCharge)}
	f.Points = []order.PointsEntry{points(order.PointsCredit, 250), points(order.PointsAdjust(1), -100)}
	f.Texts = []audit.Text{text("paid"), text("accepted"), text("ready"), text("picked_up")}
	return f
}

func TestRefundsAfterTheEndAreAudited(t *testing.T) {
	t.Parallel()
	back := movement(payment.KindRefund)
	back.Amount = 2000
	made := func(f *audit.Facts) {
		f.Money = append(f.Money, back)
		f.Texts = append(f.Texts, text("refunded/1"))
	}
	for name, c := range map[string]struct {
		events []order.EventName
		change func(*audit.Facts)
		want   []audit.Kind
	}{
		"made":                          {[]order.EventName{order.RefundMade}, made, nil},
		"on its way":                    {nil, func(f *audit.Facts) { f.Open = true }, nil},
		"settled by hand":               {[]order.EventName{order.SettleRefund}, func(f *audit.Facts) { f.Texts = append(f.Texts, text("refunded/1")) }, nil},
		"not made":                      {[]order.EventName{order.RefundMade}, func(f *audit.Facts) { made(f); f.Money = f.Money[:1] }, []audit.Kind{audit.Unrefunded}},
		"made twice":                    {[]order.EventName{order.RefundMade}, func(f *audit.Facts) { made(f); f.Money = append(f.Money, back) }, []audit.Kind{audit.DoubleRefunded}},
		"its workflow was terminated":   {nil, func(*audit.Facts) {}, []audit.Kind{audit.EndedEarly, audit.Unrefunded}},
		"nobody was told":               {[]order.EventName{order.RefundMade}, func(f *audit.Facts) { made(f); f.Texts = f.Texts[:4] }, []audit.Kind{audit.TextMissing}},
		"the points stayed":             {[]order.EventName{order.RefundMade}, func(f *audit.Facts) { made(f); f.Points = f.Points[:1] }, []audit.Kind{audit.PointsNotDue}},
		"only the read model remembers": {[]order.EventName{order.RefundMade}, func(f *audit.Facts) { made(f); f.Workflow = nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := givenBack(t, c.events...)
			c.change(&f)
			require.Equal(t, c.want, kinds(f))
		})
	}
}

// An order is open while its refund is: what is on its way is no difference.
func TestAnOrderIsCollectedOnceWithItsRefunds(t *testing.T) {
	t.Parallel()
	want := givenBack(t)
	sources := audit.Sources{Orders: fakeOrders{
		listed: []orderclient.Listed{{ID: "ord_1/refund/1", Open: true}, {ID: "ord_1"}},
		read:   answering(*want.Workflow, nil),
	}, Again: func(context.Context) error { return nil }}
	got, err := sources.Since(t.Context(), opening)
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "ord_1", got[0].OrderID)
	require.True(t, got[0].Open)
}

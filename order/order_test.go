package order_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestNew(t *testing.T) {
	t.Parallel()
	t.Run("keeps no part of the placement's memory", func(t *testing.T) {
		t.Parallel()
		p := placement()
		o := placeAs(t, p)
		p.Items[0].Qty = 99
		require.Equal(t, 2, o.Snapshot().Items[0].Qty)
	})
	t.Run("starts at version one, with an empty timeline", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		require.EqualValues(t, 1, o.Version())
		require.Equal(t, order.PaymentPending, o.Status())
		require.NotNil(t, o.Snapshot().Timeline)
		require.Empty(t, o.Snapshot().Timeline)
		require.Equal(t, opening, o.Snapshot().PlacedAt)
	})
	t.Run("refuses items without a total", func(t *testing.T) {
		t.Parallel()
		_, err := order.New(order.Placement{ID: "ord_1"}, opening)
		require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
	})
}

func TestTotal(t *testing.T) {
	t.Parallel()
	item := func(qty int, amount int64, currency string) order.Line {
		return order.Line{Product: "Latte", Qty: qty, Price: order.Money{Amount: amount, Currency: currency}}
	}
	for name, tc := range map[string]struct {
		items []order.Line
		want  order.Money
		field string
	}{
		"adds up all lines":                 {items: []order.Line{item(2, 2000, "KRW"), item(1, 4500, "KRW")}, want: order.Money{Amount: 8500, Currency: "KRW"}},
		"allows a gift":                     {items: []order.Line{item(1, 0, "KRW")}, want: order.Money{Currency: "KRW"}},
		"needs an item":                     {field: "items"},
		"needs one of everything":           {items: []order.Line{item(1, 1, "KRW"), item(0, 1, "KRW")}, field: "items[1].qty"},
		"refuses a negative quantity":       {items: []order.Line{item(-1, 1, "KRW")}, field: "items[0].qty"},
		"refuses a negative price":          {items: []order.Line{item(1, -1, "KRW")}, field: "items[0].price"},
		"refuses a mix of currencies":       {items: []order.Line{item(1, 1, "KRW"), item(1, 1, "USD")}, field: "items[1].price"},
		"refuses a line that does not fit":  {items: []order.Line{item(2, math.MaxInt64, "KRW")}, field: "items[0].qty"},
		"refuses a total that does not fit": {items: []order.Line{item(1, math.MaxInt64, "KRW"), item(1, 1, "KRW")}, field: "items[1].price"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := order.Total(tc.items)
			require.Equal(t, tc.want, got)
			if tc.field == "" {
				require.NoError(t, err)
				return
			}
			var e *order.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, order.CodeInvalid, e.Code)
			require.Equal(t, tc.field, e.Field)
		})
	}
}

// busy returns an order with a value in every field of its snapshot.
func busy(t testing.TB) *order.Order {
	t.Helper()
	o := place(t, order.Cancel, order.PaymentSucceeded)
	require.NoError(t, o.Apply(order.Event{Name: order.Accept, Actor: "minji", ETAMinutes: 5}, minutes(3)))
	o.AssignPickupNumber("A-27")
	o.SetStuckOn([]string{"sms", "points"})
	require.NoError(t, o.Apply(order.Event{Name: order.Reject, Reason: "no milk"}, minutes(4)))
	return o
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	t.Run("shares nothing with the order", func(t *testing.T) {
		t.Parallel()
		o := busy(t)
		// What is wanted comes from an order of its own: it must not share either.
		s, want := o.Snapshot(), busy(t).Snapshot()
		s.Items[0].Qty = 99
		s.Timeline[0].Reason = "tampered"
		s.StuckOn[0] = "tampered"
		*s.PickupNumber = "tampered"
		*s.ETAMinutes = 99
		s.Refund.Amount = 99
		require.Equal(t, want, o.Snapshot())
	})
	t.Run("stays as it is when the order moves on", func(t *testing.T) {
		t.Parallel()
		o := busy(t)
		s, before := o.Snapshot(), busy(t).Snapshot()
		require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, minutes(5)))
		o.AssignPickupNumber("A-28")
		o.SetStuckOn(nil)
		require.Equal(t, before, s)
		require.Empty(t, o.Snapshot().StuckOn)
	})
	t.Run("survives JSON", func(t *testing.T) {
		t.Parallel()
		want := busy(t).Snapshot()
		data, err := json.Marshal(want)
		require.NoError(t, err)
		var got order.Snapshot
		require.NoError(t, json.Unmarshal(data, &got))
		require.Equal(t, want, got)
	})
}

func TestSnapshotJSON(t *testing.T) {
	t.Parallel()
	t.Run("shows an accepted order as the API promises", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded)
		require.NoError(t, o.Apply(order.Event{Name: order.Accept, ETAMinutes: 5}, minutes(2)))
		o.AssignPickupNumber("A-27")
		require.Equal(t, `{"id":"ord_1","store":"main","status":"accepted",`+
			`"items":[{"product":"IceAmericano","qty":2,"price":{"amount":2000,"currency":"KRW"}}],`+
			`"total":{"amount":4000,"currency":"KRW"},"pickup_number":"A-27","eta_minutes":5,`+
			`"refund":null,"points":200,`+
			`"timeline":[{"status":"paid","at":"2025-03-03T09:01:00Z","actor":"payment gateway"},`+
			`{"status":"accepted","at":"2025-03-03T09:02:00Z","actor":"store"}],`+
			`"placed_at":"2025-03-03T09:00:00Z","version":3,`+
			`"phone":"+821012345678","membership_number":"M-1001","payment_method":"pm_card_visa",`+
			`"note":"less ice","language":"en","request_hash":"f00d","points_rate":500,"charged":4000}`, toJSON(t, o))
	})
	t.Run("shows a new order with nulls and an empty timeline", func(t *testing.T) {
		t.Parallel()
		p := placement()
		p.Phone, p.MembershipNumber, p.PaymentMethod, p.Note, p.RequestHash = "", "", "", "", ""
		require.Equal(t, `{"id":"ord_1","store":"main","status":"payment_pending",`+
			`"items":[{"product":"IceAmericano","qty":2,"price":{"amount":2000,"currency":"KRW"}}],`+
			`"total":{"amount":4000,"currency":"KRW"},"pickup_number":null,"eta_minutes":null,`+
			`"refund":null,"points":0,"timeline":[],`+
			`"placed_at":"2025-03-03T09:00:00Z","version":1,"language":"en","charged":0}`, toJSON(t, placeAs(t, p)))
	})
	t.Run("shows what went wrong", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.Cancel)
		require.NoError(t, o.Apply(order.Event{Name: order.PaymentRefused, FailureCode: "timeout"}, minutes(2)))
		require.NoError(t, o.Apply(order.Event{Name: order.ChargeFound, Reason: "captured late"}, minutes(3)))
		o.SetStuckOn([]string{"refund"})
		got := toJSON(t, o)
		require.Contains(t, got, `"refund":{"status":"pending","amount":4000,"currency":"KRW"}`)
		require.Contains(t, got, `{"status":"payment_failed","at":"2025-03-03T09:03:00Z",`+
			`"actor":"payment gateway","reason":"captured late","note":"charge_found"}`)
		require.Contains(t, got, `"charged":4000,"cancel_requested":true,"failure_code":"timeout","stuck_on":["refund"]}`)
	})
}

func toJSON(t testing.TB, o *order.Order) string {
	t.Helper()
	data, err := json.Marshal(o.Snapshot())
	require.NoError(t, err)
	return string(data)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	t.Run("does not grow with the pick-up number, which is the read model's", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		o.AssignPickupNumber("A-27")
		require.EqualValues(t, 1, o.Version())
		require.Equal(t, "A-27", *o.Snapshot().PickupNumber)
	})
	t.Run("grows with what the order is stuck on, not with its order", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		o.SetStuckOn(nil)
		o.SetStuckOn([]string{})
		require.EqualValues(t, 1, o.Version())
		o.SetStuckOn([]string{"sms", "points", "sms"})
		o.SetStuckOn([]string{"points", "sms"})
		require.EqualValues(t, 2, o.Version())
		require.Equal(t, []string{"points", "sms"}, o.Snapshot().StuckOn)
		o.SetStuckOn(nil)
		require.EqualValues(t, 3, o.Version())
	})
}

func TestASnapshotWithoutItsCustomer(t *testing.T) {
	t.Parallel()
	whole := order.Snapshot{
		ID: "ord_1", Phone: "+821012345678", MembershipNumber: "1234567890", PaymentMethod: "pm_card_visa", Note: "less ice",
		RequestHash: "hash", Timeline: []order.Entry{
			{Status: order.Paid, Actor: order.ActorGateway, Reason: "authorized"},
			{Status: order.Cancelled, Actor: order.ActorCustomer, Reason: "I have a cold"},
		},
	}
	without := whole.WithoutCustomer()
	require.Equal(t, order.Snapshot{ID: "ord_1", MembershipNumber: "1234567890", Erased: true, Timeline: []order.Entry{
		{Status: order.Paid, Actor: order.ActorGateway, Reason: "authorized"},
		{Status: order.Cancelled, Actor: order.ActorCustomer},
	}}, without)
	require.Equal(t, "I have a cold", whole.Timeline[1].Reason, "the original is left alone")
}

func TestANumberIsTakenFromTheReadModel(t *testing.T) {
	t.Parallel()
	paid := order.Snapshot{ID: "ord_1", Status: order.Paid, Version: 2}
	shown := paid.WithPickupNumber("A-27")
	require.EqualValues(t, 2, shown.Version)
	require.Nil(t, paid.PickupNumber, "the other stays as it was")
	require.Equal(t, shown, shown.WithPickupNumber("A-27"), "the same number again changes nothing")

	require.Equal(t, shown, paid.WithNumberOf(shown))
	require.Equal(t, paid, paid.WithNumberOf(paid), "there is none")
	other := paid.WithPickupNumber("B-1")
	require.Equal(t, other, other.WithNumberOf(shown), "a number of its own stays")
}

package receipt_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/receipt"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// anyOrder returns an order that was paid, and has had whatever can happen to it.
func anyOrder(t *rapid.T) order.Snapshot {
	lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) order.Line {
		return order.Line{
			Product: "Latte", Note: "no lid", Qty: rapid.IntRange(1, 5).Draw(t, "qty"),
			Price: order.Money{Amount: rapid.Int64Range(0, 20_000).Draw(t, "price"), Currency: "KRW"},
		}
	}), 1, 5).Draw(t, "lines")
	o, err := order.New(order.Placement{
		ID: "ord_1", Items: lines, Terms: order.Terms{TaxRate: order.BasisPoints(rapid.Int64Range(0, 5000).Draw(t, "rate"))},
	}, noon)
	require.NoError(t, err)
	require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded}, noon))
	for range rapid.IntRange(0, 6).Draw(t, "events") {
		event := order.Event{Name: rapid.SampledFrom(order.Events()).Draw(t, "event")}
		if event.Name == order.Adjust {
			line := rapid.IntRange(1, len(lines)).Draw(t, "line")
			event.Lines = []order.LineQty{{Line: line, Qty: rapid.IntRange(1, lines[line-1].Qty).Draw(t, "off")}}
		}
		_ = o.Apply(event, noon) // what the order refuses does not happen
	}
	return o.Snapshot()
}

func TestWhatIsKeptIsTheLinesThatAreLeftAndTheTaxAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anyOrder(t)
		r, err := receipt.Of(s, store.Store{}, time.UTC)
		require.NoError(t, err)
		left := int64(0)
		for _, line := range r.Order.Items {
			left += line.Price.Amount * int64(line.Left())
		}
		require.Equal(t, left, r.Kept.Amount)
		back := int64(0)
		for _, refund := range r.Order.Refunds {
			back += refund.Amount
		}
		require.Equal(t, r.Payment.Amount.Amount, r.Kept.Amount+back)
		addsUp(t, r.Taxes, s.Total, s.TaxRate)
		addsUp(t, r.KeptTaxes, r.Kept, s.TaxRate)
	})
}

func addsUp(t *rapid.T, taxes []receipt.Tax, amount order.Money, rate order.BasisPoints) {
	if rate == 0 {
		require.Empty(t, taxes)
		return
	}
	sum := int64(0)
	for _, tax := range taxes {
		require.GreaterOrEqual(t, tax.Tax.Amount, int64(0))
		require.GreaterOrEqual(t, tax.Net.Amount, int64(0))
		sum += tax.Net.Amount + tax.Tax.Amount
	}
	require.Equal(t, amount.Amount, sum)
}

func placed(t *testing.T, events ...order.EventName) order.Snapshot {
	t.Helper()
	o, err := order.New(order.Placement{
		ID: "ord_1", Items: []order.Line{{Product: "Latte", Qty: 1, Note: "no lid", Price: order.Money{Amount: 5500, Currency: "KRW"}}},
		Note: "for Mina", PaymentMethod: order.MethodRedirect, Provider: "toss",
	}, noon)
	require.NoError(t, err)
	for i, name := range events {
		require.NoError(t, o.Apply(order.Event{Name: name}, noon.Add(time.Duration(i+1)*time.Minute)))
	}
	return o.Snapshot()
}

func TestAnOrderThatWasNeverPaidHasNoReceipt(t *testing.T) {
	t.Parallel()
	for _, s := range []order.Snapshot{placed(t), placed(t, order.PaymentRefused)} {
		_, err := receipt.Of(s, store.Store{}, time.UTC)
		require.Equal(t, receipt.CodeNotPaid, order.ErrorCode(err))
	}
}

func TestMoneyThatWasFoundToHaveBeenTakenHasAReceipt(t *testing.T) {
	t.Parallel()
	r, err := receipt.Of(placed(t, order.PaymentRefused, order.ChargeFound), store.Store{}, time.UTC)
	require.NoError(t, err)
	require.Equal(t, noon.Add(2*time.Minute), r.Payment.At)
	require.EqualValues(t, 5500, r.Payment.Amount.Amount)
	require.Zero(t, r.Kept.Amount)
}

func TestAReceiptHasTheStoresClockAndNothingThatTheCustomerWrote(t *testing.T) {
	t.Parallel()
	s := placed(t, order.PaymentSucceeded)
	r, err := receipt.Of(s, store.Store{TimeZone: "Asia/Seoul"}, time.UTC)
	require.NoError(t, err)
	require.Equal(t, "Asia/Seoul", r.Zone.String())
	require.True(t, r.Payment.OnPage)
	require.Equal(t, "toss", r.Payment.Provider)
	require.Empty(t, r.Order.Note)
	require.Empty(t, r.Order.Items[0].Note)
	require.Equal(t, "no lid", s.Items[0].Note, "the order itself keeps it")
	require.Empty(t, r.Taxes)
	r, err = receipt.Of(s, store.Store{}, time.UTC)
	require.NoError(t, err)
	require.Equal(t, time.UTC, r.Zone)
}

// Package receipt says what was paid for an order, what of it went back, and what of it is tax: what
// the receipt of the order shows, whoever writes it and in whatever language.
package receipt

import (
	"time"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// CodeNotPaid is the code of the error that an order was never paid, so that there is no receipt of it.
const CodeNotPaid order.Code = "not_paid"

// Receipt is the receipt of an order, as things stand.
type Receipt struct {
	// Order is as its customer may see it, without their notes.
	Order order.Snapshot
	// Store is who was paid, as its document is now.
	Store store.Store
	// Zone is the store's: that of the times that people read.
	Zone *time.Location
	// Taxes are what of the order's total is tax, KeptTaxes what of Kept is: one for each rate; none
	// where the store had named no rate when the order was placed.
	Taxes, KeptTaxes []Tax
	Payment          Payment
	// Kept is what of the payment is not given back.
	Kept order.Money
}

// Tax is the tax of one rate, which is part of an amount: Net and Tax together are the amount.
type Tax struct {
	Rate     order.BasisPoints
	Net, Tax order.Money
}

// Percent returns the rate in percent.
func (t Tax) Percent() float64 { return float64(t.Rate) / 100 }

// Payment is how and when an order was paid.
type Payment struct {
	// Provider names the payment provider; empty where nobody has noted it.
	Provider string
	// OnPage: the customer paid on the provider's own page. Nobody knows that any more of a customer
	// who was forgotten.
	OnPage bool
	At     time.Time
	Amount order.Money
}

// Of returns the receipt of an order. The zone is that of a store that names none. It fails with
// [CodeNotPaid] and the order's status when the order was never paid.
func Of(s order.Snapshot, seller store.Store, zone *time.Location) (Receipt, error) {
	at, paid := paidAt(s)
	if !paid {
		return Receipt{}, &order.Error{
			Code: CodeNotPaid, OrderStatus: s.Status, Message: "there is no receipt: the order was not paid",
		}
	}
	s = s.WithRefundList()
	kept := order.Money{Amount: s.Kept(), Currency: s.Total.Currency}
	return Receipt{
		Order: s.WithoutNotes(), Store: seller, Zone: seller.Zone(zone),
		Taxes: taxes(s.TaxRate, s.Total), KeptTaxes: taxes(s.TaxRate, kept), Kept: kept,
		Payment: Payment{
			Provider: s.Provider, OnPage: s.PaymentMethod == order.MethodRedirect, At: at,
			Amount: order.Money{Amount: s.Charged, Currency: s.Total.Currency},
		},
	}, nil
}

// In returns the order in a language: reasons are in words of it, and whoever shows the order takes its
// names in it.
func (r Receipt) In(language order.Language) order.Snapshot {
	s := r.Order
	s.Language = language
	return s.Public()
}

// paidAt returns when the money was taken, or was found to have been taken; false for an order that
// was never paid.
func paidAt(s order.Snapshot) (at time.Time, paid bool) {
	for _, entry := range s.Timeline {
		if entry.Status == order.Paid && entry.Note == "" || entry.Note == string(order.ChargeFound) {
			return entry.At, true
		}
	}
	return s.PlacedAt, s.Charged > 0
}

// taxes returns what of the amount is tax; none where there is no rate.
func taxes(rate order.BasisPoints, amount order.Money) []Tax {
	if rate == 0 {
		return nil
	}
	tax := rate.IncludedIn(amount.Amount)
	return []Tax{{
		Rate: rate,
		Net:  order.Money{Amount: amount.Amount - tax, Currency: amount.Currency},
		Tax:  order.Money{Amount: tax, Currency: amount.Currency},
	}}
}

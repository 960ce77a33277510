package views

import (
	"cmp"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/receipt"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Receipt returns a receipt in a language, its times in the store's zone.
func Receipt(r receipt.Receipt, language order.Language) spec.Receipt {
	s := r.In(language)
	view := spec.Receipt{
		OrderID: s.ID, Language: spec.Language(language), PickupNumber: s.PickupNumber, PlacedAt: s.PlacedAt.In(r.Zone),
		Store: receiptStore(r.Store, r.Zone.String(), language),
		Items: itemViews(s.Bill(), language), Subtotal: subtotal(s.Discounts, s.Total), Discounts: discounts(s.Discounts, s.Total.Currency), Total: spec.Money(s.Total),
		Taxes: taxViews(r.Taxes), Refunds: refundViews(s.Refunds), Kept: spec.Money(r.Kept), KeptPoints: spec.Optional(s.KeptPoints()), KeptTaxes: taxViews(r.KeptTaxes),
		Payment: spec.ReceiptPayment{Provider: spec.Optional(r.Payment.Provider), At: r.Payment.At.In(r.Zone), Amount: spec.Money(r.Payment.Amount)},
	}
	if r.Payment.OnPage {
		view.Payment.Method = new(order.MethodRedirect)
	}
	for i, refund := range view.Refunds {
		view.Refunds[i].At = refund.At.In(r.Zone)
	}
	return view
}

func receiptStore(s store.Store, zone string, language order.Language) spec.ReceiptStore {
	return spec.ReceiptStore{
		Store: s.Store, Name: cmp.Or(s.Name.In(language), s.Store), LegalName: spec.Optional(s.LegalName),
		RegistrationNumber: spec.Optional(s.RegistrationNumber), Address: spec.Optional(s.Address), Phone: spec.Optional(s.Phone), TimeZone: zone,
	}
}

func taxViews(taxes []receipt.Tax) []spec.IncludedTax {
	views := make([]spec.IncludedTax, len(taxes))
	for i, tax := range taxes {
		views[i] = spec.IncludedTax{Percent: tax.Percent(), Net: spec.Money(tax.Net), Tax: spec.Money(tax.Tax)}
	}
	return views
}

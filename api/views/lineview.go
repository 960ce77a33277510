package views

import (
	"slices"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

// Quote returns what an order of the bill would cost under the terms, and the points that a member would
// earn.
func Quote(bill order.Bill, language order.Language, total order.Money, terms order.Terms) spec.Quote {
	return spec.Quote{
		Items: itemViews(bill, language), Subtotal: subtotal(bill.Discounts, total), Discounts: discounts(bill.Discounts, total.Currency),
		Total: spec.Money(total), Tax: tax(terms.TaxRate, total), Points: terms.PointsRate.Of(total.Amount),
		SpendablePoints: beforePoints(bill).SpendablePoints(terms.PointValue),
	}
}

// beforePoints returns the bill before points are spent on it.
func beforePoints(bill order.Bill) order.Bill {
	bill.Discounts = slices.DeleteFunc(slices.Clone(bill.Discounts), func(d order.Discount) bool { return d.Kind == order.DiscountPoints })
	return bill
}

// subtotal returns what the lines cost before the discounts.
func subtotal(less []order.Discount, total order.Money) spec.Money {
	for _, d := range less {
		total.Amount += d.Amount
	}
	return spec.Money(total)
}

func discounts(less []order.Discount, currency string) []spec.Discount {
	views := make([]spec.Discount, len(less))
	for i, d := range less {
		views[i] = spec.Discount{
			Kind: spec.DiscountKind(d.Kind), Code: spec.Optional(d.Code), Amount: d.Amount, Currency: currency, Points: spec.Optional(d.Points),
		}
	}
	return views
}

// tax returns what of the total is tax; nil where no rate is named.
func tax(rate order.BasisPoints, total order.Money) *spec.Money {
	if rate == 0 {
		return nil
	}
	return &spec.Money{Amount: rate.IncludedIn(total.Amount), Currency: total.Currency}
}

// itemViews returns the lines of a bill, with names in the language and in all of them, and what each has
// cost where there are discounts.
func itemViews(bill order.Bill, language order.Language) []spec.OrderItem {
	views := make([]spec.OrderItem, len(bill.Lines))
	for i, line := range bill.Lines {
		total, err := line.Total()
		if err != nil {
			total = order.Money{Currency: line.Price.Currency} // no such order was ever taken: order.New refuses it
		}
		views[i] = spec.OrderItem{
			Line: i + 1, Product: line.Product, Name: line.DisplayName(language), Names: lineNames(line.DisplayName), Qty: line.Qty,
			RefundedQty: line.RefundedQty, Options: optionViews(line, language), Note: spec.Optional(line.Note),
			BasePrice: spec.Money(line.Base()), Price: spec.Money(line.Price), Total: spec.Money(total),
		}
		if len(bill.Discounts) > 0 {
			views[i].Paid = &spec.Money{Amount: bill.Due(i), Currency: line.Price.Currency}
			views[i].Points = spec.Optional(bill.PointsOf(i))
		}
	}
	return views
}

func optionViews(line order.Line, language order.Language) []spec.OrderItemOption {
	views := make([]spec.OrderItemOption, len(line.Options))
	for i, option := range line.Options {
		views[i] = spec.OrderItemOption{
			Group: option.Group, Option: option.Option, Name: option.DisplayName(language), Names: lineNames(option.DisplayName),
			Qty: option.Qty, Price: spec.Money{Amount: option.Price, Currency: line.Price.Currency}, Default: option.Default,
		}
	}
	return views
}

func lineNames(in func(order.Language) string) spec.Names {
	return spec.Names{Ko: in(order.Korean), En: in(order.English)}
}

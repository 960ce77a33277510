package views

import (
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

// Quote returns what an order of the lines would cost, and the points that a member would earn.
func Quote(lines []order.Line, language order.Language, total order.Money, points int64) spec.Quote {
	return spec.Quote{
		Items: itemViews(lines, language), Subtotal: spec.Money(total), Discounts: []spec.Discount{}, Total: spec.Money(total), Points: points,
	}
}

// itemViews returns the lines of an order, with names in the language and in all of them.
func itemViews(lines []order.Line, language order.Language) []spec.OrderItem {
	views := make([]spec.OrderItem, len(lines))
	for i, line := range lines {
		total, err := line.Total()
		if err != nil {
			total = order.Money{Currency: line.Price.Currency} // no such order was ever taken: order.New refuses it
		}
		views[i] = spec.OrderItem{
			Line: i + 1, Product: line.Product, Name: line.DisplayName(language), Names: lineNames(line.DisplayName), Qty: line.Qty,
			RefundedQty: line.RefundedQty, Options: optionViews(line, language), Note: spec.Optional(line.Note),
			BasePrice: spec.Money(line.Base()), Price: spec.Money(line.Price), Total: spec.Money(total),
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

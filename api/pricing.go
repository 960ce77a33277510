package api

import (
	"fmt"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// priceItems takes the items' prices from the menu. What can never be ordered comes
// before what cannot be ordered now.
func priceItems(items []spec.OrderRequestItem, menu catalog.Menu) ([]order.Item, error) {
	for i, item := range items {
		if _, ok := menu.Item(item.Product); !ok {
			return nil, transport.InvalidField(transport.ElementPath("items", i)+".product", "must be a product on the menu")
		}
	}
	if !menu.Open {
		return nil, transport.NewError(transport.CodeStoreClosed, "the store is not taking orders at the moment")
	}
	priced := make([]order.Item, len(items))
	for i, item := range items {
		listed, _ := menu.Item(item.Product)
		if err := checkOffer(transport.ElementPath("items", i), item, listed); err != nil {
			return nil, err
		}
		priced[i] = order.Item{Product: listed.Product, Qty: item.Qty, Price: listed.Price}
	}
	return priced, nil
}

// checkOffer refuses a product that is sold out, and a price that is not the
// menu's any more.
func checkOffer(field string, item spec.OrderRequestItem, listed catalog.MenuItem) error {
	if !listed.Available {
		return &order.Error{Code: transport.CodeSoldOut, Field: field + ".product", Message: listed.Product + " is sold out"}
	}
	if item.Price != nil && *item.Price != spec.Money(listed.Price) {
		return &order.Error{Code: transport.CodePriceChanged, Field: field + ".price", Message: fmt.Sprintf(
			"the price of %s is %s now", listed.Product, money.Format(listed.Price.Amount, listed.Price.Currency))}
	}
	return nil
}

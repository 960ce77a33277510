package api

import (
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

func menuView(menu order.Menu, language order.Language) spec.Menu {
	view := spec.Menu{Open: menu.Open, Items: make([]spec.MenuItem, len(menu.Items))}
	for i, item := range menu.Items {
		view.Items[i] = spec.MenuItem{
			Product: item.Product, Name: nameIn(language, item),
			Price: spec.Money(item.Price), Available: item.Available,
		}
	}
	return view
}

func storeMenuItem(item order.MenuItem) spec.StoreMenuItem {
	return spec.StoreMenuItem{
		Product: item.Product, Name: spec.Names{Ko: nameIn(order.Korean, item), En: nameIn(order.English, item)},
		Price: spec.Money(item.Price), Available: item.Available,
	}
}

// nameIn returns the item's name in the language, or whatever comes closest.
func nameIn(language order.Language, item order.MenuItem) string {
	for _, candidate := range []order.Language{language, order.Korean, order.English} {
		if name := item.Name[candidate]; name != "" {
			return name
		}
	}
	return item.Product
}

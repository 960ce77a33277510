package views

import (
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

// Menu returns the menu as customers see it, in one language.
func Menu(menu catalog.Menu, language order.Language) spec.Menu {
	view := spec.Menu{Open: menu.Open, Items: make([]spec.MenuItem, len(menu.Items))}
	for i, item := range menu.Items {
		view.Items[i] = spec.MenuItem{
			Product: item.Product, Name: NameIn(language, item),
			Price: spec.Money(item.Price), Available: item.Available,
		}
	}
	return view
}

// StoreMenuItem returns an item as the staff edits it, in all languages.
func StoreMenuItem(item catalog.MenuItem) spec.StoreMenuItem {
	return spec.StoreMenuItem{
		Product: item.Product, Name: spec.Names{Ko: NameIn(order.Korean, item), En: NameIn(order.English, item)},
		Price: spec.Money(item.Price), Available: item.Available,
	}
}

// NameIn returns the item's name in the language, or whatever comes closest.
func NameIn(language order.Language, item catalog.MenuItem) string {
	for _, candidate := range []order.Language{language, order.Korean, order.English} {
		if name := item.Name[candidate]; name != "" {
			return name
		}
	}
	return item.Product
}

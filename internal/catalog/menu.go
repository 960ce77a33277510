// Package catalog has what the store sells: the menu, with the prices of today. An order
// keeps its own copy of what it was placed with. Start at [Menu].
package catalog

import "github.com/cafeforme/cafeforme/order"

// MenuItem is one product on the menu. Its price holds for orders placed from
// now on.
type MenuItem struct {
	Product   string                    `json:"product"`
	Name      map[order.Language]string `json:"name"`
	Price     order.Money               `json:"price"`
	Available bool                      `json:"available"`
}

// Menu is what customers can order, and whether the store takes orders at all.
type Menu struct {
	Open  bool       `json:"open"`
	Items []MenuItem `json:"items"`
}

// Item returns the item of the given product, and false when the menu has none.
func (m Menu) Item(product string) (MenuItem, bool) {
	for _, item := range m.Items {
		if item.Product == product {
			return item, true
		}
	}
	return MenuItem{}, false
}

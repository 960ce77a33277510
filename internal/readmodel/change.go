package readmodel

import "github.com/cafeforme/cafeforme/order"

// Change says that something has changed that people watch: orders of a store in the
// read model, or menus. The zero Change says that anything may have changed.
type Change struct {
	// Store is whose orders or whose menu have changed; empty for the menus of all stores.
	Store string
	// Number is the place of the latest change among those of the store's orders: they
	// are counted in the order in which they become visible. Zero for the menu.
	Number int64
	// Menu: the menu, the hours or the brand have changed.
	Menu bool
}

// Revision is an order as the read model has it, with the number of the change
// that made it so, among those of its store.
type Revision struct {
	order.Snapshot
	Number int64
}

package readmodel

import "github.com/cafeforme/cafeforme/order"

// Change says that something has changed that people watch: an order in the read
// model, or the menu. The zero Change says that anything may have changed.
type Change struct {
	// OrderID and Version name what the read model has now. Empty for the menu.
	OrderID string
	Version int64
	// Number is the change's place among all changes of orders: they are counted
	// in the order in which they become visible. Zero for the menu.
	Number int64
	// Menu: the menu, the hours or the brand have changed.
	Menu bool
}

// Revision is an order as the read model has it, with the number of the change
// that made it so.
type Revision struct {
	order.Snapshot
	Number int64
}

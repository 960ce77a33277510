package readmodel

import "github.com/cafeforme/cafeforme/order"

// Stored is an order as the read model has it: its document, and beside it the
// columns by which boards and lists find it. Both have to say the same.
type Stored struct {
	order.Snapshot
	// Columns is the order with the values of the columns in place of the
	// document's.
	Columns order.Snapshot
}

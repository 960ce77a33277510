package readmodel

import "github.com/cafeforme/cafeforme/order"

// DayFilter names a store's orders of a day.
type DayFilter struct {
	// Store is the slug of the store, and Day the day on which its clocks were when the order
	// came to its board ("2026-03-02").
	Store, Day string
	// Number is a pick-up number ("A-27"); empty for all.
	Number string
	// Statuses are those that the orders may have; any when there are none.
	Statuses []order.Status
}

// Stored is an order as the read model has it: its document, and beside it the
// columns by which boards and lists find it. Both have to say the same.
type Stored struct {
	order.Snapshot
	// Columns is the order with the values of the columns in place of the
	// document's.
	Columns order.Snapshot
}

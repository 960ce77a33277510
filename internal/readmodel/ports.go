package readmodel

import (
	"context"

	"github.com/cafeforme/cafeforme/order"
)

// Every method of these interfaces reports errors as [order.Error], and can fail with
// CodeUnavailable.

// WorkflowReader asks the orders' workflows.
type WorkflowReader interface {
	// Read returns the order, or CodeNotFound.
	Read(ctx context.Context, id string) (order.Snapshot, error)
}

// Workflows are the orders' workflows, and whether they can be asked at all.
type Workflows interface {
	WorkflowReader
	// Reachable fails when no order can be asked.
	Reachable(ctx context.Context) error
}

// StoredOrders is the read model: the copy of all orders, also of those that ended long
// ago.
type StoredOrders interface {
	// Order returns the order, or CodeNotFound.
	Order(ctx context.Context, id string) (order.Snapshot, error)
}

// RevisionReader reads the read model together with the numbers of its changes.
type RevisionReader interface {
	// Revision returns the order with the number of its latest change, or
	// CodeNotFound.
	Revision(ctx context.Context, id string) (Revision, error)
}

// Repairer corrects single entries of the read model, and adds those that are
// missing.
type Repairer interface {
	// Reproject stores the order in place of the revision with the number that was
	// seen there, zero for none, and reports false when it is another by now.
	Reproject(ctx context.Context, truth order.Snapshot, seen int64) (done bool, err error)
}

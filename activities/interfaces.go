// Package activities holds the side effects of an order as Temporal activities,
// and declares the small interfaces they need. Every method of an interface is
// idempotent under the key its input carries: Temporal runs an activity at
// least once.
//
// Implementations report errors as [order.Error]: CodeRefused, CodeInvalid and
// CodeNotFound end the retries, everything else is tried again. CodeMisconfigured
// raises one alarm for the provider; for a charge it is final.
package activities

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// Gateway is the payment provider.
type Gateway interface {
	// Charge takes the money once per idempotency key. A declined payment is a
	// result, not an error, and so is one that the customer has to confirm first:
	// charged again, it says what came of that. An error leaves the outcome unknown, unless its
	// code is CodeInvalid, CodeRefused or CodeMisconfigured: then nothing was charged.
	Charge(ctx context.Context, charge order.Charge) (order.ChargeResult, error)
	// Void makes sure that the charge cannot be captured any more, or reports
	// that it was: a charge made under the same key later is refused. CodeRefused
	// means that it can do neither: an operator has to look at the provider's
	// books and settle it.
	Void(ctx context.Context, void order.Void) (order.VoidResult, error)
	// Refund gives the money back once per idempotency key. CodeRefused means
	// that the provider will never do it.
	Refund(ctx context.Context, refund order.RefundRequest) (order.RefundResult, error)
}

// Sender delivers texts.
type Sender interface {
	// Send delivers the text once per order and kind. CodeRefused and
	// CodeInvalid mean that this text can never be delivered.
	Send(ctx context.Context, text order.Text) error
}

// Ledger is the members' points ledger.
type Ledger interface {
	// Credit books the order's points once. It fails with CodeNotFound when
	// the member does not exist, and does nothing when the order's points were
	// taken back before.
	Credit(ctx context.Context, entry order.PointsEntry) error
	// Adjust books the entry, whose kind names the refund that it is of, once, in addition
	// to the credit. It does nothing when no credit was made, or when the order's points
	// were taken back before.
	Adjust(ctx context.Context, entry order.PointsEntry) error
	// TakeBack makes sure that the order's points are not the member's: it
	// books the counter-entry of a credit and its adjustments, once, and bars a credit that has not
	// come yet. It does nothing when the member does not exist.
	TakeBack(ctx context.Context, entry order.PointsEntry) error
}

// Reservations keep what of an order is scarce.
type Reservations interface {
	// Reserve takes what the reservation names, all or nothing, once for its order, or says why it
	// is refused. What was released before stays so.
	Reserve(ctx context.Context, reservation order.Reservation) (order.ReservationResult, error)
	// Release gives back what the order has reserved, less the points that went back before, and
	// bars a reservation that has not come yet.
	Release(ctx context.Context, reservation order.Reservation) error
	// KeepReservations keeps what the orders have reserved for good, whenever it was to expire.
	KeepReservations(ctx context.Context, orderIDs []string, now time.Time) error
	// ReturnPoints books the entry, whose kind names the refund that it is of, once. It does nothing
	// when the order's points have been released.
	ReturnPoints(ctx context.Context, entry order.PointsEntry) error
}

// ReadModel is the copy of all orders that the board, lists and pages read.
type ReadModel interface {
	// Project stores the projection, unless one from later in its run's history is
	// stored already. An order that comes to the board is given its pick-up number with
	// that, once: short, and no other order's that is on the board. Project returns the
	// number that the order has; empty for none.
	Project(ctx context.Context, projection order.Projection) (pickupNumber string, err error)
}

// Runs knows the runs of the orders' workflows.
type Runs interface {
	// Earlier returns how the last run of the workflow before this one has left its
	// order, and nil when no earlier run has come beyond the payment.
	Earlier(ctx context.Context, workflowID, runID string) (*order.EarlierRun, error)
}

package readmodel

import (
	"context"
	"log/slog"
	"slices"

	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/order"
)

// Finder looks orders up: in the read model, which has all that were paid, and where
// that does not answer, in their workflows.
type Finder struct {
	Orders    WorkflowReader
	ReadModel StoredOrders
	Log       *slog.Logger
	// limit calls look, which asks a workflow, unless the client has asked too often;
	// everybody may when nil.
	Limit func(ctx context.Context, look func() (order.Snapshot, error)) (order.Snapshot, error)
}

// Stored asks the read model.
func (f Finder) Stored(ctx context.Context, id string) (order.Snapshot, error) {
	snapshot, err := deadline.Call(ctx, deadline.Fallback, func(ctx context.Context) (order.Snapshot, error) {
		return f.ReadModel.Order(ctx, id)
	})
	if err != nil && order.ErrorCode(err) != order.CodeNotFound {
		f.Log.WarnContext(ctx, "the read model does not answer; asking the workflow", "order_id", id, "error", err)
	}
	return snapshot, err
}

// Find returns the order. It is CodeNotFound only if both know nothing of it: a
// workflow is forgotten some days after its end.
func (f Finder) Find(ctx context.Context, id string) (order.Snapshot, error) {
	snapshot, storedErr := f.Stored(ctx, id)
	if storedErr == nil {
		return snapshot, nil
	}
	return f.Live(ctx, id, storedErr)
}

// Live asks the order's workflow, after the read model has failed with storedErr,
// or was behind.
func (f Finder) Live(ctx context.Context, id string, storedErr error) (order.Snapshot, error) {
	look := func() (order.Snapshot, error) { return f.Orders.Read(ctx, id) }
	limit := f.Limit
	if limit == nil {
		limit = func(_ context.Context, look func() (order.Snapshot, error)) (order.Snapshot, error) { return look() }
	}
	snapshot, err := limit(ctx, look)
	if order.ErrorCode(err) == order.CodeNotFound && order.ErrorCode(storedErr) != order.CodeNotFound {
		return order.Snapshot{}, &order.Error{Code: order.CodeUnavailable, Message: "look the order up", Err: storedErr}
	}
	return snapshot, err
}

// Whole returns the order that a command was answered with, with its timeline, which
// the answer does not carry. The read model has it by then, unless its database is
// slow or away: the order's workflow is asked then.
func (f Finder) Whole(ctx context.Context, answered order.Snapshot) order.Snapshot {
	if len(answered.Timeline) > 0 {
		return answered
	}
	stored, err := f.Stored(ctx, answered.ID)
	if err == nil && tellsOf(stored, answered) {
		return stored
	}
	if live, err := f.Live(ctx, answered.ID, err); err == nil && tellsOf(live, answered) {
		return live
	}
	answered.Timeline = stored.Timeline
	return answered
}

// tellsOf reports whether an order as it is kept has come as far as a command was
// answered with. Versions alone do not tell: what is written in a workflow task that is
// lost has a number that is given once more.
func tellsOf(kept, answered order.Snapshot) bool {
	return kept.Version >= answered.Version && len(kept.Refunds) >= len(answered.Refunds) && slices.ContainsFunc(kept.Timeline, func(entry order.Entry) bool {
		return entry.Status == answered.Status && entry.Note == ""
	})
}

// Earlier returns the order that a request under the same key has led to, and
// false when there is none. While the read model does not answer, one whose
// workflow has been forgotten counts as none: ordering goes on. CodeUnavailable
// means that nobody can tell.
func (f Finder) Earlier(ctx context.Context, id string) (order.Snapshot, bool, error) {
	snapshot, err := f.Stored(ctx, id)
	if err == nil {
		return snapshot, true, nil
	}
	snapshot, err = f.Orders.Read(ctx, id)
	if order.ErrorCode(err) == order.CodeNotFound {
		return order.Snapshot{}, false, nil
	}
	return snapshot, err == nil, err
}

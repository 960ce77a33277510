package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// publish tells people what the order waits for now, and the read model what
// it looks like.
func (r *orderRun) publish(ctx workflow.Context) {
	r.describe(ctx)
	r.project()
}

// endsSoon reports whether the order is over but for what its last change still
// has to tell. Its status becomes searchable with its end then, in one write of the
// server's instead of two; or when the first window of such an effect has passed,
// which is a minute at most.
func (r *orderRun) endsSoon() bool {
	over := r.order.Status() == order.PickedUp || r.order.Status() == order.Unclaimed
	return r.writesTogether() && over && r.idle()
}

// upsertStatus makes the order searchable by its status.
func (r *orderRun) upsertStatus(ctx workflow.Context) {
	if r.searchable == r.order.Status() {
		return
	}
	r.searchable = r.order.Status()
	if err := workflow.UpsertTypedSearchAttributes(ctx, OrderStatus.ValueSet(string(r.searchable))); err != nil {
		panic(err) // only an empty update is refused
	}
}

// publishStuck makes what the order is stuck on searchable and readable.
func (r *orderRun) publishStuck(ctx workflow.Context) {
	var stuck []string
	for _, l := range r.lanes() {
		if l.stuck {
			stuck = append(stuck, l.name)
		}
	}
	r.order.SetStuckOn(stuck)
	update := StuckOn.ValueUnset()
	if len(stuck) > 0 {
		update = StuckOn.ValueSet(stuck)
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, update); err != nil {
		panic(err) // only an empty update is refused
	}
	r.publish(ctx)
}

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

func (r *orderRun) upsertStatus(ctx workflow.Context, status order.Status) {
	if err := workflow.UpsertTypedSearchAttributes(ctx, OrderStatus.ValueSet(string(status))); err != nil {
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

package workflows

import (
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// publish tells people what the order waits for now, and the read model what
// it looks like.
func (r *orderRun) publish(ctx workflow.Context) {
	r.describe(ctx)
	r.project()
}

// searchAs gives the search attribute OrderStatus a value.
func (r *orderRun) searchAs(ctx workflow.Context, status string) {
	if r.searchable != status {
		r.upsert(ctx, OrderStatus.ValueSet(status))
		r.searchable = status
	}
}

func (r *orderRun) upsert(ctx workflow.Context, attributes ...temporal.SearchAttributeUpdate) {
	if err := workflow.UpsertTypedSearchAttributes(ctx, attributes...); err != nil {
		panic(err) // only an empty update is refused
	}
}

// publishStuck makes what the order is stuck on searchable and readable.
func (r *orderRun) publishStuck(ctx workflow.Context) {
	var stuck []string
	for _, l := range r.deliveryQueues() {
		if l.stuck {
			stuck = append(stuck, l.name)
		}
	}
	stuck = slices.Compact(stuck)
	r.order.SetStuckOn(stuck)
	if len(stuck) == 0 {
		r.searchable = StatusOpen
		r.upsert(ctx, StuckOn.ValueUnset(), OrderStatus.ValueSet(r.searchable))
	} else {
		r.searchable = string(r.order.Status())
		r.upsert(ctx, StuckOn.ValueSet(stuck), OrderStatus.ValueSet(r.searchable))
	}
	r.publish(ctx)
}

package workflows

import (
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/order"
)

// What the workflow measures. The SDK leaves out what is replayed; a workflow
// task that was lost with its worker may count twice.
const (
	// TransitionsMetric counts the changes of status, by the new one.
	TransitionsMetric = "cafeforme_order_transitions"
	// StatusDurationMetric is how long orders were in a status, by the one that
	// they left.
	StatusDurationMetric = "cafeforme_order_status_duration"
)

// entered measures and logs that the order has a status, which is new.
func (r *orderRun) entered(ctx workflow.Context, status order.Status) {
	r.since = workflow.Now(ctx)
	statusMetrics(ctx, status).Counter(TransitionsMetric).Inc(1)
	workflow.GetLogger(ctx).Info("the order has moved", "status", string(status))
}

// left measures how long the order was in the status that it has no more; of one for later, since the
// store was offered it: what nobody was to do anything about says nothing of the store.
func (r *orderRun) left(ctx workflow.Context, status order.Status) {
	if status == order.Paid && !r.order.WasOffered() {
		return
	}
	statusMetrics(ctx, status).Timer(StatusDurationMetric).Record(max(workflow.Now(ctx).Sub(r.since), time.Duration(0)))
}

func statusMetrics(ctx workflow.Context, status order.Status) client.MetricsHandler {
	return workflow.GetMetricsHandler(ctx).WithTags(map[string]string{"status": string(status)})
}

// countSkipped counts an effect that was dropped before it was delivered, because it
// was no longer wanted.
func countSkipped(ctx workflow.Context, effect string) {
	workflow.GetMetricsHandler(ctx).WithTags(activities.Labels(effect, activities.Skipped)).Counter(activities.EffectsMetric).Inc(1)
}

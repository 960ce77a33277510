// Package worker says which workflow and which activity run on which task
// queue.
package worker

import (
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/workflows"
)

// Deployment names the build that a worker runs, for Temporal's worker
// versioning. The zero value is an unversioned worker.
type Deployment struct{ Name, BuildID string }

// Dependencies are what the activities of the orders queue work with.
type Dependencies struct {
	Gateway   activities.Gateway
	Ledger    activities.Ledger
	ReadModel activities.ReadModel
	// Reservations are points, coupons and slots.
	Reservations activities.Reservations
	// Runs tells of orders whose workflow is run again; the client's own if nil.
	Runs activities.Runs
}

// NewOrders returns the worker of the orders queue: the workflow and every activity
// that has no queue of its own.
func NewOrders(c client.Client, d Dependencies, deployment Deployment) worker.Worker {
	if d.Runs == nil {
		d.Runs = orderclient.NewClient(c, nil)
	}
	w := worker.New(c, workflows.TaskQueueOrders, OrdersOptions(deployment))
	RegisterOrders(w, d)
	return w
}

// RegisterOrders registers what runs on the orders queue.
func RegisterOrders(r worker.Registry, d Dependencies) {
	workflows.Register(r)
	r.RegisterActivity(&activities.Payments{Gateway: d.Gateway, Runs: d.Runs, Reservations: d.Reservations})
	r.RegisterActivity(&activities.Points{Ledger: d.Ledger})
	r.RegisterActivity(&activities.Reservation{Reservations: d.Reservations, Runs: d.Runs})
	r.RegisterActivity(&activities.Projection{ReadModel: d.ReadModel})
}

// NewNotifications returns the worker of the notifications queue: what reaches
// customers, with slots of its own. It is always unversioned, because every build of
// the workflow uses it.
func NewNotifications(c client.Client, sender activities.Sender) worker.Worker {
	w := worker.New(c, workflows.TaskQueueNotifications, worker.Options{
		DisableWorkflowWorker:            true,
		MaxConcurrentActivityTaskPollers: pollers,
		WorkerStopTimeout:                stopTimeout,
	})
	RegisterNotifications(w, sender)
	return w
}

// RegisterNotifications registers what runs on the notifications queue.
func RegisterNotifications(r worker.Registry, sender activities.Sender) {
	r.RegisterActivity(&activities.Texts{Sender: sender})
}

// NewRetention returns the worker of the retention queue, which ends what is kept of
// people. It is always unversioned, so that this goes on whatever build is current.
func NewRetention(c client.Client, guests activities.Guests) worker.Worker {
	w := worker.New(c, workflows.TaskQueueRetention, worker.Options{WorkerStopTimeout: stopTimeout})
	RegisterRetention(w, guests)
	return w
}

// RegisterRetention registers what runs on the retention queue.
func RegisterRetention(r worker.Registry, guests activities.Guests) {
	r.RegisterWorkflowWithOptions(workflows.RetentionWorkflow, workflow.RegisterOptions{Name: workflows.RetentionWorkflowType})
	r.RegisterActivity(&activities.Retention{Guests: guests})
}

package worker

import (
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/workflows"
)

const (
	// stopTimeout is how long a stopping worker waits for its activities.
	stopTimeout = 10 * time.Second
	// pollers is how many workflow tasks, and how many activity tasks, are asked for
	// at a time: enough for a server that is some way off. Beside the server, two of
	// them do as well (docs/performance.md).
	pollers = 16
)

// OrdersOptions are the settings of the worker of the orders queue.
func OrdersOptions(d Deployment) worker.Options {
	options := worker.Options{
		MaxConcurrentWorkflowTaskPollers: pollers,
		MaxConcurrentActivityTaskPollers: pollers,
		WorkerStopTimeout:                stopTimeout,
		Interceptors:                     []interceptor.WorkerInterceptor{workflows.Interceptor()},
	}
	if d.Name != "" {
		options.DeploymentOptions = worker.DeploymentOptions{
			UseVersioning:             true,
			Version:                   worker.WorkerDeploymentVersion{DeploymentName: d.Name, BuildID: d.BuildID},
			DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
		}
	}
	return options
}

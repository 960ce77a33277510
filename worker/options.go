package worker

import (
	"time"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const (
	// stopTimeout is how long a stopping worker waits for its activities.
	stopTimeout = 10 * time.Second
	// workflowPollers is how many workflow tasks are asked for at a time: the
	// SDK's default of two halves the throughput of short tasks.
	workflowPollers = 16
)

// OrdersOptions are the settings of the worker of the orders queue.
func OrdersOptions(d Deployment) worker.Options {
	options := worker.Options{
		MaxConcurrentWorkflowTaskPollers: workflowPollers,
		MaxConcurrentActivityTaskPollers: workflowPollers,
		WorkerStopTimeout:                stopTimeout,
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

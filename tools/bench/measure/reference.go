package measure

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// The references: what everything else is compared with. They run on a task
// queue of their own, in a worker process of their own.
const (
	referenceQueue = "bench-reference"
	emptyType      = "bench-empty"
	updateType     = "bench-update"
	updateName     = "run"
	activityType   = "bench-nothing"
	// taskTimeout is that of an order's workflow tasks.
	taskTimeout = 4 * time.Second
	// litterTimeout ends what a run that was interrupted has left, long after anything
	// is measured: it is an order's deadline in the bench.
	litterTimeout = 24 * time.Hour
)

// emptyWorkflow is the floor: it starts and completes.
func emptyWorkflow(workflow.Context) error { return nil }

// updateWorkflow is the least that answers whoever starts it, after a side
// effect: one update, which runs one activity.
func updateWorkflow(ctx workflow.Context) error {
	answered := false
	err := workflow.SetUpdateHandler(ctx, updateName, func(ctx workflow.Context) (string, error) {
		var result string
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second})
		err := workflow.ExecuteActivity(ctx, activityType).Get(ctx, &result)
		answered = true
		return result, err
	})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return answered && workflow.AllHandlersFinished(ctx) })
}

func doNothing(context.Context) (string, error) { return "done", nil }

// RunReferenceWorker works on the references until interrupt, with the options
// of the worker that works on orders.
func RunReferenceWorker(c client.Client, options worker.Options, interrupt <-chan any) error {
	w := worker.New(c, referenceQueue, options)
	w.RegisterWorkflowWithOptions(emptyWorkflow, workflow.RegisterOptions{Name: emptyType})
	w.RegisterWorkflowWithOptions(updateWorkflow, workflow.RegisterOptions{Name: updateType})
	w.RegisterActivityWithOptions(doNothing, activity.RegisterOptions{Name: activityType})
	return w.Run(interrupt)
}

// reference starts the references' workflows.
type reference struct{ temporal client.Client }

func newReferenceOptions() client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: "bench_" + rand.Text(), TaskQueue: referenceQueue, WorkflowExecutionTimeout: litterTimeout,
		WorkflowTaskTimeout:      taskTimeout,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
	}
}

// referencePatience is how long a reference may take: a worker that is not there
// answers nobody.
const referencePatience = time.Minute

func withPatience(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, referencePatience, errors.New("the reference's worker does not answer"))
}

// empty runs the empty workflow and waits for its end.
func (r reference) empty(ctx context.Context) error {
	ctx, cancel := withPatience(ctx)
	defer cancel()
	run, err := r.temporal.ExecuteWorkflow(ctx, newReferenceOptions(), emptyType)
	if err != nil {
		return fmt.Errorf("the empty workflow: %w", err)
	}
	return run.Get(ctx, nil)
}

// update starts the other workflow and waits for its answer.
func (r reference) update(ctx context.Context) error {
	ctx, cancel := withPatience(ctx)
	defer cancel()
	options := newReferenceOptions()
	handle, err := r.temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: r.temporal.NewWithStartWorkflowOperation(options, updateType),
		UpdateOptions: client.UpdateWorkflowOptions{
			WorkflowID: options.ID, UpdateName: updateName, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return fmt.Errorf("the update with start: %w", err)
	}
	return handle.Get(ctx, nil)
}

package workflows

import (
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"
)

// arrivals is the order in which signals, and Temporal's own Cancel, have come to a
// workflow. The SDK keeps a channel for each name, and knows no order between them; and
// it runs updates before whatever waits for a signal, although the signals of a workflow
// task are in the history before its updates. So the names are written down as they come.
type arrivals struct {
	// names are those of the signals that have not been taken yet.
	names []string
	// cancelled: Temporal's Cancel is among the names, or was.
	cancelled bool
}

// cancellation stands for Temporal's own Cancel among the names of signals, none of
// which is empty.
const cancellation = ""

// addCancellation adds Temporal's Cancel, once it has come.
func (a *arrivals) addCancellation(ctx workflow.Context) {
	if ctx.Err() != nil && !a.cancelled {
		a.cancelled = true
		a.names = append(a.names, cancellation)
	}
}

// next returns the name that came first, and takes it from the list.
func (a *arrivals) next() string {
	name := a.names[0]
	a.names = a.names[1:]
	return name
}

type arrivalsKey struct{}

// arrivalsOf returns the arrivals that the workflow's [Interceptor] writes down, and nil
// when it has none.
func arrivalsOf(ctx workflow.Context) *arrivals {
	a, _ := ctx.Value(arrivalsKey{}).(*arrivals)
	return a
}

// Interceptor returns the interceptor that the workers of [OrderWorkflow], and whoever
// replays it, have to be given: it tells an order in which order its signals have come. An
// order without it takes those of one workflow task in the order of an order's life.
func Interceptor() interceptor.WorkerInterceptor { return &workerInterceptor{} }

type workerInterceptor struct {
	interceptor.WorkerInterceptorBase
}

// InterceptWorkflow gives each run of a workflow a list of its own.
func (*workerInterceptor) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	return &signalInterceptor{
		WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, arrivals: new(arrivals),
	}
}

type signalInterceptor struct {
	interceptor.WorkflowInboundInterceptorBase
	arrivals *arrivals
}

// ExecuteWorkflow hands the list to the workflow.
func (i *signalInterceptor) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	return i.Next.ExecuteWorkflow(workflow.WithValue(ctx, arrivalsKey{}, i.arrivals), in)
}

// HandleSignal writes the signal down. The SDK calls it for each signal in the order of
// the history, before anything of the workflow runs.
func (i *signalInterceptor) HandleSignal(ctx workflow.Context, in *interceptor.HandleSignalInput) error {
	i.arrivals.addCancellation(ctx)
	i.arrivals.names = append(i.arrivals.names, in.SignalName)
	return i.Next.HandleSignal(ctx, in)
}

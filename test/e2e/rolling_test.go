package e2e_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// balanced is a cluster with two processes of each kind, behind load balancers.
type balanced struct {
	*cluster
	customers, staff      *testBalancer
	apis, stores, workers []*process
	// known are all workers that there were.
	known []*process
}

func startBalanced(t *testing.T) *balanced {
	t.Helper()
	f := &balanced{cluster: startCluster(t), customers: newBalancer(t), staff: newBalancer(t)}
	f.known = append(f.known, f.worker)
	f.terminate(f.api, f.store, f.worker) // those are not behind a balancer
	for range 2 {
		f.workers = append(f.workers, f.startWorker())
		f.apis = append(f.apis, f.startBehind(f.customers, "api"))
		f.stores = append(f.stores, f.startBehind(f.staff, "store"))
	}
	f.Customer, f.Store = f.customers.URL, f.staff.URL
	return f
}

func (f *balanced) startWorker() *process {
	f.t.Helper()
	p := f.start("worker")
	f.known = append(f.known, p)
	p.awaitSaid("Started Worker")
	return p
}

func (f *balanced) startBehind(b *testBalancer, kind string) *process {
	f.t.Helper()
	p := f.start(kind, "--addr", "127.0.0.1:0")
	b.add(p)
	return p
}

func (*balanced) terminate(processes ...*process) {
	for _, p := range processes {
		p.terminate()
	}
}

// roll replaces every process, one at a time: the replacement first, then
// SIGTERM to the old one, as docs/deployment.md says.
func (f *balanced) roll() {
	for _, old := range f.workers {
		f.startWorker()
		f.terminate(old)
	}
	for _, old := range f.stores {
		f.startBehind(f.staff, "store")
		f.terminate(old)
	}
	for _, old := range f.apis {
		f.startBehind(f.customers, "api")
		f.terminate(old)
	}
}

// A rolling restart under steady traffic: not one failed request, not one
// failed workflow task, and every order as it should be.
func TestARollingRestartIsNoticedByNobody(t *testing.T) {
	needsServers(t)
	t.Parallel()
	f := startBalanced(t)
	traffic := f.startTraffic(4)

	f.roll()

	ended := traffic.stop()
	t.Logf("%d orders, slowest request %s", len(ended), traffic.slowest)
	require.NotEmpty(t, ended)
	f.requireNoFailedTasks()
	require.Empty(t, traffic.failures)
	require.Zero(t, f.customers.Repeated()+f.staff.Repeated(), "requests that had to be repeated")
	f.requireSettled(ended)
}

// traffic is customers and staff at work.
type traffic struct {
	*balanced
	quit context.CancelFunc
	done sync.WaitGroup

	mu       sync.Mutex
	ended    map[string]end
	failures []string
	slowest  time.Duration
}

func (f *balanced) startTraffic(people int) *traffic {
	ctx, quit := context.WithCancel(f.t.Context())
	tr := &traffic{balanced: f, quit: quit, ended: map[string]end{}}
	for person := range people {
		tr.done.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				tr.live(fmt.Sprintf("a-steady-customer-%d-%05d", person, i), i%2 == 0)
			}
		})
	}
	return tr
}

// stop lets everybody finish and returns how each order ended.
func (tr *traffic) stop() map[string]end {
	tr.quit()
	tr.done.Wait()
	return tr.ended
}

// live plays one order from its placement to its end.
func (tr *traffic) live(key string, cancelled bool) {
	o, ok := tr.try("place", func(ctx context.Context) (cafe.Order, error) { return tr.PlaceOrder(ctx, americano, key) })
	if !ok {
		return
	}
	steps, ends := []string{"accept", "ready", "pick-up"}, end{money: []string{"charge 2000"}, texts: 4}
	if cancelled {
		steps, ends = []string{"cancel"}, endCancelled
	}
	for _, step := range steps {
		tr.try("look", func(ctx context.Context) (cafe.Order, error) { return tr.Order(ctx, o.ID) })
		_, ok := tr.try(step, func(ctx context.Context) (cafe.Order, error) {
			if step == "cancel" {
				return tr.Cancel(ctx, o.ID)
			}
			return tr.Act(ctx, o.ID, step, nil)
		})
		if !ok {
			return
		}
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.ended[o.ID] = ends
}

// try makes one request, and notes how it went.
func (tr *traffic) try(what string, request func(context.Context) (cafe.Order, error)) (cafe.Order, bool) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(tr.t.Context(), patience)
	defer cancel()
	o, err := request(ctx)
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.slowest = max(tr.slowest, time.Since(start))
	if err != nil {
		tr.failures = append(tr.failures, fmt.Sprintf("%s after %s: %v", what, time.Since(start), err))
	}
	return o, err == nil
}

// requireNoFailedTasks asserts that no order's history tells of a workflow task
// that failed, or that a worker took and did not finish because it left.
func (f *balanced) requireNoFailedTasks() {
	f.t.Helper()
	temporal := f.temporal.Client(f.t, quietClient)
	list, err := temporal.ListWorkflow(within(f.t), &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000})
	require.NoError(f.t, err)
	require.NotEmpty(f.t, list.Executions)
	lost := 0
	for _, execution := range list.Executions {
		id := execution.GetExecution().GetWorkflowId()
		mishaps, lostOnTheWay := f.mishaps(temporal, id)
		for _, mishap := range mishaps {
			assert.Fail(f.t, "a workflow task went wrong", "order %s: %s", id, mishap)
		}
		lost += lostOnTheWay
	}
	f.t.Logf("%d tasks were lost on their way to a worker that stayed", lost)
	require.LessOrEqual(f.t, lost, 1+len(list.Executions)/20, "tasks of workers that stayed: more than a server loses")
}

// mishaps lists the workflow tasks in the order's history that went wrong. A task
// that waited for a worker that has left goes to another one, and is none; nor is
// one whose worker was not leaving when it took it, nor a second later, in which it
// would have done it: a server on a busy machine loses some on their
// way there (docs/performance.md, "Answers after 4 s or 10 s"), which are counted.
func (f *balanced) mishaps(temporal client.Client, id string) (all []string, lost int) {
	f.t.Helper()
	type taking struct {
		by string
		at time.Time
	}
	taken := map[int64]taking{}
	history := temporal.GetWorkflowHistory(within(f.t), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		require.NoError(f.t, err)
		if started := event.GetWorkflowTaskStartedEventAttributes(); started != nil {
			taken[event.GetEventId()] = taking{started.GetIdentity(), event.GetEventTime().AsTime()}
		}
		if failed := event.GetWorkflowTaskFailedEventAttributes(); failed != nil {
			all = append(all, failed.GetCause().String()+" "+failed.GetFailure().GetMessage())
		}
		timedOut := event.GetWorkflowTaskTimedOutEventAttributes()
		if timedOut == nil || timedOut.GetTimeoutType() == enums.TIMEOUT_TYPE_SCHEDULE_TO_START {
			continue
		}
		task := taken[timedOut.GetStartedEventId()]
		if f.stayed(task.by, task.at.Add(time.Second)) {
			f.t.Logf("order %s: the server has lost a task of worker %s, which stayed", id, task.by)
			lost++
			continue
		}
		all = append(all, fmt.Sprintf("timed out: %s, taken by %s", timedOut.GetTimeoutType(), task.by))
	}
	return all, lost
}

// stayed reports whether the worker of that identity, which begins with the number of
// its process, had not been told to end by then.
func (f *balanced) stayed(identity string, then time.Time) bool {
	pid, _, _ := strings.Cut(identity, "@")
	for _, p := range f.known {
		if strconv.Itoa(p.PID()) == pid {
			return p.toldToEnd.IsZero() || p.toldToEnd.After(then)
		}
	}
	return false
}

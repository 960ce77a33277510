package readmodel

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// firstPause is how long an order is left alone at first: a worker
	// that lost its server may still be writing.
	firstPause = time.Second
	// longestPause is the longest pause between two looks without an answer.
	longestPause = 15 * time.Second
	// maxAge is how long an answer is waited for.
	maxAge = time.Hour
	// maxQueued is how many orders may wait at a time.
	maxQueued = 10_000
	// orderTimeout bounds one look at an order.
	orderTimeout = 10 * time.Second
	// shutdownTimeout bounds the last look at all of them when the process stops.
	shutdownTimeout = 5 * time.Second
)

// ReconcilerConfig is what a [Reconciler] needs.
type ReconcilerConfig struct {
	Orders   Workflows
	Changes  RevisionReader
	Repairer Repairer
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
	// Log is [slog.Default] when nil.
	Log *slog.Logger
}

// Reconciler follows up the orders of which this process does not know whether a
// command has reached them. A command without an answer may have been tried by a
// worker and lost with the server, without a trace in the order, after the worker had
// written it into the read model. The reconciler asks the order as soon as it can be
// asked, and corrects the read model.
type Reconciler struct {
	ReconcilerConfig
	// woken has room for one: there is something to do.
	woken chan struct{}

	mu    sync.Mutex
	queue []queuedOrder
	known map[string]bool
}

// queuedOrder is an order whose state is uncertain, since a time.
type queuedOrder struct {
	id    string
	since time.Time
}

// NewReconciler returns a reconciler with no orders. Nothing happens until
// [Reconciler.Run] is called.
func NewReconciler(c ReconcilerConfig) *Reconciler {
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Reconciler{ReconcilerConfig: c, woken: make(chan struct{}, 1), known: map[string]bool{}}
}

// Add says that a command to the order got no answer. It returns at once.
func (r *Reconciler) Add(ctx context.Context, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.known[id]:
		return
	case len(r.queue) >= maxQueued:
		r.Log.ErrorContext(ctx, "too many orders in doubt: "+auditMends, "order_id", id)
		return
	}
	r.known[id] = true
	r.queue = append(r.queue, queuedOrder{id, r.Now()})
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// auditMends is what remains to be done about an order that stays in doubt.
const auditMends = "the read model may show a change that never happened, until the order's next one " +
	"or until 'cafeforme audit --repair' is run"

// Run reconciles orders until ctx ends, and then once more, for five seconds at most,
// those that are left.
func (r *Reconciler) Run(ctx context.Context) {
	for pause := firstPause; ; {
		if r.count() == 0 {
			pause = firstPause
			if !r.awaitOrder(ctx) {
				return
			}
		}
		if !wait(ctx, pause) {
			r.shutDown(context.WithoutCancel(ctx))
			return
		}
		pause = min(2*pause, longestPause)
		if r.reconcileAll(ctx) {
			pause = firstPause
		}
	}
}

// awaitOrder waits until there is an order to reconcile, and returns false when ctx ends first.
func (r *Reconciler) awaitOrder(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-r.woken:
		return true
	}
}

// wait lets the time pass, and returns false when ctx ends first.
func wait(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// shutDown reconciles what is left one last time, and logs what stays uncertain.
func (r *Reconciler) shutDown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, shutdownTimeout)
	defer cancel()
	r.reconcileAll(ctx)
	for _, left := range r.left() {
		r.Log.Warn("stopping with an order in doubt: "+auditMends, "order_id", left.id, "since", left.since)
	}
}

// reconcileAll looks at each order in the queue once, and stops when ctx ends or
// Temporal is away. It reports whether any order was settled.
func (r *Reconciler) reconcileAll(ctx context.Context) (progress bool) {
	if r.Orders.Reachable(ctx) != nil {
		r.dropExpired()
		return false
	}
	for range r.count() {
		if ctx.Err() != nil {
			break
		}
		next := r.take()
		if err := r.reconcile(ctx, next.id); err != nil {
			r.putBack(ctx, next, err)
			continue
		}
		progress = true
	}
	return progress
}

// reconcile asks the order, and has the read model follow where that is ahead of
// it. The order may change meanwhile, and the entry with it: it is asked until
// both agree.
func (r *Reconciler) reconcile(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, orderTimeout)
	defer cancel()
	for {
		shown, err := r.Changes.Revision(ctx, id)
		if order.ErrorCode(err) == order.CodeNotFound {
			return nil
		} else if err != nil {
			return err
		}
		truth, err := r.Orders.Read(ctx, id)
		if order.ErrorCode(err) == order.CodeNotFound {
			return nil // no such order, or one that ended long ago
		} else if err != nil {
			return err
		}
		if !ahead(shown.Snapshot, truth) {
			return nil
		}
		done, err := r.Repairer.Reproject(ctx, truth, shown.Number)
		if err != nil {
			return err
		}
		if done {
			r.Log.WarnContext(ctx, "the read model showed a change that never happened, and is right again",
				"order_id", id, "shown", shown.Status, "is", truth.Status)
		}
	}
}

// ahead reports whether the read model shows what the order has not come to. One
// that is behind follows by itself.
func ahead(shown, truth order.Snapshot) bool {
	return shown.Version > truth.Version || (shown.Version == truth.Version && shown.Status != truth.Status)
}

func (r *Reconciler) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queue)
}

func (r *Reconciler) left() []queuedOrder {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]queuedOrder(nil), r.queue...)
}

// take takes the first order; there has to be one, and nobody else takes any.
func (r *Reconciler) take() queuedOrder {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.queue[0]
	r.queue = r.queue[1:]
	delete(r.known, next.id)
	return next
}

// putBack queues an order again that could not be reconciled, unless it is too old.
func (r *Reconciler) putBack(ctx context.Context, again queuedOrder, err error) {
	if r.Now().Sub(again.since) > maxAge {
		r.Log.ErrorContext(ctx, "an order stays in doubt: "+auditMends, "order_id", again.id, "since", again.since, "error", err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.known[again.id] {
		r.known[again.id] = true
		r.queue = append(r.queue, again)
	}
}

// dropExpired drops what has been waiting for too long.
func (r *Reconciler) dropExpired() {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := r.queue[:0]
	for _, one := range r.queue {
		if r.Now().Sub(one.since) > maxAge {
			delete(r.known, one.id)
			r.Log.Error("an order stays in doubt, Temporal is away: "+auditMends, "order_id", one.id, "since", one.since)
			continue
		}
		kept = append(kept, one)
	}
	r.queue = kept
}

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
	// firstDoubt is how long an order in doubt is left alone at first: a worker
	// that lost its server may still be writing.
	firstDoubt = time.Second
	// lastDoubtPause is the longest pause between two looks without an answer.
	lastDoubtPause = 15 * time.Second
	// maxDoubtAge is how long an answer is waited for.
	maxDoubtAge = time.Hour
	// maxDoubts is how many orders may be in doubt at a time.
	maxDoubts = 10_000
	// doubtTimeout bounds one look at an order.
	doubtTimeout = 10 * time.Second
	// lastDoubtLook bounds the last look at all of them when the process stops.
	lastDoubtLook = 5 * time.Second
)

// DoubtsConfig is what [Doubts] need.
type DoubtsConfig struct {
	Orders   Workflows
	Changes  RevisionReader
	Repairer EntryRepairer
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
	// Log is [slog.Default] when nil.
	Log *slog.Logger
}

// Doubts are the orders of which this process does not know whether a command
// has reached them. A command without an answer may have been tried by a worker
// and lost with the server, without a trace in the order, after the worker had
// written it into the read model. Doubts ask the order once it can be asked, and
// put the read model right.
type Doubts struct {
	DoubtsConfig
	// woken has room for one: there is something to do.
	woken chan struct{}

	mu    sync.Mutex
	queue []doubt
	known map[string]bool
}

// doubt is one order in doubt, since a time.
type doubt struct {
	id    string
	since time.Time
}

// NewDoubts returns no doubts. [Doubts.Run] has to be running for them to end.
func NewDoubts(c DoubtsConfig) *Doubts {
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Doubts{DoubtsConfig: c, woken: make(chan struct{}, 1), known: map[string]bool{}}
}

// Add says that a command to the order got no answer. It returns at once.
func (d *Doubts) Add(ctx context.Context, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.known[id]:
		return
	case len(d.queue) >= maxDoubts:
		d.Log.ErrorContext(ctx, "too many orders in doubt: "+auditMends, "order_id", id)
		return
	}
	d.known[id] = true
	d.queue = append(d.queue, doubt{id, d.Now()})
	select {
	case d.woken <- struct{}{}:
	default:
	}
}

// auditMends is what remains to be done about an order that stays in doubt.
const auditMends = "the read model may show a change that never happened, until the order's next one " +
	"or until 'cafeforme audit --repair' is run"

// Run resolves doubts until ctx ends, and then looks once more, for five seconds at
// most, at those that are left.
func (d *Doubts) Run(ctx context.Context) {
	for pause := firstDoubt; ; {
		if d.count() == 0 {
			pause = firstDoubt
			if !d.awaitDoubt(ctx) {
				return
			}
		}
		if !wait(ctx, pause) {
			d.giveUp(context.WithoutCancel(ctx))
			return
		}
		pause = min(2*pause, lastDoubtPause)
		if d.look(ctx) {
			pause = firstDoubt
		}
	}
}

// awaitDoubt waits until there is a doubt, and returns false when ctx ends first.
func (d *Doubts) awaitDoubt(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-d.woken:
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

// giveUp looks at what is left one last time, and says what stays in doubt.
func (d *Doubts) giveUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lastDoubtLook)
	defer cancel()
	d.look(ctx)
	for _, left := range d.left() {
		d.Log.Warn("stopping with an order in doubt: "+auditMends, "order_id", left.id, "since", left.since)
	}
}

// look looks at each order in doubt once, and stops when ctx ends or Temporal is
// away. It reports whether any doubt was resolved.
func (d *Doubts) look(ctx context.Context) (progress bool) {
	if d.Orders.Reachable(ctx) != nil {
		d.forgetOld()
		return false
	}
	for range d.count() {
		if ctx.Err() != nil {
			break
		}
		next := d.take()
		if err := d.resolve(ctx, next.id); err != nil {
			d.putBack(ctx, next, err)
			continue
		}
		progress = true
	}
	return progress
}

// resolve asks the order, and has the read model follow where that is ahead of
// it. The order may change meanwhile, and the entry with it: it is asked until
// both agree.
func (d *Doubts) resolve(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, doubtTimeout)
	defer cancel()
	for {
		shown, err := d.Changes.Revision(ctx, id)
		if order.ErrorCode(err) == order.CodeNotFound {
			return nil
		} else if err != nil {
			return err
		}
		truth, err := d.Orders.Read(ctx, id)
		if order.ErrorCode(err) == order.CodeNotFound {
			return nil // no such order, or one that ended long ago
		} else if err != nil {
			return err
		}
		if !ahead(shown.Snapshot, truth) {
			return nil
		}
		done, err := d.Repairer.Reproject(ctx, truth, shown.Number)
		if err != nil {
			return err
		}
		if done {
			d.Log.WarnContext(ctx, "the read model showed a change that never happened, and is right again",
				"order_id", id, "shown", shown.Status, "is", truth.Status)
		}
	}
}

// ahead reports whether the read model shows what the order has not come to. One
// that is behind follows by itself, and so does an order whose number the store has
// written there.
func ahead(shown, truth order.Snapshot) bool {
	truth = truth.WithNumberOf(shown)
	return shown.Version > truth.Version || (shown.Version == truth.Version && shown.Status != truth.Status)
}

func (d *Doubts) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.queue)
}

func (d *Doubts) left() []doubt {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]doubt(nil), d.queue...)
}

// take takes the first doubt; there has to be one, and nobody else takes any.
func (d *Doubts) take() doubt {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := d.queue[0]
	d.queue = d.queue[1:]
	delete(d.known, next.id)
	return next
}

// putBack queues a doubt again that could not be resolved, unless it is too old.
func (d *Doubts) putBack(ctx context.Context, again doubt, err error) {
	if d.Now().Sub(again.since) > maxDoubtAge {
		d.Log.ErrorContext(ctx, "an order stays in doubt: "+auditMends, "order_id", again.id, "since", again.since, "error", err)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.known[again.id] {
		d.known[again.id] = true
		d.queue = append(d.queue, again)
	}
}

// forgetOld drops what has been in doubt for too long.
func (d *Doubts) forgetOld() {
	d.mu.Lock()
	defer d.mu.Unlock()
	kept := d.queue[:0]
	for _, one := range d.queue {
		if d.Now().Sub(one.since) > maxDoubtAge {
			delete(d.known, one.id)
			d.Log.Error("an order stays in doubt, Temporal is away: "+auditMends, "order_id", one.id, "since", one.since)
			continue
		}
		kept = append(kept, one)
	}
	d.queue = kept
}

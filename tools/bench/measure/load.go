package measure

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// operation is what a load does again and again. It fails when what it did was
// not done.
type operation func(context.Context) error

const (
	// tolerableFailures is the share of a load that may fail before its figures mean nothing.
	tolerableFailures = 0.01
	// failuresToGiveUp is how many failures, if they outnumber what was done, end a load at
	// once: what it needs is away.
	failuresToGiveUp = 10
)

// tally collects what the clients of a load did.
type tally struct {
	mu      sync.Mutex
	samples []time.Duration
	failed  int
	// why the first of them failed.
	why error
	// done is closed when there is anything in it.
	done chan struct{}
	// giveUp ends the load.
	giveUp context.CancelFunc
}

// newTally begins a load, which ends with the context that it returns.
func newTally(ctx context.Context) (context.Context, *tally) {
	ctx, giveUp := context.WithCancel(ctx)
	return ctx, &tally{done: make(chan struct{}), giveUp: giveUp}
}

func (t *tally) add(took time.Duration, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.samples)+t.failed == 0 {
		close(t.done)
	}
	if err != nil {
		t.failed++
		t.why = cmp.Or(t.why, err)
		if t.failed >= failuresToGiveUp && t.failed > len(t.samples) {
			t.giveUp()
		}
		return
	}
	t.samples = append(t.samples, took)
}

// check fails when too much of the load has failed, or all of it is missing.
func (t *tally) check(name string) error {
	all := len(t.samples) + t.failed
	switch {
	case len(t.samples) == 0 && t.why == nil:
		return fmt.Errorf("%s: nothing was done within the time: measure for longer", name)
	case float64(t.failed) > tolerableFailures*float64(all):
		return fmt.Errorf("%s: %d of %d failed, the first with: %w", name, t.failed, all, t.why)
	}
	return nil
}

// window is when a load is measured: after its warm-up.
type window struct {
	warmUp, measured time.Duration
	// tail counts also what a closed loop began in the window and ended after it.
	tail bool
}

// closedLoop has each of the clients do one thing after the other, as fast as
// answers come: it finds how much the system can do. What ended in the warm-up,
// or after a window without a tail, is left out; the window lasts until something was done.
// Around is called where it begins and where it ends. A load that is hopeless ends at once.
func closedLoop(ctx context.Context, clients int, w window, do operation, around func()) *tally {
	ctx, t := newTally(ctx)
	defer t.giveUp()
	from := time.Now().Add(w.warmUp)
	over := make(chan struct{})
	isOver := func() bool {
		select {
		case <-over:
			return true
		default:
			return ctx.Err() != nil
		}
	}
	var all sync.WaitGroup
	all.Go(func() {
		if waitUntil(ctx, from) != nil {
			close(over)
			return
		}
		around()
		_ = waitUntil(ctx, from.Add(w.measured)) // a context that has ended ends what follows too
		select {
		case <-t.done:
		case <-ctx.Done():
		}
		close(over) // nobody begins anything while the end is looked at
		around()
	})
	for range clients {
		all.Go(func() {
			for !isOver() {
				started := time.Now()
				err := do(ctx)
				if ended := time.Now(); !ended.Before(from) && (w.tail || !isOver()) {
					t.add(ended.Sub(started), err)
				}
			}
		})
	}
	all.Wait()
	return t
}

// openLoop begins operations at a rate per second, whatever becomes of those
// before: each has a time at which it is due, and its latency counts from there,
// also when every client was busy then. A system that stalls cannot make the
// load wait for it and look fast. The clients bound how many are under way.
// A load that is hopeless ends at once.
func openLoop(ctx context.Context, clients int, rate float64, w window, do operation, around func()) *tally {
	ctx, t := newTally(ctx)
	defer t.giveUp()
	begin := time.Now()
	from, to := begin.Add(w.warmUp), begin.Add(w.warmUp+w.measured)
	var next atomic.Int64
	var once sync.Once
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for {
				due := dueAt(begin, next.Add(1)-1, rate)
				if !due.Before(to) || waitUntil(ctx, due) != nil {
					return
				}
				measured := !due.Before(from)
				if measured {
					once.Do(around)
				}
				if err := do(ctx); measured {
					t.add(time.Since(due), err)
				}
			}
		})
	}
	all.Wait()
	around()
	return t
}

// dueAt returns when the n-th operation of an open loop is due.
func dueAt(begin time.Time, n int64, rate float64) time.Time {
	return begin.Add(time.Duration(float64(n) / rate * float64(time.Second)))
}

// repeat has the clients do the operation n times in all, as fast as answers
// come. It ends with the first failure.
func repeat(ctx context.Context, clients, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// waitUntil returns at the given time, or with an error when ctx ends before.
func waitUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func pause(ctx context.Context, d time.Duration) error { return waitUntil(ctx, time.Now().Add(d)) }

// randomBelow returns any number below n.
func randomBelow(n int) int {
	return rand.N(n) //nolint:gosec // a load keeps no secrets
}

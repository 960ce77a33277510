package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cafeforme/cafeforme/test/fleet"
)

// The times of the faults.
const (
	shortestFault = 500 * time.Millisecond
	longestFault  = 12 * time.Second // longer than any single time-out
	longestPeace  = 3 * time.Second
	// faultsAtOnce is how many things may be broken at the same time.
	faultsAtOnce = 2
)

// fault is something that can be broken and mended again.
type fault struct {
	name string
	// part is what it breaks, or parts with a "+" between them: none is broken twice at the same time.
	part        string
	begin, mend func(context.Context) error
}

// named returns the faults whose name contains the text.
func named(all []fault, text string) []fault {
	return slices.DeleteFunc(all, func(f fault) bool { return !strings.Contains(f.name, text) })
}

// faults lists everything that can go wrong, always in the same order.
func faults(f *fleet.Fleet) []fault {
	all := append(temporalFaults(f), []fault{
		{"stop PostgreSQL", "postgres",
			func(context.Context) error { return f.Postgres.Stop() }, func(context.Context) error { return f.Postgres.Start() }},
		lockSandbox(f),
		breakSandbox(f, "payment gateway answers 503", fleet.GatewayFault),
		breakSandbox(f, "refunds answer 503", fleet.RefundFault),
		breakSandbox(f, "SMS provider answers 503", fleet.PhoneFault),
		breakSandbox(f, "SMS provider's answers are lost", fleet.PhoneAnswerFault),
	}...)
	for _, part := range f.Parts() {
		all = append(all,
			fault{"kill " + part.Name, part.Name, func(context.Context) error { return part.Kill() }, part.Start},
			fault{"freeze " + part.Name, part.Name,
				func(context.Context) error { return part.Freeze() }, func(context.Context) error { return part.Thaw() }})
	}
	return append(all, killBeforeCharges(f)...)
}

// temporalFaults lists what can go wrong with Temporal: with the one server, or
// with each service of a cluster.
func temporalFaults(f *fleet.Fleet) (all []fault) {
	if f.Cluster == nil {
		return []fault{
			{"kill Temporal", "temporal",
				func(context.Context) error { return f.Temporal.Kill() }, func(context.Context) error { return f.Temporal.Restart() }},
			{"freeze Temporal", "temporal",
				func(context.Context) error { return f.Temporal.Signal(syscall.SIGSTOP) },
				func(context.Context) error { return f.Temporal.Signal(syscall.SIGCONT) }},
		}
	}
	for _, s := range f.Cluster.Services {
		all = append(all,
			fault{"kill " + s.Name, s.Name, func(context.Context) error { return s.Kill() }, restart(s)},
			fault{"freeze " + s.Name, s.Name,
				func(context.Context) error { return s.Freeze() }, func(context.Context) error { return s.Thaw() }})
	}
	return all
}

// restart waits for as long as PostgreSQL may be away at the same time, and more.
func restart(s *fleet.Service) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, launchPatience)
		defer cancel()
		return s.Restart(ctx)
	}
}

func lockSandbox(f *fleet.Fleet) fault {
	var unlock func() error
	return fault{"lock the sandbox", "sandbox",
		func(ctx context.Context) (err error) { unlock, err = f.Sandbox.Lock(ctx); return err },
		func(context.Context) error { return unlock() }}
}

func breakSandbox(f *fleet.Fleet, name string, what fleet.Fault) fault {
	return fault{name, "sandbox",
		func(ctx context.Context) error { return f.Sandbox.Break(ctx, what) },
		func(ctx context.Context) error { return f.Sandbox.Mend(ctx, what) }}
}

// injector breaks and mends things until its time is up, and leaves everything
// whole.
type injector struct {
	faults []fault
	say    func(format string, args ...any)

	mu       sync.Mutex
	broken   map[string]bool
	injected map[string]int
}

// run injects several faults at a time, each series decided by the seed alone. A part that
// cannot be mended stays broken, and ends the run.
func (i *injector) run(ctx context.Context, seed uint64) error {
	i.broken, i.injected = map[string]bool{}, map[string]int{}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failures := make([]error, faultsAtOnce)
	var group sync.WaitGroup
	for series := range failures {
		random := rand.New(rand.NewPCG(seed, uint64(series)+1))
		group.Go(func() {
			for ctx.Err() == nil && failures[series] == nil {
				failures[series] = i.next(ctx, random)
			}
			if failures[series] != nil {
				stop()
			}
		})
	}
	group.Wait()
	return errors.Join(failures...)
}

// next waits, breaks something, waits and mends it.
func (i *injector) next(ctx context.Context, random *rand.Rand) error {
	wait(ctx, time.Duration(random.Int64N(int64(longestPeace))))
	f := i.faults[random.IntN(len(i.faults))]
	length := shortestFault + time.Duration(random.Int64N(int64(longestFault-shortestFault)))
	if ctx.Err() != nil || !i.take(f) {
		return nil //nolint:nilerr // the run is over, which is no failure
	}
	i.say("  %s for %.1f s", f.name, length.Seconds())
	whole := context.WithoutCancel(ctx)
	if err := f.begin(whole); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	wait(ctx, length)
	if err := f.mend(whole); err != nil {
		return fmt.Errorf("%s, and back: %w", f.name, err)
	}
	i.giveBack(f)
	return nil
}

func (i *injector) take(f fault) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	parts := strings.Split(f.part, "+")
	if slices.ContainsFunc(parts, func(part string) bool { return i.broken[part] }) {
		return false
	}
	for _, part := range parts {
		i.broken[part] = true
	}
	i.injected[f.name]++
	return true
}

func (i *injector) giveBack(f fault) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for part := range strings.SplitSeq(f.part, "+") {
		delete(i.broken, part)
	}
}

func (i *injector) count() (n int) {
	for _, times := range i.injected {
		n += times
	}
	return n
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

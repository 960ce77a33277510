package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/consistency"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// How long people and orders may take once nothing is broken any more: longer than
// the longest pause between two tries of an effect, and the payment deadline.
const (
	peoplePatience = 2 * time.Minute
	settlePatience = 3 * time.Minute
)

// chaos is one run.
type chaos struct {
	options
	fleet *fleet.Fleet
	out   io.Writer
}

// play has people order while things break, mends everything, waits for
// everything to settle, and checks all orders.
func (r *chaos) play(ctx context.Context) (report, error) {
	shops, err := openShops(ctx, r.fleet, r.stores)
	if err != nil {
		return report{}, err
	}
	t := &traffic{shops: shops}
	for i := range 5 {
		m, err := r.fleet.Cafe().SignUp(ctx, fmt.Sprint("Mina ", i), fmt.Sprintf("+8210555500%02d", i))
		if err != nil {
			return report{}, fmt.Errorf("sign a member up: %w", err)
		}
		t.members = append(t.members, m)
	}
	if err := r.provide(ctx, t); err != nil {
		return report{}, err
	}
	injector, err := r.breakThings(ctx, t)
	if err != nil {
		return report{}, err
	}
	mended := time.Now()
	say(r.out, "chaos: nothing is broken any more; waiting for %d orders", len(t.lives))
	t.group.Wait()
	if ctx.Err() != nil {
		return report{}, ctx.Err()
	}
	result, err := r.audit(ctx, t)
	result.faults, result.mended = injector.injected, mended
	result.injected = injector.count()
	return result, err
}

// breakThings lets orders come and things break for the duration of the run.
func (r *chaos) breakThings(ctx context.Context, t *traffic) (*injector, error) {
	i := &injector{say: func(format string, args ...any) { say(r.out, format, args...) }}
	if !r.calm {
		if i.faults = named(faults(r.fleet), r.only); len(i.faults) == 0 {
			return nil, fmt.Errorf("no fault is named %q", r.only)
		}
	}
	playing, cancel := context.WithTimeout(ctx, r.duration)
	defer cancel()
	living, stop := context.WithTimeout(ctx, r.duration+peoplePatience)
	context.AfterFunc(ctx, stop)
	var both sync.WaitGroup
	both.Go(func() { t.run(playing, living, r.options) })
	var err error
	if !r.calm {
		err = i.run(playing, r.seed)
	}
	both.Wait()
	for _, part := range r.fleet.Parts() {
		ready, cancel := context.WithTimeout(ctx, launchPatience)
		err = errors.Join(err, part.AwaitReady(ready))
		cancel()
	}
	go func() { t.group.Wait(); stop() }()
	return i, err
}

// audit checks all orders until nothing is wrong any more, or the patience ends.
func (r *chaos) audit(ctx context.Context, t *traffic) (report, error) {
	settlingBy, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	temporal, err := client.Dial(r.fleet.ClientOptions(quiet))
	if err != nil {
		return report{}, fmt.Errorf("reach Temporal: %w", err)
	}
	defer temporal.Close()
	checker, err := consistency.Open(temporal, r.fleet.Payloads.Data, r.fleet.DatabaseURL(), r.fleet.Sandbox.Path)
	if err != nil {
		return report{}, err
	}
	told := map[string]order.Status{}
	for _, l := range t.lives {
		if l.ID != "" {
			told[l.ID] = order.Status(l.Told)
		}
	}
	err = r.clearBoards(settlingBy, t.shops, checker, told)
	settled, settling := checker.Settled(settlingBy, told)
	crossed, crossing := r.crossed(ctx, t, settled)
	leftOver, looking := r.fleet.Sandbox.OpenPages(ctx)
	settled.Wrong = slices.Concat(settled.Wrong, t.broken(settled.Facts), consistency.LeftOpen(leftOver), crossed)
	return newReport(t, settled), errors.Join(err, settling, crossing, looking, checker.Close())
}

// broken returns what does not hold of that which people were told of their orders.
func (t *traffic) broken(facts map[string]audit.Facts) (found []audit.Difference) {
	for _, l := range t.lives {
		if l.ID != "" {
			found = append(found, consistency.Promised{PaidOnPage: l.PaidOnPage, TakenOff: l.TakenOff}.Check(facts[l.ID])...)
		}
	}
	return found
}

// crossed checks that no store's orders get in another's way.
func (r *chaos) crossed(ctx context.Context, t *traffic, settled consistency.Result) ([]audit.Difference, error) {
	ctx, cancel := context.WithTimeout(ctx, peoplePatience)
	defer cancel()
	chain, err := r.chain(ctx, t)
	if err != nil {
		return nil, err
	}
	found, err := trespasses(ctx, t.shops, chain)
	return append(found, chain.Check(settled.Facts)...), err
}

// clearBoards has the stores reject the orders whose customers never learned of
// them: they are on a board like all others.
func (r *chaos) clearBoards(ctx context.Context, shops []*shop, checker *consistency.Checker, told map[string]order.Status) error {
	for ctx.Err() == nil {
		facts, err := checker.Read(ctx, told)
		if err == nil && !open(facts, told) {
			return nil
		}
		for _, s := range shops {
			if err := s.clearBoard(ctx, told); err != nil {
				return fmt.Errorf("clear the board of %s: %w", s.slug, err)
			}
		}
		wait(ctx, time.Second)
	}
	return nil // the audit says what is still open
}

// clearBoard has the store reject the new orders on its board that nobody knows of.
func (s *shop) clearBoard(ctx context.Context, told map[string]order.Status) error {
	board, err := s.people.TurnTo().Board(ctx, "paid")
	if err != nil {
		return err
	}
	for _, o := range board {
		if _, known := told[o.ID]; known {
			continue
		}
		l := &cafe.Life{ID: o.ID, Steps: []string{"reject"}}
		if err := s.people.Next(ctx, l); err != nil {
			return err
		}
		told[l.ID] = order.Status(l.Told)
	}
	return nil
}

// open reports whether there are orders that nobody knows of and that wait for
// the store.
func open(facts map[string]audit.Facts, told map[string]order.Status) bool {
	for id, f := range facts {
		if _, known := told[id]; !known && f.Workflow != nil && !f.Workflow.Status.Terminal() {
			return true
		}
	}
	return false
}

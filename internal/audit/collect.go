package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// batch is how many orders are collected at a time.
	batch = 200
	// asked is how many workflows are asked at the same time.
	asked = 8
	// tries is how often a workflow is asked before the audit gives up, and how
	// often an order that moves on is looked at again.
	tries = 4
	// patient is how many orders may stay unanswered before each of the others is
	// asked once only, and hopeless how many before no other open order is asked:
	// there is no worker, or a build has none.
	patient  = 8
	hopeless = 200
)

// Orderer is the orders' workflows, as [orderclient.Client] has them.
type Orderer interface {
	List(ctx context.Context, f orderclient.Filter, pageSize int, token []byte) ([]orderclient.Listed, []byte, error)
	Read(ctx context.Context, id string) (order.Snapshot, error)
	ReadClosed(ctx context.Context, id string) (order.Snapshot, error)
	IsOpen(ctx context.Context, id string) (bool, error)
	Reachable(ctx context.Context) error
}

// Sources are where the facts come from. Each of the functions answers for some
// hundred orders at a time; a part without one is not compared.
type Sources struct {
	Orders    Orderer
	ReadModel func(ctx context.Context, ids []string) (map[string]readmodel.Stored, error)
	Points    func(ctx context.Context, ids []string) ([]order.PointsEntry, error)
	Money     func(ctx context.Context, ids []string) ([]payment.Movement, error)
	Texts     func(ctx context.Context, ids []string) ([]Text, error)
	// Reservations are what orders have reserved.
	Reservations func(ctx context.Context, ids []string) ([]order.StoredReservation, error)
	// Elsewhere names the orders of a period that others know of: whose money has moved,
	// whom the read model has. Orders that Temporal has lost are found by them, and
	// orders of before the period that should have ended long ago.
	Elsewhere []func(ctx context.Context, since time.Time) ([]string, error)
	// Again waits before orders that may have moved on are looked at again: a
	// second, if nil.
	Again func(ctx context.Context) error
	// silent counts the orders that nobody has answered for.
	silent *atomic.Int64
}

// Since collects the facts of every order that was under way at that time or
// later. An order with differences is looked at again: it may have moved on
// while its facts were collected.
func (s Sources) Since(ctx context.Context, since time.Time) ([]Facts, error) {
	open, err := s.Open(ctx, since)
	if err != nil {
		return nil, err
	}
	return s.Of(ctx, slices.Sorted(maps.Keys(open)), open)
}

// Open names every order that was under way at that time or later, and tells
// whether its workflow is running. The zero time is before all orders.
func (s Sources) Open(ctx context.Context, since time.Time) (map[string]bool, error) {
	open, err := s.list(ctx, since)
	if err != nil {
		return nil, err
	}
	return open, s.addUnlisted(ctx, since, open)
}

// list returns the orders of the period, and whether each is open.
func (s Sources) list(ctx context.Context, since time.Time) (map[string]bool, error) {
	open := map[string]bool{}
	var token []byte
	for {
		page, next, err := s.Orders.List(ctx, orderclient.Filter{Since: since}, orderclient.MaxListPageSize, token)
		if err != nil {
			return nil, fmt.Errorf("list the orders: %w", err)
		}
		for _, l := range page {
			id := l.OrderID()
			open[id] = open[id] || l.Open // one that was reset has several runs, one that was refunded several workflows
		}
		if token = next; len(token) == 0 {
			return open, nil
		}
	}
}

// addUnlisted adds the orders of the period that Temporal has not listed: its list
// lags behind, and an order may have ended before the period or be lost.
func (s Sources) addUnlisted(ctx context.Context, since time.Time, open map[string]bool) error {
	unlisted := map[string]bool{}
	for _, source := range s.Elsewhere {
		ids, err := source(ctx, since)
		if err != nil {
			return fmt.Errorf("list the orders that others know of: %w", err)
		}
		for _, id := range ids {
			if _, listed := open[id]; !listed {
				unlisted[id] = true
			}
		}
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asked)
	for id := range unlisted {
		group.Go(func() error {
			isOpen, err := s.Orders.IsOpen(ctx, id)
			if err != nil && order.ErrorCode(err) != order.CodeNotFound {
				if ctx.Err() != nil || s.Orders.Reachable(ctx) != nil {
					return fmt.Errorf("look for order %s: %w", id, err)
				}
				isOpen = true // whoever reads it finds out what is the matter
			}
			mu.Lock()
			defer mu.Unlock()
			open[id] = isOpen
			return nil
		})
	}
	return group.Wait()
}

// Of collects the facts of these orders; open says which of their workflows are
// running. An order with differences is looked at again.
func (s Sources) Of(ctx context.Context, ids []string, open map[string]bool) ([]Facts, error) {
	s.silent = new(atomic.Int64)
	return inBatches(ctx, ids, open, s.settled)
}

// Once is [Sources.Of] without the second look.
func (s Sources) Once(ctx context.Context, ids []string, open map[string]bool) ([]Facts, error) {
	s.silent = new(atomic.Int64)
	return inBatches(ctx, ids, open, s.batch)
}

func inBatches(
	ctx context.Context, ids []string, open map[string]bool,
	collect func(context.Context, []string, map[string]bool) ([]Facts, error),
) ([]Facts, error) {
	all := make([]Facts, 0, len(ids))
	for chunk := range slices.Chunk(ids, batch) {
		facts, err := collect(ctx, chunk, open)
		if err != nil {
			return nil, err
		}
		all = append(all, facts...)
	}
	return all, nil
}

// settled collects the facts of a batch, and again those of the orders with
// differences, until no difference can be an order that has just moved on.
func (s Sources) settled(ctx context.Context, ids []string, open map[string]bool) ([]Facts, error) {
	facts, err := s.batch(ctx, ids, open)
	for try := 1; err == nil && try < tries; try++ {
		var again []string
		for _, f := range facts {
			if f.Open && f.Unreadable == "" && len(Order(f)) > 0 {
				again = append(again, f.OrderID)
			}
		}
		if len(again) == 0 {
			return facts, nil
		}
		if err := s.pause(ctx); err != nil {
			return nil, err
		}
		var newer []Facts
		newer, err = s.batch(ctx, again, open)
		facts = replaced(facts, newer)
	}
	return facts, err
}

// replaced returns the facts with the newer ones in their place.
func replaced(facts, newer []Facts) []Facts {
	for _, f := range newer {
		i := slices.IndexFunc(facts, func(old Facts) bool { return old.OrderID == f.OrderID })
		facts[i] = f
	}
	return facts
}

func (s Sources) pause(ctx context.Context) error {
	if s.Again != nil {
		return s.Again(ctx)
	}
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// batch collects the facts of some hundred orders: the workflows first, so that
// everything else is at least as new.
func (s Sources) batch(ctx context.Context, ids []string, open map[string]bool) ([]Facts, error) {
	facts := make([]Facts, len(ids))
	for i, id := range ids {
		facts[i] = Facts{OrderID: id, Open: open[id], Unseen: s.unseen()}
	}
	group, asking := errgroup.WithContext(ctx)
	group.SetLimit(asked)
	for i, id := range ids {
		group.Go(func() (err error) {
			facts[i].Workflow, err = s.read(asking, id, open[id])
			if facts[i].Unreadable, err = s.unreadable(asking, err); err != nil {
				return fmt.Errorf("ask the workflow of order %s (is a worker running?): %w", id, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return facts, s.addParts(ctx, ids, facts)
}

func (s Sources) unseen() []Part {
	var parts []Part
	for _, part := range []struct {
		name   Part
		absent bool
	}{
		{PartReadModel, s.ReadModel == nil}, {PartMoney, s.Money == nil},
		{PartPoints, s.Points == nil}, {PartTexts, s.Texts == nil}, {PartReservations, s.Reservations == nil},
	} {
		if part.absent {
			parts = append(parts, part.name)
		}
	}
	return parts
}

// read asks a workflow, or reads how it has ended; one that is busy or slow to
// answer is asked again. It returns nil for an order that Temporal does not know.
func (s Sources) read(ctx context.Context, id string, open bool) (*order.Snapshot, error) {
	read := s.Orders.ReadClosed
	if open {
		read = s.Orders.Read
	}
	for try := 1; ; try++ {
		if open && s.silent.Load() >= hopeless {
			return nil, fmt.Errorf("not asked, because no worker has answered for %d others", hopeless)
		}
		snapshot, err := read(ctx, id)
		final := try == tries || s.silent.Load() >= patient || ctx.Err() != nil || errors.As(err, new(*orderclient.Failing))
		switch code := order.ErrorCode(err); {
		case err == nil:
			return &snapshot, nil
		case code == order.CodeNotFound:
			return nil, nil
		case code != order.CodeUnavailable || final:
			return nil, err
		}
	}
}

// unreadable returns why an order cannot be read. It fails when that is so because
// none can, or because nobody wants to know any more.
func (s Sources) unreadable(ctx context.Context, err error) (why string, broken error) {
	var failing *orderclient.Failing
	switch {
	case err == nil:
		return "", nil
	case errors.As(err, &failing):
		return failing.Reason, nil
	case ctx.Err() != nil:
		return "", err
	}
	s.silent.Add(1)
	if s.Orders.Reachable(ctx) != nil {
		return "", err
	}
	var unanswered *order.Error
	if errors.As(err, &unanswered) && unanswered.Code == order.CodeUnavailable && unanswered.Err != nil {
		return "no worker answers (is one of its build running?): " + unanswered.Err.Error(), nil //nolint:nilerr // it is what is reported of the order
	}
	return err.Error(), nil
}

// addParts adds what everybody else has of the orders. Each part is written by
// one goroutine alone.
func (s Sources) addParts(ctx context.Context, ids []string, facts []Facts) error {
	of := make(map[string]*Facts, len(facts))
	for i := range facts {
		of[facts[i].OrderID] = &facts[i]
	}
	group, ctx := errgroup.WithContext(ctx)
	addTo(ctx, group, s.Money, ids, func(m payment.Movement) { of[m.OrderID].Money = append(of[m.OrderID].Money, m) })
	addTo(ctx, group, s.Texts, ids, func(t Text) { of[t.OrderID].Texts = append(of[t.OrderID].Texts, t) })
	addTo(ctx, group, s.Points, ids, func(p order.PointsEntry) { of[p.OrderID].Points = append(of[p.OrderID].Points, p) })
	addTo(ctx, group, s.Reservations, ids, func(r order.StoredReservation) { of[r.OrderID].Reservation = &r })
	if s.ReadModel != nil {
		group.Go(func() error {
			found, err := s.ReadModel(ctx, ids)
			for id, snapshot := range found {
				of[id].ReadModel = &snapshot
			}
			return err
		})
	}
	return group.Wait()
}

// addTo adds the lines of one ledger, if there is one to look at.
func addTo[Line any](
	ctx context.Context, group *errgroup.Group, source func(context.Context, []string) ([]Line, error), ids []string, add func(Line),
) {
	if source == nil {
		return
	}
	group.Go(func() error {
		lines, err := source(ctx, ids)
		for _, line := range lines {
			add(line)
		}
		return err
	})
}

// Lines makes a source of a ledger that has lines of its own type.
func Lines[From, To any](
	ledger func(ctx context.Context, ids []string) ([]From, error), line func(From) To,
) func(ctx context.Context, ids []string) ([]To, error) {
	return func(ctx context.Context, ids []string) ([]To, error) {
		kept, err := ledger(ctx, ids)
		lines := make([]To, len(kept))
		for i, k := range kept {
			lines[i] = line(k)
		}
		return lines, err
	}
}

package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// fewOrders is a number of open orders that siege leaves behind by itself. The levels
// below it are measured before.
const fewOrders = 5000

func (s *session) fewOpen(ctx context.Context) error {
	if len(s.report.Growth) == 0 { // without the part orders
		if err := s.none(ctx); err != nil {
			return err
		}
	}
	return s.levels(ctx, func(n int) bool { return n <= fewOrders })
}

func (s *session) manyOpen(ctx context.Context) error {
	return s.levels(ctx, func(n int) bool { return n > fewOrders })
}

func (s *session) levels(ctx context.Context, wanted func(int) bool) error {
	for _, open := range slices.Sorted(slices.Values(s.Growth)) {
		if !wanted(open) {
			continue
		}
		if err := s.level(ctx, open); err != nil {
			return fmt.Errorf("%d open orders: %w", open, err)
		}
		if open == s.recoverAt() {
			if err := s.comeBack(ctx); err != nil {
				return fmt.Errorf("a worker comes back to %d open orders: %w", open, err)
			}
		}
	}
	return nil
}

// none measures beside no open orders.
func (s *session) none(ctx context.Context) error {
	if err := s.clear(ctx); err != nil {
		return err
	}
	return s.level(ctx, 0)
}

// recoverAt is the number of open orders that a worker comes back to: 10,000, or
// the most of those below.
func (s *session) recoverAt() int {
	const wanted = 10_000
	at := 0
	for _, open := range s.Growth {
		if open <= wanted {
			at = max(at, open)
		}
	}
	return at
}

// level measures with a number of open orders at least.
func (s *session) level(ctx context.Context, open int) (err error) {
	g := Growth{}
	begin := time.Now()
	if g.Seeded, err = s.seed(ctx, open); err != nil {
		return err
	}
	if g.Seeded > 0 {
		// Placing outruns its effects, by minutes when there are many to place.
		if err := s.settle(ctx, s.last(s.waiting)); err != nil {
			return err
		}
		g.Seeding = time.Since(begin).Seconds()
		s.tell("    placed in %.0f s", g.Seeding)
	}
	s.open = 0
	if open > 0 {
		s.open = len(s.waiting)
	}
	g.Open = s.open
	if s.calm, err = s.idle(ctx); err != nil {
		return err
	}
	g.Idle = milliseconds(s.calm.system())
	if err := s.costs(ctx, &g); err != nil {
		return err
	}
	if g.StartUp, err = s.startUp(ctx); err != nil {
		return err
	}
	s.report.Growth = append(s.report.Growth, g)
	return s.report.save(s.Options)
}

// costs measures what one order, the board and tracking cost here and, in turns with
// that, on a system without open orders.
func (s *session) costs(ctx context.Context, g *Growth) (err error) {
	var empty *session
	switch {
	case s.open == 0:
	case s.Control == nil:
		s.omit("growth in turns with a system without open orders, which has goals", "no other can be started here; make bench starts one")
	default:
		var stop func() error
		if empty, stop, err = s.another(ctx); err != nil {
			return fmt.Errorf("a system without open orders: %w", err)
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	if err := s.costOfAnOrder(ctx, g, empty); err != nil {
		return err
	}
	placing := s.placing()
	placing.clients, placing.rate, placing.window, placing.settle = 1, unloadedRate, s.briefly(), nil
	placing.name = "placing, unloaded"
	placed, err := s.measure(ctx, placing)
	if err != nil {
		return err
	}
	g.Placing = placed.Latency.P50
	return s.costOfReading(ctx, g, empty)
}

// costOfAnOrder measures what a whole order costs, and the reference, which tells
// what open orders cost from what a server costs that has done more.
func (s *session) costOfAnOrder(ctx context.Context, g *Growth, empty *session) error {
	loads := []load{{name: loadUpdate, do: s.reference.update}, s.wholeOrders()}
	if empty != nil {
		alone := empty.wholeOrders()
		alone.name, alone.on = loadAlone, empty
		loads = append(loads, load{name: loadUpdateAlone, do: empty.reference.update, on: empty}, alone)
	}
	for i := range loads {
		loads[i].clients, loads[i].window = s.most(), s.entire()
	}
	of, err := s.inTurns(ctx, s.Rounds, loads...)
	if err != nil {
		return err
	}
	g.PerS = of[1].PerS
	if reference, cpu := allCPU(of[0]), allCPU(of[1]); !math.IsNaN(reference + cpu) {
		g.Reference, g.CPU = reference, cpu
	}
	if empty != nil {
		g.Beside = ratioOf(fmt.Sprintf("growth: CPU of a whole order, %d open orders / none, on a new system in turns", s.open), of[1], of[3], allCPU)
		g.ByReference = ratioOf(fmt.Sprintf("growth: the same, %d / none, each by the update-with-start beside it", s.open),
			relative(of[1], of[0]), relative(of[3], of[2]), func(l Load) float64 { return l.AllCPU })
	}
	return nil
}

// costOfReading measures the board's first page, and tracking. A system to compare
// with is given the orders that fill that page.
func (s *session) costOfReading(ctx context.Context, g *Growth, empty *session) error {
	loads := []load{{name: loadBoard + unloaded, do: s.readBoard}, {name: loadTrack + unloaded, do: s.track()}}
	if empty != nil {
		if _, err := empty.seed(ctx, boardPage); err != nil {
			return err
		}
		if err := empty.settle(ctx, empty.waiting); err != nil {
			return err
		}
		empty.open = len(empty.waiting)
		loads = append(loads, load{name: loadBoard + unloaded + onePage, do: empty.readBoard, on: empty},
			load{name: loadTrack + unloaded + onePage, do: empty.track(), on: empty})
	}
	for i := range loads {
		loads[i].clients, loads[i].rate, loads[i].window = 1, readRate, s.briefly()
	}
	of, err := s.inTurns(ctx, s.Rounds, loads...)
	if err != nil {
		return err
	}
	g.Board, g.Tracking = of[0].Latency.P50, of[1].Latency.P50
	if empty != nil {
		g.BoardBeside = ratioOf(fmt.Sprintf("growth: the board's latency, %d open orders / one page of them, in turns", s.open), of[0], of[2], p50)
		g.TrackingBeside = ratioOf(fmt.Sprintf("growth: tracking's latency, %d open orders / one page of them, in turns", s.open), of[1], of[3], p50)
	}
	return nil
}

// another begins a session on a system without open orders.
func (s *session) another(ctx context.Context) (*session, func() error, error) {
	s.tell("starting a system without open orders, to compare with")
	a, err := s.Control.Another(ctx)
	if err != nil {
		return nil, nil, err
	}
	a.Progress = s.Progress
	other := &session{Options: s.Options, System: a.System, cafe: newCafe(a.System), reference: reference{a.Temporal}, report: s.report}
	if err := other.cafe.signUp(ctx, members); err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	return other, a.Close, nil
}

// idle returns the processor time per second of each process while nobody orders:
// after a rest, for as long as another.
func (s *session) idle(ctx context.Context) (usage, error) {
	if err := pause(ctx, s.Rest); err != nil {
		return nil, err
	}
	from, err := s.take()
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, max(s.Rest, s.Measure/3)); err != nil {
		return nil, err
	}
	to, err := s.take()
	perSecond := usage{}
	used, _ := to.used.since(from.used)
	for role := range used {
		perSecond[role] = time.Duration(float64(used[role]) / to.at.Sub(from.at).Seconds())
	}
	return perSecond, err
}

// restarted are the roles whose start-up is measured.
var restarted = []string{"api", "store", "worker"}

// startUp restarts each process, once for each round, and returns how long it took
// until it served: the median.
func (s *session) startUp(ctx context.Context) (map[string]float64, error) {
	if s.Control == nil {
		s.omit("start-up, and a worker that comes back", "nothing may be restarted here; make bench starts a system of its own")
		return nil, nil
	}
	took := map[string]float64{}
	for _, role := range restarted {
		var starts []float64
		for range s.Rounds {
			if err := s.Control.Stop(ctx, role); err != nil {
				return nil, err
			}
			begin := time.Now()
			if err := s.start(ctx, role); err != nil {
				return nil, err
			}
			starts = append(starts, milliseconds(time.Since(begin)))
		}
		slices.Sort(starts)
		took[role] = starts[len(starts)/2]
	}
	s.tell("    start-up: api %.0f ms, store %.0f ms, worker until its first order %.0f ms", took["api"], took["store"], took["worker"])
	return took, nil
}

// start starts the processes of a role and returns once they serve: a worker
// does when an order was paid.
func (s *session) start(ctx context.Context, role string) error {
	url, err := s.Control.Start(ctx, role)
	if err != nil {
		return err
	}
	switch role {
	case "api":
		s.cafe.customer = url
	case "store":
		s.cafe.store = url
	case "worker":
		return s.firstOrder(ctx)
	}
	return nil
}

// firstOrder places an order and waits until it is paid.
func (s *session) firstOrder(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, settlePatience, errors.New("a worker has started, and no order is paid"))
	defer cancel()
	o, err := s.cafe.place(ctx)
	if err != nil {
		return err
	}
	s.waiting = append(s.waiting, o.ID)
	return nil
}

// mostOverdue is how many of the open orders have a command waiting for a worker
// that comes back.
const mostOverdue = 1000

// comeBack takes the worker away from the open orders, has commands come for some of
// them, and brings it back. As many commands come before, while it is there, to
// compare with.
func (s *session) comeBack(ctx context.Context) (err error) {
	if s.Control == nil {
		return nil
	}
	r := Recovery{Open: len(s.waiting)}
	r.Overdue = max(1, min(mostOverdue, r.Open/10))
	before, err := s.idle(ctx)
	if err != nil {
		return err
	}
	s.tell("%d of %d open orders are accepted by signal", r.Overdue, r.Open)
	if r.Ordinary, err = s.acceptBySignal(ctx, r.Overdue, nil); err != nil {
		return err
	}
	s.tell("the worker leaves, %d of %d open orders are accepted by signal, and it comes back", r.Overdue, r.Open)
	if r.Each, err = s.acceptBySignal(ctx, r.Overdue, &r); err != nil {
		return err
	}
	after, err := s.idle(ctx)
	if err != nil {
		return err
	}
	r.Before, r.After = milliseconds(before.system()), milliseconds(after.system())
	const calm = 20 // per second, as a store at its busiest
	r.Accepting, err = s.accept(ctx, load{
		name: "accepting orders that waited for the worker", clients: seedClients, rate: calm, window: window{measured: s.Measure},
	})
	s.report.Recovery = &r
	return err
}

// acceptBySignal accepts so many of the orders that wait, and takes them to their
// end. It returns the processor time of one acceptance, until its text is sent. With a
// recovery the worker is away when the signals come, and it says how the return went.
func (s *session) acceptBySignal(ctx context.Context, n int, away *Recovery) (each float64, err error) {
	ids, err := s.fetch(ctx, n)
	if err != nil {
		return 0, err
	}
	from, err := s.take()
	if err != nil {
		return 0, err
	}
	if away != nil {
		if err := s.Control.Stop(ctx, "worker"); err != nil {
			return 0, err
		}
		delete(from.used, "worker") // the next one is another process
	}
	if err := repeat(ctx, seedClients, n, func(ctx context.Context, i int) error {
		return s.Temporal.SignalWorkflow(ctx, ids[i], "", steps[0], nil)
	}); err != nil {
		return 0, err
	}
	begin := time.Now()
	if away != nil {
		if err := s.start(ctx, "worker"); err != nil {
			return 0, err
		}
		away.First = milliseconds(time.Since(begin))
	}
	if err := s.accepted(ctx, ids); err != nil {
		return 0, err
	}
	if err := s.settle(ctx, ids); err != nil {
		return 0, err
	}
	to, err := s.take()
	if err != nil {
		return 0, err
	}
	if away != nil {
		away.CaughtUp = to.at.Sub(begin).Seconds()
	}
	if err := s.end(ctx, ids); err != nil {
		return 0, err
	}
	used, _ := to.used.since(from.used)
	return milliseconds(used.system()) / float64(n), s.settle(ctx, ids)
}

// accepted waits until every one of the orders is accepted.
func (s *session) accepted(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, settlePatience, errors.New("an order that was to be accepted by signal is not"))
	defer cancel()
	for _, id := range ids {
		err := awaitCondition(ctx, func() (bool, error) {
			o, err := s.cafe.order(ctx, id)
			return o.Status == "accepted", err
		})
		if err != nil {
			return fmt.Errorf("order %s: %w", id, err)
		}
	}
	return nil
}

// track reads orders that wait.
func (s *session) track() operation {
	ids := append([]string(nil), s.waiting...)
	return func(ctx context.Context) error {
		return s.cafe.get(ctx, s.cafe.customer+"/orders/"+ids[randomBelow(len(ids))])
	}
}

func (s *session) readBoard(ctx context.Context) error { return s.cafe.get(ctx, s.cafe.board()) }

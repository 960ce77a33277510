package measure

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
)

const (
	// unloadedRate is what one client does per second when a single answer's
	// latency is of interest.
	unloadedRate = 5.0
	// seedClients is how many clients place orders that are to be there.
	seedClients = 32
	// latestOrders is how many of the last orders are looked at, at least, to know that
	// nothing is under way.
	latestOrders = 64
	// lookAgain is how often something is looked at that is waited for.
	lookAgain = 50 * time.Millisecond
	// lookPatience is how long a customer asks for an order again.
	lookPatience = time.Minute
	// settlePatience is how long that may take.
	settlePatience = 15 * time.Minute
)

// shareOf is how much of the most that the system can do is asked of it with so
// many clients: room enough for latency to be that of a system in its stride.
func shareOf(clients int) float64 {
	if clients <= 32 {
		return 0.5
	}
	return 0.75
}

// rateOf returns the rate of an open loop, given the most that a closed one did.
func rateOf(clients int, most float64) float64 {
	if clients == 1 {
		return min(unloadedRate, most)
	}
	return most * shareOf(clients)
}

// compared measures what is compared with the references, and these, in turns:
// the most that can be done, and the latency with each number of clients. Without
// the orders it is the references alone.
func (s *session) compared(ctx context.Context) error {
	loads := []load{
		{name: loadEmpty, do: s.reference.empty},
		{name: loadUpdate, do: s.reference.update},
	}
	if s.wants(partOrders) {
		if err := s.profile(ctx); err != nil {
			return err
		}
		placing := s.placing()
		placing.clear = s.clear
		loads = append(loads, s.wholeOrders(), placing)
	}
	for i := range loads {
		loads[i].clients, loads[i].window = s.most(), s.entire()
	}
	most, err := s.inTurns(ctx, s.Rounds, loads...)
	if err != nil {
		return err
	}
	return s.latencies(ctx, loads, most)
}

// latencies measures the latency with each number of clients, at a share of the
// most that can be done. That of one client is compared, and measured in turns.
func (s *session) latencies(ctx context.Context, loads []load, most []Load) error {
	if !slices.Contains(s.Clients, 1) {
		s.omit("the unloaded latency, which has a goal", "1 is not among --clients")
	}
	for _, clients := range s.Clients {
		var at []load
		for i, l := range loads {
			if l.name != loadWhole {
				at = append(at, load{name: l.name, do: l.do, clients: clients, rate: rateOf(clients, most[i].PerS), window: s.window(), clear: l.clear})
			}
		}
		rounds := 1
		if clients == 1 {
			rounds = s.Rounds
		}
		if _, err := s.inTurns(ctx, rounds, at...); err != nil {
			return err
		}
	}
	return nil
}

// orders measures what an order costs beside no others, and accepting.
func (s *session) orders(ctx context.Context) error {
	if err := s.none(ctx); err != nil {
		return err
	}
	return s.accepting(ctx, s.report.find(loadPlace, true, s.most()).PerS)
}

// wholeOrders is a load of orders that are led through their whole life, with the
// pauses that people make.
func (s *session) wholeOrders() load {
	var mu sync.Mutex
	var done []string
	whole := func(ctx context.Context) error {
		o, err := s.cafe.place(ctx)
		if err != nil {
			return err
		}
		mu.Lock()
		done = append(done, o.ID)
		mu.Unlock()
		return s.cafe.finish(ctx, o.ID, 0, s.Pause)
	}
	return load{name: loadWhole, do: whole, settle: func(ctx context.Context) error { return s.settle(ctx, s.last(done)) }}
}

// placing is a load of orders that are only placed. Their texts and their place
// on the board are part of it.
func (s *session) placing() load {
	var mu sync.Mutex
	place := func(ctx context.Context) error {
		o, err := s.cafe.place(ctx)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		s.waiting = append(s.waiting, o.ID)
		return nil
	}
	return load{name: loadPlace, do: place, settle: func(ctx context.Context) error { return s.settle(ctx, s.last(s.waiting)) }}
}

// last returns the last of the orders: as many as there are clients.
func (s *session) last(ids []string) []string {
	return ids[max(0, len(ids)-max(latestOrders, s.most())):]
}

// settle waits until the orders have nothing left to do.
func (s *session) settle(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, settlePatience, errors.New("the last orders still have effects to come"))
	defer cancel()
	for _, id := range ids {
		if err := awaitCondition(ctx, func() (bool, error) { return s.isSettled(ctx, id) }); err != nil {
			return err
		}
	}
	return nil
}

// awaitCondition looks again and again until what is waited for is there.
func awaitCondition(ctx context.Context, there func() (bool, error)) error {
	for {
		if yes, err := there(); yes || err != nil {
			return err
		}
		if err := pause(ctx, lookAgain); err != nil {
			return err
		}
	}
}

// isSettled reports whether an order has ended, or has its pick-up number and no
// effect or workflow task pending.
func (s *session) isSettled(ctx context.Context, id string) (bool, error) {
	d, err := s.Temporal.DescribeWorkflowExecution(ctx, id, "")
	if err != nil || d.GetWorkflowExecutionInfo().GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return err == nil, err
	}
	if len(d.GetPendingActivities()) > 0 || d.GetPendingWorkflowTask() != nil {
		return false, nil
	}
	o, err := s.cafe.order(ctx, id)
	return err == nil && o.PickupNumber != nil, err
}

// accepting measures the latency of accepting orders that wait.
func (s *session) accepting(ctx context.Context, most float64) error {
	for _, clients := range s.Clients {
		l := load{name: loadAccept, clients: clients, rate: rateOf(clients, most), window: s.window()}
		if _, err := s.accept(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// accept measures accepting at the load's rate, and takes the orders to their
// end.
func (s *session) accept(ctx context.Context, l load) (Load, error) {
	l.rate = max(l.rate, leastRateFor(l.window))
	needed := int(l.rate*(l.window.warmUp+l.window.measured).Seconds()) + 1
	ids, err := s.fetch(ctx, needed)
	if err != nil {
		return Load{}, err
	}
	var mu sync.Mutex
	next := 0
	l.do = func(ctx context.Context) error {
		mu.Lock()
		id := ids[next]
		next++
		mu.Unlock()
		return s.cafe.act(ctx, id, "accept")
	}
	measured, err := s.measure(ctx, l)
	if err != nil {
		return measured, err
	}
	// Those that were accepted are taken to their end; the others wait on.
	s.waiting = append(s.waiting, ids[next:]...)
	return measured, s.end(ctx, ids[:next])
}

// end takes accepted orders to their end.
func (s *session) end(ctx context.Context, ids []string) error {
	return repeat(ctx, seedClients, len(ids), func(ctx context.Context, i int) error { return s.cafe.finish(ctx, ids[i], 1, 0) })
}

// clear takes all orders that wait to their end.
func (s *session) clear(ctx context.Context) error {
	ids := s.waiting
	s.waiting = nil
	return repeat(ctx, seedClients, len(ids), func(ctx context.Context, i int) error { return s.cafe.finish(ctx, ids[i], 0, 0) })
}

// fetch takes orders that wait for the store, in no order; it places what is
// missing.
func (s *session) fetch(ctx context.Context, n int) ([]string, error) {
	if _, err := s.seed(ctx, n); err != nil {
		return nil, err
	}
	for i := range n {
		other := i + randomBelow(len(s.waiting)-i)
		s.waiting[i], s.waiting[other] = s.waiting[other], s.waiting[i]
	}
	ids := append([]string(nil), s.waiting[:n]...)
	s.waiting = s.waiting[n:]
	return ids, nil
}

// seed places orders until so many wait for the store, and returns how many it
// took.
func (s *session) seed(ctx context.Context, open int) (placed int, err error) {
	missing := max(0, open-len(s.waiting))
	if missing == 0 {
		return 0, nil
	}
	var mu sync.Mutex
	told := time.Now()
	s.tell("placing %d orders, for %d to be open", missing, open)
	err = repeat(ctx, seedClients, missing, func(ctx context.Context, _ int) error {
		o, err := s.cafe.place(ctx)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			return err
		}
		s.waiting = append(s.waiting, o.ID)
		if time.Since(told) > tellEvery {
			told = time.Now()
			s.tell("    %d orders are open", len(s.waiting))
		}
		return nil
	})
	return missing, err
}

// tellEvery is how often slow things are told of.
const tellEvery = 5 * time.Second

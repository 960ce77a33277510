package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
)

// session is one run.
type session struct {
	Options
	System
	cafe      *cafe
	reference reference
	report    *Report
	// waiting are orders that are paid and wait for the store.
	waiting []string
	// open is how many orders are open, for the reports.
	open int
	// calm is what all processes use in a second while nobody orders.
	calm usage
}

// Run measures a system and returns what it has found, also when it fails on the way;
// nil when it could not begin. What is known is on disk after each load.
func Run(ctx context.Context, o Options, system System) (*Report, error) {
	s := &session{Options: o, System: system, cafe: newCafe(system), reference: reference{system.Temporal}, report: newReport()}
	s.report.Note = system.Note
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	err := s.run(ctx)
	if err != nil {
		s.omit("what comes after this", "the run ended here, with: "+strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	saved := s.report.save(o)
	if saved == nil {
		s.tell("the figures are in %s", o.Out)
	}
	return s.report, errors.Join(err, saved)
}

// begin makes sure that everything answers that is needed, and has the members who
// will order sign up.
func (s *session) begin(ctx context.Context) error {
	if _, err := s.take(); err != nil {
		return err
	}
	if _, err := s.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("the Temporal server: %w", err)
	}
	if err := s.cafe.get(ctx, s.cafe.board()); err != nil {
		return fmt.Errorf("the store's surface: %w", err)
	}
	if err := s.cafe.signUp(ctx, members); err != nil {
		return err
	}
	processes := s.Processes()
	unnamed := slices.DeleteFunc(slices.Clone(wholeSystem), func(role string) bool { return len(processes[role]) > 0 || role == "reference" })
	if len(unnamed) > 0 {
		s.omit("the ratios of processor time, and whether their goals are met", "it is known only if all are named (--pid); not so: "+strings.Join(unnamed, ", "))
	}
	return nil
}

// members is how many members order.
const members = 20

// run measures the parts. What leaves orders open comes last.
func (s *session) run(ctx context.Context) error {
	if err := s.compared(ctx); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{
		{partOrders, s.orders}, {partReads, s.reads}, {partStreams, s.streams},
		{partGrowth, s.fewOpen}, {partSiege, s.siege}, {partGrowth, s.manyOpen},
	} {
		if !s.wants(part.name) {
			s.omit(part.name, "left out by --only")
			continue
		}
		if err := part.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

func (s *session) omit(what, why string) {
	omitted := what + ": " + why
	if slices.Contains(s.report.Omitted, omitted) {
		return
	}
	s.report.Omitted = append(s.report.Omitted, omitted)
	s.tell("not measured: %s: %s", what, why)
}

// tell reports progress. A reader who has gone away needs none.
func (s *session) tell(format string, args ...any) {
	_, _ = fmt.Fprintf(s.Progress, "%6.0fs  "+format+"\n", append([]any{time.Since(s.report.At).Seconds()}, args...)...)
}

// load is what is to be measured.
type load struct {
	name    string
	clients int
	// rate is 0 for a closed loop.
	rate   float64
	window window
	do     operation
	// settle waits until what the load left to do is done; that counts too.
	settle func(context.Context) error
	// clear takes away what is left of the load before the next begins.
	clear func(context.Context) error
	// on is the session whose system the load is for; nil for the one that runs it.
	on *session
}

// measure runs a load and adds it to the report.
func (s *session) measure(ctx context.Context, l load) (Load, error) {
	results, err := s.inTurns(ctx, 1, l)
	if err != nil {
		return Load{}, err
	}
	return results[0], nil
}

// inTurns runs loads that are to be compared, one after the other in each of the
// rounds: a machine that others use too is not as fast in one minute as in the next,
// and so is as fast for each of them.
func (s *session) inTurns(ctx context.Context, rounds int, loads ...load) ([]Load, error) {
	trials := make([][]loadRound, len(loads))
	for round := range rounds {
		for i, l := range loads {
			one, err := s.try(ctx, l, round)
			if err != nil {
				return nil, err
			}
			trials[i] = append(trials[i], one)
			if l.clear != nil {
				if err := l.clear(ctx); err != nil {
					return nil, err
				}
				if err := pause(ctx, s.Rest); err != nil {
					return nil, err
				}
			}
		}
	}
	results := make([]Load, len(loads))
	for i, l := range loads {
		results[i] = s.result(l, trials[i])
		s.tell("    %s: %s", l.name, results[i].line())
	}
	s.report.Loads = append(s.report.Loads, results...)
	return results, s.report.save(s.Options)
}

// loadRound is one round of a load.
type loadRound struct {
	samples []time.Duration
	failed  int
	took    time.Duration
	used    usage
}

// try runs a load once. Only the first round warms up.
func (s *session) try(ctx context.Context, l load, round int) (loadRound, error) {
	if l.on != nil {
		s, l.on = l.on, nil
	}
	if l.rate > 0 {
		l.rate = max(l.rate, leastRateFor(l.window))
	}
	s.announce(l, round)
	if round > 0 {
		l.window.warmUp = 0
	}
	if l.window.tail {
		if err := s.prepare(ctx, &l); err != nil {
			return loadRound{}, err
		}
	}
	var takes []timestampedUsage
	var failed error
	around := func() {
		now, err := s.take()
		takes, failed = append(takes, now), errors.Join(failed, err)
	}
	var t *tally
	if l.rate == 0 {
		t = closedLoop(ctx, l.clients, l.window, l.do, around)
	} else {
		t = openLoop(ctx, l.clients, l.rate, l.window, l.do, around)
	}
	if err := errors.Join(failed, context.Cause(ctx), t.check(l.name)); err != nil {
		return loadRound{}, err
	}
	if l.window.tail {
		failed = l.settled(ctx)
		around()
		if failed != nil {
			return loadRound{}, failed
		}
	}
	from, to := takes[0], takes[len(takes)-1]
	used, _ := to.used.since(from.used)
	if l.window.tail {
		after, err := s.aftermath(ctx, to)
		if err != nil {
			return loadRound{}, err
		}
		used.add(after)
	}
	return loadRound{samples: t.samples, failed: t.failed, took: max(l.window.measured, to.at.Sub(from.at)), used: used}, nil
}

// aftermath returns what a load costs after it is done with: each task and activity
// has left a timer with the server, which looks at it when it is due, long after that
// was done. It is what is used in a rest, but for what a calm system uses.
func (s *session) aftermath(ctx context.Context, done timestampedUsage) (usage, error) {
	if err := pause(ctx, s.Rest); err != nil {
		return nil, err
	}
	now, err := s.take()
	if err != nil {
		return nil, err
	}
	used, _ := now.used.since(done.used)
	return used.above(s.calm, now.at.Sub(done.at)), nil
}

// prepare warms up for a load that is counted to its end, and has nothing of it
// left when it begins: what is measured then is all that is begun, until it is done
// with. The longer it lasts, the less its end counts.
func (s *session) prepare(ctx context.Context, l *load) error {
	if l.window.warmUp == 0 {
		return l.settled(ctx)
	}
	if err := closedLoop(ctx, l.clients, window{measured: l.window.warmUp}, l.do, func() {}).check(l.name); err != nil {
		return err
	}
	l.window.warmUp = 0
	if err := l.settled(ctx); err != nil {
		return err
	}
	if err := pause(ctx, s.Rest); err != nil {
		return err
	}
	return s.becomeCalm(ctx)
}

// becomeCalm measures what a calm system uses, unless that is known.
func (s *session) becomeCalm(ctx context.Context) (err error) {
	if s.calm == nil {
		s.calm, err = s.idle(ctx)
	}
	return err
}

func (l load) settled(ctx context.Context) error {
	if l.settle == nil {
		return nil
	}
	return l.settle(ctx)
}

// leastRateFor returns the rate at which anything is due in the window.
func leastRateFor(w window) float64 { return 2 / w.measured.Seconds() }

func (s *session) announce(l load, round int) {
	how := "as fast as answers come"
	if l.rate > 0 {
		how = fmt.Sprintf("at %.0f per second", l.rate)
	}
	beside := ""
	if s.open > 0 {
		beside = fmt.Sprintf(", beside %d open orders", s.open)
	}
	again := ""
	if round > 0 {
		again = fmt.Sprintf(", round %d", round+1)
	}
	then := ""
	if l.window.tail {
		then = fmt.Sprintf(", until all is done, and a rest of %s", s.Rest)
	}
	s.tell("%s, %d clients %s for %s%s%s%s", l.name, l.clients, how, l.window.measured, then, beside, again)
}

// result sums the rounds of a load up.
func (s *session) result(l load, trials []loadRound) Load {
	if l.on != nil {
		s = l.on
	}
	if len(trials) == 1 {
		return s.figures(l, trials[0])
	}
	all := loadRound{used: usage{}}
	rounds := make([]Load, len(trials))
	for i, t := range trials {
		rounds[i] = s.figures(l, t)
		all.samples = append(all.samples, t.samples...)
		all.failed += t.failed
		all.took += t.took
		for role, used := range t.used {
			all.used[role] += used
		}
	}
	sum := s.figures(l, all)
	sum.Rounds = rounds
	return sum
}

// figures divides what was used by what was done.
func (s *session) figures(l load, t loadRound) Load {
	r := Load{Name: l.name, Offered: l.rate, Clients: l.clients, Open: s.open, Done: len(t.samples), Failed: t.failed}
	r.Latency = latencyOf(t.samples)
	r.PerS = float64(r.Done) / t.took.Seconds()
	if len(t.used) == 0 {
		return r
	}
	r.CPU = map[string]float64{}
	for role, used := range t.used {
		r.CPU[role] = milliseconds(used) / float64(r.Done)
		if role != clientsRole {
			r.AllCPU += r.CPU[role]
		}
	}
	return r
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
)

// Controller takes processes of the system away and brings them back.
type Controller interface {
	// Stop ends the processes of a role as a deployment does.
	Stop(ctx context.Context, role string) error
	// Start runs them again, returns once they serve, and says where that is: the
	// URL, empty for a worker.
	Start(ctx context.Context, role string) (url string, err error)
}

// System is the running system that is measured.
type System struct {
	Temporal client.Client
	// Processes returns what is accounted for. The reference's worker must be
	// there as "reference".
	Processes func() Processes
	// Control is nil when nothing may be restarted.
	Control Controller
	// Progress is told how far the run is.
	Progress io.Writer
	// Note says what the system is, for the report.
	Note string
}

// clientsRole is what the processor time of this process is accounted to: the
// clients of all loads. It is in no sum.
const clientsRole = "load generator"

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
}

// Run measures a system and returns what it has found. What is known is on disk
// after each load, also when the run fails later.
func Run(ctx context.Context, o Options, system System) (*Report, error) {
	s := &session{Options: o, System: system, cafe: newCafe(o), reference: reference{system.Temporal}, report: newReport()}
	s.report.Note = system.Note
	if err := s.cafe.signUp(ctx, members); err != nil {
		return nil, err
	}
	err := s.run(ctx)
	return s.report, errors.Join(err, s.report.save(o))
}

// members is how many members order.
const members = 20

// run measures the parts. What leaves orders open comes last.
func (s *session) run(ctx context.Context) error {
	if err := s.references(ctx); err != nil {
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
	s.report.Omitted = append(s.report.Omitted, what+": "+why)
	s.tell("%s is left out: %s", what, why)
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
}

// measure runs a load and adds it to the report.
func (s *session) measure(ctx context.Context, l load) (Load, error) {
	if l.rate > 0 {
		l.rate = max(l.rate, leastRateFor(l.window))
	}
	s.announce(l)
	if l.settle != nil {
		if err := s.prepare(ctx, &l); err != nil {
			return Load{}, err
		}
	}
	var takes []take
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
	if l.settle != nil && ctx.Err() == nil {
		failed = errors.Join(failed, l.settle(ctx))
		around()
	}
	if err := errors.Join(failed, context.Cause(ctx), t.check(l.name)); err != nil {
		return Load{}, err
	}
	result := s.result(l, t, takes[0], takes[len(takes)-1])
	s.report.Loads = append(s.report.Loads, result)
	s.tell("    %s", result.line())
	return result, s.report.save(s.Options)
}

// prepare warms up for a load that leaves work behind, and has none of it left
// when the load begins: what is measured then is all that is placed, until it is
// done with. The longer it lasts, the less its end counts.
func (s *session) prepare(ctx context.Context, l *load) error {
	warm := closedLoop(ctx, l.clients, window{measured: l.window.warmUp}, l.do, func() {})
	l.window = window{measured: 2 * l.window.measured, tail: true}
	return errors.Join(warm.check(l.name), l.settle(ctx))
}

// leastRateFor returns the rate at which anything is due in the window.
func leastRateFor(w window) float64 { return 2 / w.measured.Seconds() }

func (s *session) announce(l load) {
	how := "as fast as answers come"
	if l.rate > 0 {
		how = fmt.Sprintf("at %.0f per second", l.rate)
	}
	beside := ""
	if s.open > 0 {
		beside = fmt.Sprintf(", beside %d open orders", s.open)
	}
	s.tell("%s, %d clients %s for %s%s", l.name, l.clients, how, l.window.measured, beside)
}

// take is a look at the clock and at the processor time.
type take struct {
	at   time.Time
	used usage
}

func (s *session) take() (take, error) {
	now := take{at: time.Now()}
	processes := s.Processes()
	if len(processes) == 0 {
		return now, nil
	}
	var err error
	if now.used, err = processes.usage(); err != nil {
		return now, err
	}
	now.used[clientsRole], err = ownTime()
	return now, err
}

// ownTime returns the processor time of this process.
func ownTime() (time.Duration, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0, fmt.Errorf("the processor time of the clients: %w", err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), nil
}

// result divides what was used by what was done.
func (s *session) result(l load, t *tally, from, to take) Load {
	r := Load{Name: l.name, Offered: l.rate, Clients: l.clients, Open: s.open, Done: len(t.samples), Failed: t.failed}
	r.Latency = latencyOf(t.samples)
	r.PerS = float64(r.Done) / max(l.window.measured, to.at.Sub(from.at)).Seconds()
	by, all := to.used.since(from.used)
	if len(by) == 0 {
		return r
	}
	r.CPU = map[string]float64{}
	for role := range by {
		r.CPU[role] = milliseconds(by[role]) / float64(r.Done)
	}
	r.AllCPU = milliseconds(all-by[clientsRole]) / float64(r.Done)
	return r
}

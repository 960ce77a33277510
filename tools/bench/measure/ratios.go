package measure

import (
	"fmt"
	"math"
)

// The names of the loads.
const (
	loadEmpty  = "empty workflow"
	loadUpdate = "update-with-start, one activity"
	loadWhole  = "whole order"
	loadAlone  = "whole order, on a system without open orders"

	loadUpdateAlone = "update-with-start, one activity, on a system without open orders"
	loadPlace       = "placing"
	loadAccept      = "accepting"
	loadTrack       = "GET /orders/{id}"
	loadMenu        = "GET /menu"
	loadBoard       = "the board"

	// What is added to the name of a read.
	unloaded = ", unloaded"
	onePage  = ", with one page of open orders"
)

// The goals, against the update-with-start with one activity.
const (
	mostCPU     = 4.0
	leastRate   = 0.5
	mostLatency = 1.5
	// flatGrowth is how much the cost of an order may grow with the open ones.
	flatGrowth = 1.15
)

// compare computes the ratios of what is there so far.
func (r *Report) compare(o Options) {
	most := o.most()
	r.Ratios = nil
	empty, update := r.find(loadEmpty, true, most), r.find(loadUpdate, true, most)
	whole, placing := r.find(loadWhole, true, most), r.find(loadPlace, true, most)
	r.ratio("CPU: update-with-start / empty workflow", update, empty, allCPU)
	r.goal("CPU: whole order / update-with-start", whole, update, allCPU, "at most 4", func(v float64) bool { return v <= mostCPU })
	r.ratio("CPU of all but PostgreSQL, which the reference has no part for: whole order / update-with-start", whole, update,
		func(l Load) float64 { return allCPU(l) - l.CPU["postgres"] })
	r.ratio("CPU of server and worker alone: whole order / update-with-start", whole, update,
		func(l Load) float64 { return cpuOf(l, "server", "worker", "reference") })
	r.ratio("CPU: whole order / empty workflow", whole, empty, allCPU)
	r.ratio("rate: whole orders / update-with-start", whole, update, perS)
	r.ratio("rate: whole orders / empty workflows", whole, empty, perS)
	r.ratio("CPU: placing, with text and board / update-with-start", placing, update, allCPU)
	r.goal("rate: placing, with text and board / update-with-start", placing, update, perS, "at least 0.5",
		func(v float64) bool { return v >= leastRate })
	r.goal("unloaded latency (p50): placing / update-with-start", r.at(1, loadPlace), r.at(1, loadUpdate), p50,
		"at most 1.5", func(v float64) bool { return v <= mostLatency })
	for _, clients := range o.Clients {
		reference := r.at(clients, loadUpdate)
		if clients > 1 {
			r.ratio(fmt.Sprintf("latency (p50), %d clients: placing / update-with-start", clients), r.at(clients, loadPlace), reference, p50)
		}
		r.ratio(fmt.Sprintf("latency (p50), %d clients: accepting / update-with-start", clients), r.at(clients, loadAccept), reference, p50)
	}
	r.compareReads(update, r.at(1, loadUpdate))
	r.compareGrowth()
	if c := r.Recovery; c != nil {
		r.add(&Ratio{Name: "recovery: CPU of a command that waited for the worker / of one that did not", Value: c.Each / c.Ordinary}, "", nil)
	}
	if s := r.Streams; s != nil {
		r.compareStreams(s, update, r.at(1, loadUpdate))
	}
	if s := r.Siege; s != nil {
		r.compareSiege(s, r.find(loadUpdate, true, siegeClients))
	}
}

func (r *Report) compareStreams(s *Streams, update, atLeisure *Load) {
	if update != nil {
		each := s.CPU / float64(s.Open)
		r.add(&Ratio{Name: "CPU of api: an event stream for a second / update-with-start, in other minutes", Value: each / allCPU(*update)}, "", nil)
	}
	r.ratio("from sending a command to its event (p50) / update-with-start, in other minutes", &Load{Latency: s.Delay}, atLeisure, p50)
}

// compareSiege divides by what as many clients got that did not pause either.
func (r *Report) compareSiege(s *Siege, update *Load) {
	of := &Load{PerS: s.PerS, Latency: Latency{Mean: s.Mean}}
	r.ratio("rate: siege's orders / update-with-start, in other minutes", of, update, perS)
	r.ratio("latency (mean): siege's orders / update-with-start, both without a pause, in other minutes", of, update,
		func(l Load) float64 { return l.Latency.Mean })
	met := s.Failed == 0 && s.Transactions > 0
	r.Ratios = append(r.Ratios, Ratio{
		Name: "siege: orders that were placed / that were tried", Value: s.Availability / 100, Goal: "all", Met: &met,
	})
}

// wholeSystem are the roles that have to be accounted for, for the processor time of
// the whole system to be known.
var wholeSystem = []string{"server", "worker", "api", "store", "postgres", "reference"}

// allCPU is the processor time of the whole system. It is no number, and in no
// ratio, when a part of the system was not accounted for.
func allCPU(l Load) float64 {
	if math.IsNaN(cpuOf(l, wholeSystem...)) {
		return math.NaN()
	}
	return l.AllCPU
}

// cpuOf is the processor time of some of the roles; no number when one of them was not
// accounted for.
func cpuOf(l Load, roles ...string) (sum float64) {
	for _, role := range roles {
		used, accounted := l.CPU[role]
		if !accounted {
			return math.NaN()
		}
		sum += used
	}
	return sum
}

func perS(l Load) float64 { return l.PerS }
func p50(l Load) float64  { return l.Latency.P50 }

// at returns the open loop of so many clients beside no open orders.
func (r *Report) at(clients int, name string) *Load { return r.find(name, false, clients) }

// compareReads divides what is read by what Temporal does at least for one answer.
func (r *Report) compareReads(update, atLeisure *Load) {
	anyOf := func(Load) bool { return true } // however many orders were open
	for _, name := range []string{loadTrack, loadMenu, loadBoard} {
		r.ratio(fmt.Sprintf("CPU: %s / update-with-start, in other minutes", name), r.first(name, true, anyOf), update, allCPU)
		r.ratio(fmt.Sprintf("unloaded latency (p50): %s / update-with-start, in other minutes", name), r.first(name, false, anyOf), atLeisure, p50)
	}
}

func (r *Report) compareGrowth() {
	isFlat := func(v float64) bool { return v <= flatGrowth }
	const goal = "at most 1.15"
	for _, g := range r.Growth {
		r.add(g.Beside, "", nil) // a new system is younger too
		r.add(g.ByReference, goal, isFlat)
		r.add(g.BoardBeside, goal, isFlat)
		r.add(g.TrackingBeside, goal, isFlat)
	}
	if len(r.Growth) < 2 {
		return
	}
	first, last := r.Growth[0], r.Growth[len(r.Growth)-1]
	inOtherMinutes := func(what string, most, none float64, goal string, met func(float64) bool) {
		name := fmt.Sprintf("growth: %s, %d open orders / %d, in other minutes", what, last.Open, first.Open)
		r.add(&Ratio{Name: name, Value: most / none}, goal, met)
	}
	inOtherMinutes("CPU of a whole order", last.CPU, first.CPU, "", nil)
	inOtherMinutes("the same by the update-with-start beside each", last.CPU/last.Reference, first.CPU/first.Reference, goal, isFlat)
	inOtherMinutes("tracking's latency", last.Tracking, first.Tracking, "", nil)
	for _, role := range restarted {
		inOtherMinutes("start-up of "+role, last.StartUp[role], first.StartUp[role], goal, isFlat)
	}
}

func (r *Report) ratio(name string, of, to *Load, value func(Load) float64) {
	r.goal(name, of, to, value, "", nil)
}

// goal adds the ratio of two loads that were measured in turns, with the least and
// the most of it that there was in a round.
func (r *Report) goal(name string, of, to *Load, value func(Load) float64, goal string, met func(float64) bool) {
	if of == nil || to == nil {
		return
	}
	r.add(ratioOf(name, *of, *to, value), goal, met)
}

// ratioOf returns the ratio of two loads that were measured in turns; nil when they
// cannot be divided.
func ratioOf(name string, of, to Load, value func(Load) float64) *Ratio {
	ratio := &Ratio{Name: name, Value: value(of) / value(to)}
	if !isQuotient(ratio.Value) {
		return nil
	}
	for i := range min(len(of.Rounds), len(to.Rounds)) {
		v := value(of.Rounds[i]) / value(to.Rounds[i])
		if i == 0 {
			ratio.Least = v
		}
		ratio.Least, ratio.Most = min(ratio.Least, v), max(ratio.Most, v)
	}
	if !isQuotient(ratio.Most) {
		ratio.Least, ratio.Most = 0, 0
	}
	return ratio
}

// relative returns a load whose processor time is a multiple of another's, round by
// round.
func relative(l, to Load) Load {
	by := Load{AllCPU: allCPU(l) / allCPU(to)}
	for i := range min(len(l.Rounds), len(to.Rounds)) {
		by.Rounds = append(by.Rounds, Load{AllCPU: allCPU(l.Rounds[i]) / allCPU(to.Rounds[i])})
	}
	return by
}

// isQuotient reports whether a quotient means anything: what is 0 was not measured.
func isQuotient(v float64) bool { return v > 0 && !math.IsInf(v, 0) }

// add adds a ratio, unless it was not measured.
func (r *Report) add(ratio *Ratio, goal string, met func(float64) bool) {
	if ratio == nil || !isQuotient(ratio.Value) {
		return
	}
	judged := *ratio
	if judged.Goal = goal; met != nil {
		isMet := met(ratio.Value)
		judged.Met = &isMet
	}
	r.Ratios = append(r.Ratios, judged)
}

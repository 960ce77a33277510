package bench

// The names of the loads.
const (
	loadEmpty  = "empty workflow"
	loadUpdate = "update-with-start, one activity"
	loadWhole  = "whole order"
	loadPlace  = "placing"
	loadAccept = "accepting"
	loadTrack  = "GET /orders/{id}"
	loadMenu   = "GET /menu"
	loadBoard  = "the board"
)

// The goals, against the update-with-start with one activity.
const (
	mostCPU     = 4.0
	leastRate   = 0.5
	mostLatency = 1.5
	// flat is how much the cost of an order may grow with the open ones.
	flat = 1.15
)

// compare computes the ratios of what is there so far.
func (r *Report) compare(most int) {
	r.Ratios = nil
	empty, update := r.find(loadEmpty, true, most), r.find(loadUpdate, true, most)
	whole, placing := r.find(loadWhole, true, most), r.find(loadPlace, true, most)
	if empty != nil && update != nil {
		r.ratio("CPU: update-with-start / empty workflow", update.AllCPU, empty.AllCPU)
	}
	if whole != nil && update != nil {
		r.goal("CPU: whole order / update-with-start", whole.AllCPU, update.AllCPU, "at most 4", func(v float64) bool { return v <= mostCPU })
		r.ratio("CPU of server and worker alone: whole order / update-with-start",
			whole.CPU["server"]+whole.CPU["worker"], update.CPU["server"]+update.CPU["worker"])
		r.ratio("rate: whole orders / update-with-start", whole.PerS, update.PerS)
	}
	if placing != nil && update != nil {
		r.ratio("CPU: placing, with text and board / update-with-start", placing.AllCPU, update.AllCPU)
		r.goal("rate: placing, with text and board / update-with-start", placing.PerS, update.PerS, "at least 0.5",
			func(v float64) bool { return v >= leastRate })
	}
	alone, referenceAlone := r.unloaded(loadPlace), r.unloaded(loadUpdate)
	if alone != nil && referenceAlone != nil {
		r.goal("unloaded latency (p50): placing / update-with-start", alone.Latency.P50, referenceAlone.Latency.P50, "at most 1.5",
			func(v float64) bool { return v <= mostLatency })
	}
	r.compareGrowth()
}

// unloaded returns the load of one client beside no open orders.
func (r *Report) unloaded(name string) *Load { return r.find(name, false, 1) }

func (r *Report) compareGrowth() {
	if len(r.Growth) < 2 {
		return
	}
	first, last := r.Growth[0], r.Growth[len(r.Growth)-1]
	isFlat := func(v float64) bool { return v <= flat }
	const goal = "at most 1.15"
	r.goal("growth: CPU of a whole order, most open orders / none", last.CPU, first.CPU, goal, isFlat)
	r.goal("growth: the board's latency, most open orders / fewest", last.Board, r.Growth[1].Board, goal, isFlat)
	r.goal("growth: tracking's latency, most open orders / none", last.Tracking, first.Tracking, goal, isFlat)
}

func (r *Report) ratio(name string, of, to float64) { r.goal(name, of, to, "", nil) }

// goal adds a ratio; what cannot be divided was not measured.
func (r *Report) goal(name string, of, to float64, goal string, met func(float64) bool) {
	if of > 0 && to > 0 {
		r.Ratios = append(r.Ratios, Ratio{Name: name, Value: of / to, Goal: goal, Met: met != nil && met(of/to)})
	}
}

package measure

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Report is what a run has found out. Times are in milliseconds, memory in KiB.
type Report struct {
	At       time.Time `json:"at"`
	Machine  string    `json:"machine"`
	Note     string    `json:"note,omitempty"`
	Took     float64   `json:"took_s"`
	Loads    []Load    `json:"loads"`
	Ratios   []Ratio   `json:"ratios"`
	Growth   []Growth  `json:"growth,omitempty"`
	Recovery *Recovery `json:"recovery,omitempty"`
	Streams  *Streams  `json:"streams,omitempty"`
	Siege    *Siege    `json:"siege,omitempty"`
	// Omitted says what was not measured, and why.
	Omitted []string `json:"omitted,omitempty"`
}

// Load is one load, and what came of it.
type Load struct {
	Name string `json:"name"`
	// Offered is the rate per second of an open loop; 0 for a closed one, which
	// does as much as it can.
	Offered float64 `json:"offered_per_s,omitempty"`
	Clients int     `json:"clients"`
	// Open is how many orders were open beside it.
	Open    int     `json:"open_orders"`
	Done    int     `json:"done"`
	Failed  int     `json:"failed"`
	PerS    float64 `json:"per_s"`
	Latency Latency `json:"latency"`
	// CPU is the processor time of one operation, by process.
	CPU map[string]float64 `json:"cpu_ms,omitempty"`
	// AllCPU is the sum, without the clients' own.
	AllCPU float64 `json:"cpu_ms_all,omitempty"`
	// Rounds are what it is the sum of; empty for a single one.
	Rounds []Load `json:"rounds,omitempty"`
}

// closed reports that the load did as much as it could.
func (l Load) closed() bool { return l.Offered == 0 }

// Ratio compares a load with a reference.
type Ratio struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// Least and Most are of the rounds; zero when there was one.
	Least float64 `json:"least,omitempty"`
	Most  float64 `json:"most,omitempty"`
	// Goal is a sentence, empty for none.
	Goal string `json:"goal,omitempty"`
	// Met is nil where there is no goal.
	Met *bool `json:"met,omitempty"`
}

// Growth is what things cost with a number of open orders.
type Growth struct {
	Open int `json:"open_orders"`
	// Seeded is how many had to be placed for it, and Seeding how long that took.
	Seeded  int     `json:"seeded"`
	Seeding float64 `json:"seeding_s"`
	// Reference is the processor time of an update-with-start in the same minutes.
	Reference float64 `json:"reference_cpu_ms"`
	// Beside is the processor time of a whole order by that on a system without open
	// orders, in turns; nil where there is none to compare with.
	Beside *Ratio `json:"beside_none,omitempty"`
	// ByReference is the same, each divided by the reference on the same system.
	ByReference *Ratio `json:"beside_none_by_reference,omitempty"`
	// BoardBeside and TrackingBeside are the latencies by those on a system with one
	// page of open orders, in turns; nil where there is none to compare with.
	BoardBeside    *Ratio `json:"board_beside_one_page,omitempty"`
	TrackingBeside *Ratio `json:"tracking_beside_one_page,omitempty"`
	// CPU and PerS are of whole orders.
	CPU      float64 `json:"cpu_ms"`
	PerS     float64 `json:"per_s"`
	Placing  float64 `json:"placing_p50_ms"`
	Board    float64 `json:"board_p50_ms"`
	Tracking float64 `json:"tracking_p50_ms"`
	// StartUp is how long each process took from its start until it served, as a median.
	StartUp map[string]float64 `json:"start_up_ms,omitempty"`
	// Idle is the processor time per second of all processes while nobody orders.
	Idle float64 `json:"idle_cpu_ms_per_s"`
}

// Recovery is what happened when a worker came back to open orders.
type Recovery struct {
	Open int `json:"open_orders"`
	// Overdue is how many of them had been accepted by signal while it was away.
	Overdue int `json:"overdue"`
	// First is from the worker's start until a new order was paid, beside those.
	First float64 `json:"first_order_ms"`
	// CaughtUp is from the worker's start until they were accepted and their texts sent.
	CaughtUp float64 `json:"caught_up_s"`
	// Each is the processor time of all processes for one of them, the worker's start
	// included; Ordinary is that of one while the worker was there.
	Each     float64 `json:"cpu_ms_each"`
	Ordinary float64 `json:"cpu_ms_ordinary"`
	// Before and After are the processor time per second of all processes while nobody
	// orders, before it left and when all was done.
	Before float64 `json:"cpu_before_ms_per_s"`
	After  float64 `json:"cpu_after_ms_per_s"`
	// Accepting is of the orders that had waited.
	Accepting Load `json:"accepting"`
}

// Streams is what event streams cost.
type Streams struct {
	Open int `json:"open"`
	// Opening is how long it took to open all.
	Opening float64 `json:"opening_s"`
	// Memory is of one stream, CPU per second of all of them.
	Memory float64 `json:"memory_kib_each"`
	CPU    float64 `json:"cpu_ms_per_s"`
	// Delay is from sending the command to its event, at every stream of the order.
	Delay Latency `json:"command_to_event"`
	// Missed is how many streams were never told.
	Missed int `json:"missed"`
}

// Siege is what siege has reported of its 100 clients.
type Siege struct {
	// By says who placed the orders.
	By           string  `json:"by"`
	Seconds      float64 `json:"seconds"`
	Transactions int     `json:"transactions"`
	Failed       int     `json:"failed"`
	Availability float64 `json:"availability_percent"`
	PerS         float64 `json:"per_s"`
	Mean         float64 `json:"mean_ms"`
	Longest      float64 `json:"longest_ms"`
}

func newReport() *Report {
	return &Report{
		At:      time.Now().UTC().Truncate(time.Second),
		Machine: fmt.Sprintf("%d processors, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version()),
	}
}

// find returns a load beside no open orders, or nil.
func (r *Report) find(name string, closed bool, clients int) *Load {
	return r.first(name, closed, func(l Load) bool { return l.Clients == clients && l.Open == 0 })
}

// first returns the first load of a name that is as wanted, or nil.
func (r *Report) first(name string, closed bool, wanted func(Load) bool) *Load {
	for i := range r.Loads {
		if l := &r.Loads[i]; l.Name == name && l.closed() == closed && wanted(*l) {
			return l
		}
	}
	return nil
}

// save writes everything that is known so far.
func (r *Report) save(o Options) error {
	r.Took = time.Since(r.At).Seconds()
	r.compare(o)
	figures, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.Out, 0o750); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	files := map[string]string{"figures.json": string(figures) + "\n", "figures.md": r.Markdown()}
	for name, plot := range r.plots() {
		files[name] = plot
	}
	for name, text := range files {
		path := filepath.Join(o.Out, name)
		if text == "" { // what an earlier run has left is not this run's
			if removed := os.Remove(path); !errors.Is(removed, fs.ErrNotExist) {
				err = errors.Join(err, removed)
			}
			continue
		}
		err = errors.Join(err, replace(path, text))
	}
	if o.Document != "" {
		err = errors.Join(err, writeBetween(o.Document, r.Markdown()))
	}
	return err
}

// replace writes a file that is there as a whole, or as it was.
func replace(path, text string) error {
	next := path + ".next"
	if err := os.WriteFile(next, []byte(text), 0o644); err != nil { //nolint:gosec // figures are for everybody to read, where the flag says
		return err
	}
	return os.Rename(next, path)
}

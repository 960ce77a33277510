package measure

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// The parts of a run.
const (
	partOrders  = "orders"
	partReads   = "reads"
	partStreams = "streams"
	partSiege   = "siege"
	partGrowth  = "growth"
)

// Options say what is measured, and for how long. The tags are kong's.
type Options struct {
	Only    []string      `placeholder:"PART" help:"Parts to measure: orders, reads, streams, siege, growth (default all). The references are always measured."`
	Measure time.Duration `default:"10s" placeholder:"DURATION" help:"How long each load is measured, after a warm-up before its first round (default ${default})."`
	Rounds  int           `default:"4" placeholder:"N" help:"In how many rounds loads that are compared take turns (default ${default})."`
	Rest    time.Duration `default:"11s" placeholder:"DURATION" help:"How long nothing happens after a load whose processor time is compared, for the server's timers of what it did (default ${default})."`
	Clients []int         `default:"1,32,100" placeholder:"N" help:"Clients whose latency is measured (default ${default}); the most of them find the most that the system can do."`
	Pause   time.Duration `default:"300ms" placeholder:"DURATION" help:"The pause between the commands of a whole order (default ${default})."`
	Growth  []int         `default:"1000,10000,50000" placeholder:"N" help:"Numbers of open orders to measure at (default ${default}); 50000 takes an hour."`
	Streams int           `default:"5000" placeholder:"N" help:"Concurrent event streams (default ${default})."`
	Quiet   time.Duration `default:"30s" placeholder:"DURATION" help:"How long nothing happens on the streams while their cost is measured: two heartbeats (default ${default})."`
	Siege   time.Duration `default:"120s" placeholder:"DURATION" help:"How long siege places orders with 100 clients (default ${default})."`

	Out      string `default:"bench-figures" placeholder:"FOLDER" help:"Folder for figures.json, figures.md, the plots and the profiles (default ${default})."`
	Document string `placeholder:"FILE" help:"A document to write the tables into, between its lines <!-- bench:begin --> and <!-- bench:end -->."`
}

// Validate checks the options.
func (o Options) Validate() error {
	var failed error
	wrong := func(format string, args ...any) { failed = errors.Join(failed, fmt.Errorf(format, args...)) }
	if o.Measure <= 0 || o.Quiet <= 0 || o.Pause < 0 || o.Rest < 0 || o.Streams < 0 {
		wrong("--measure and --quiet must be above zero, and --pause, --rest and --streams not below")
	}
	if o.Siege != 0 && o.Siege < time.Second {
		wrong("--siege must be a second at least, which siege counts in, or 0 for none")
	}
	if o.Rounds < 1 {
		wrong("--rounds must be above zero")
	}
	if len(o.Clients) == 0 || slices.Min(o.Clients) < 1 || (len(o.Growth) > 0 && slices.Min(o.Growth) < 1) {
		wrong("--clients and --growth want numbers above zero")
	}
	for _, part := range o.Only {
		if !slices.Contains([]string{partOrders, partReads, partStreams, partSiege, partGrowth}, part) {
			wrong("--only %s is unknown", part)
		}
	}
	return failed
}

func (o Options) wants(part string) bool { return len(o.Only) == 0 || slices.Contains(o.Only, part) }

// most is the number of clients that finds the most that the system can do.
func (o Options) most() int { return slices.Max(o.Clients) }

func (o Options) window() window { return window{warmUp: o.Measure / 3, measured: o.Measure} }

// entire is for what is counted from nothing under way until nothing is. With many
// clients an order takes longer than a third of the time: its warm-up is longer.
func (o Options) entire() window {
	return window{warmUp: o.Measure, measured: o.Measure, tail: true}
}

// briefly is for loads that are alike and many.
func (o Options) briefly() window { return window{warmUp: o.Measure / 6, measured: o.Measure / 2} }

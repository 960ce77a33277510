package main

import (
	"io"
	"log/slog"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	sdklog "go.temporal.io/sdk/log"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/test/consistency"
)

// quiet keeps the client's complaints out of the report.
var quiet = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))

// shown is how many findings are printed in full.
const shown = 20

// report is what a run has come to.
type report struct {
	orders, unknown, injected int
	faults                    map[string]int
	findings                  []audit.Difference
	failures                  []error
	slowest                   time.Duration
	mended                    time.Time
}

func newReport(t *traffic, result consistency.Result) report {
	r := report{orders: len(result.Facts), unknown: t.unknown(), findings: result.Wrong, failures: t.failures}
	for _, l := range t.lives {
		r.slowest = max(r.slowest, l.Slowest)
		if ended := result.Ended[l.ID]; l.ID != "" && !ended.IsZero() {
			r.slowest = max(r.slowest, ended.Sub(l.LastStep))
		}
	}
	return r
}

func (r report) clean() bool { return len(r.findings) == 0 && len(r.failures) == 0 }

func (r report) count(kinds ...audit.Kind) (n int) {
	for _, f := range r.findings {
		if slices.Contains(kinds, f.Kind) {
			n++
		}
	}
	return n
}

func (r report) print(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	crossed := r.count(consistency.WrongStore, consistency.NumberTwice, consistency.SalesDiffer, consistency.OthersText)
	named := crossed + r.count(audit.Lost, audit.DoubleCharged, audit.Unrefunded, audit.DuplicatedText)
	say(table, "\norders\t%d\t%d of them unknown to their customers, who gave no key", r.orders, r.unknown)
	say(table, "faults injected\t%d\t", r.injected)
	for _, name := range slices.Sorted(maps.Keys(r.faults)) {
		say(table, "  %s\t%d\t", name, r.faults[name])
	}
	say(table, "lost\t%d\t", r.count(audit.Lost))
	say(table, "double-charged\t%d\t", r.count(audit.DoubleCharged))
	say(table, "unrefunded\t%d\t", r.count(audit.Unrefunded))
	say(table, "duplicated texts\t%d\t", r.count(audit.DuplicatedText))
	say(table, "crossed between stores\t%d\t", crossed)
	say(table, "other differences\t%d\t", len(r.findings)-named)
	say(table, "wrong answers\t%d\t", len(r.failures))
	say(table, "slowest recovery\t%.1f s\tof any step, or of what followed from an order's last one", r.slowest.Seconds())
	_ = table.Flush()
	for _, f := range r.findings[:min(shown, len(r.findings))] {
		say(out, "! %s: %s: %s", f.OrderID, f.Kind, f.Detail)
	}
	for _, err := range r.failures[:min(shown, len(r.failures))] {
		say(out, "! %v", err)
	}
}

package measure

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The lines of a document between which the tables go.
const (
	markerBegin = "<!-- bench:begin -->"
	markerEnd   = "<!-- bench:end -->"
)

// line is a load for those who watch.
func (l Load) line() string {
	text := fmt.Sprintf("%.1f per second, p50 %.1f ms, p99 %.1f ms", l.PerS, l.Latency.P50, l.Latency.P99)
	if l.CPU != nil {
		text += fmt.Sprintf(", %.2f ms of CPU each", l.AllCPU)
	}
	if l.Failed > 0 {
		text += fmt.Sprintf(", %d FAILED", l.Failed)
	}
	return text
}

// writeBetween replaces what is between the markers of a document.
func writeBetween(path, text string) error {
	document, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--document: %w", err)
	}
	before, rest, begins := strings.Cut(string(document), markerBegin)
	_, after, ends := strings.Cut(rest, markerEnd)
	if !begins || !ends {
		return fmt.Errorf("--document %s has no lines %s and %s", path, markerBegin, markerEnd)
	}
	return replace(path, before+markerBegin+"\n\n"+text+"\n"+markerEnd+after)
}

// Print prints the tables, if there is anything in them: a run that has ended early
// shows what it has found.
func (r *Report) Print(to io.Writer) error {
	if r == nil || len(r.Loads) == 0 {
		return nil
	}
	_, err := io.WriteString(to, r.Markdown())
	return err
}

// Markdown returns the tables.
func (r *Report) Markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "Measured %s on %s", r.At.Format("2006-01-02 15:04 UTC"), r.Machine)
	if r.Note != "" {
		fmt.Fprintf(&text, ", %s", r.Note)
	}
	fmt.Fprintf(&text, "; in %s.\n", (time.Duration(r.Took) * time.Second).String())
	r.ratioTable(&text)
	r.loadTable(&text, "The most that can be done, with as many clients as bring the most", true)
	r.loadTable(&text, "Latency at a given rate, from when each was due", false)
	r.growthTable(&text)
	r.recoveryText(&text)
	r.streamText(&text)
	r.siegeText(&text)
	for _, omitted := range r.Omitted {
		fmt.Fprintf(&text, "\nNot measured: %s.\n", omitted)
	}
	return text.String()
}

// table writes a heading and a table.
func table(text *strings.Builder, heading string, columns []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	if heading != "" {
		fmt.Fprintf(text, "\n%s:\n", heading)
	}
	rule := strings.Repeat("| --- ", len(columns))
	fmt.Fprintf(text, "\n| %s |\n%s|\n", strings.Join(columns, " | "), rule)
	for _, row := range rows {
		fmt.Fprintf(text, "| %s |\n", strings.Join(row, " | "))
	}
}

func (r *Report) ratioTable(text *strings.Builder) {
	rows := make([][]string, len(r.Ratios))
	for i, ratio := range r.Ratios {
		verdict := ratio.Goal
		switch {
		case ratio.Met == nil:
			verdict = "-"
		case !*ratio.Met:
			verdict += ": missed"
		}
		rounds := "-"
		if ratio.Most > 0 {
			rounds = fmt.Sprintf("%.2f to %.2f", ratio.Least, ratio.Most)
		}
		rows[i] = []string{ratio.Name, formatRatio(ratio.Value), rounds, verdict}
	}
	table(text, "Ratios to the references", []string{"what", "ratio", "in the rounds", "goal"}, rows)
}

// formatRatio shows a ratio to two digits that say something.
func formatRatio(v float64) string {
	digits := 2
	if v > 0 && v < 0.1 {
		digits = 1 - int(math.Floor(math.Log10(v)))
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

func (r *Report) loadTable(text *strings.Builder, heading string, closed bool) {
	roles := r.roles()
	columns := []string{"what", "clients", "open orders", "per second", "p50 ms", "p99 ms", "max ms", "failed"}
	if closed {
		columns = append(columns, "CPU ms each")
		columns = append(columns, roles...)
	}
	var rows [][]string
	for _, l := range r.Loads {
		if l.closed() != closed {
			continue
		}
		row := []string{
			l.Name, fmt.Sprint(l.Clients), fmt.Sprint(l.Open), fmt.Sprintf("%.1f", l.PerS),
			fmt.Sprintf("%.1f", l.Latency.P50), fmt.Sprintf("%.1f", l.Latency.P99), fmt.Sprintf("%.1f", l.Latency.Max), fmt.Sprint(l.Failed),
		}
		if closed {
			row = append(row, orDash(l.AllCPU, l.CPU != nil))
			for _, role := range roles {
				used, accounted := l.CPU[role]
				row = append(row, orDash(used, accounted))
			}
		}
		rows = append(rows, row)
	}
	table(text, heading, columns, rows)
}

// orDash shows a figure, if it was measured.
func orDash(value float64, measured bool) string {
	if !measured {
		return "-"
	}
	return fmt.Sprintf("%.2f", value)
}

// roles lists what processor time is accounted to, in the order of the alphabet.
func (r *Report) roles() []string {
	all := map[string]bool{}
	for _, l := range r.Loads {
		for role := range l.CPU {
			all[role] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (r *Report) growthTable(text *strings.Builder) {
	rows := make([][]string, len(r.Growth))
	for i, g := range r.Growth {
		seeded := "-"
		if g.Seeded > 0 {
			seeded = fmt.Sprintf("%d in %.0f s", g.Seeded, g.Seeding)
		}
		rows[i] = []string{
			fmt.Sprint(g.Open), seeded, orDash(g.CPU, g.CPU > 0), orDash(g.Reference, g.Reference > 0), g.Beside.text(), g.ByReference.text(), fmt.Sprintf("%.1f", g.PerS), fmt.Sprintf("%.1f", g.Placing),
			fmt.Sprintf("%.1f", g.Board), fmt.Sprintf("%.1f", g.Tracking), fmt.Sprintf("%.1f", g.Idle),
			fmt.Sprintf("%.0f / %.0f / %.0f", g.StartUp["api"], g.StartUp["store"], g.StartUp["worker"]),
		}
	}
	table(text, "Growth (latencies are p50, unloaded)", []string{
		"open orders", "placed for it", "CPU ms per whole order", "of the reference", "whole order by that beside none, in turns", "each by its reference", "whole orders per second", "placing ms", "board ms",
		"tracking ms", "idle CPU ms/s", "start-up ms: api / store / worker",
	}, rows)
}

// text shows a ratio, with the least and the most of its rounds.
func (r *Ratio) text() string {
	switch {
	case r == nil:
		return "-"
	case r.Most == 0:
		return fmt.Sprintf("%.2f", r.Value)
	default:
		return fmt.Sprintf("%.2f (%.2f to %.2f)", r.Value, r.Least, r.Most)
	}
}

func (r *Report) recoveryText(text *strings.Builder) {
	if c := r.Recovery; c != nil {
		fmt.Fprintf(text, "\nA worker comes back to %d open orders, of which %d were accepted by signal while it was away: these are accepted and told "+
			"%.1f s after its start, with %.1f ms of CPU each, all processes and its start included (%.1f ms when it is there). A new order is paid %.0f ms after "+
			"its start, beside them. While nobody orders, all processes together use %.0f ms of CPU per second then, and used %.0f before it left. Orders that "+
			"had waited are accepted within %.1f ms (p50), %.1f ms (p99), %.0f a second.\n",
			c.Open, c.Overdue, c.CaughtUp, c.Each, c.Ordinary, c.First, c.After, c.Before, c.Accepting.Latency.P50, c.Accepting.Latency.P99, c.Accepting.Offered)
	}
}

func (r *Report) streamText(text *strings.Builder) {
	if s := r.Streams; s != nil {
		fmt.Fprintf(text, "\n%d event streams on one api, opened in %.1f s: %s; "+
			"from sending a command to its event p50 %.1f ms, p99 %.1f ms at %d streams, %d were not told.\n",
			s.Open, s.Opening, s.cost(), s.Delay.P50, s.Delay.P99, s.Delay.Samples, s.Missed)
	}
}

// cost says what one of the streams costs.
func (s *Streams) cost() string {
	if s.Memory == 0 {
		return "what they cost was not accounted for"
	}
	return fmt.Sprintf("%.1f KiB and %.4f ms of CPU per second each", s.Memory, s.CPU/float64(s.Open))
}

func (r *Report) siegeText(text *strings.Builder) {
	if s := r.Siege; s != nil {
		fmt.Fprintf(text, "\nThe seed's load profile, 100 clients with `POST /orders` for %.0f s (by %s): %d orders, availability "+
			"%.2f %%, %d failed, %.1f per second, mean %.0f ms, longest %.0f ms.\n",
			s.Seconds, s.By, s.Transactions, s.Availability, s.Failed, s.PerS, s.Mean, s.Longest)
	}
}

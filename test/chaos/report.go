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
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/consistency"
)

// quiet keeps the client's complaints out of the report.
var quiet = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))

// shown is how many findings are printed in full.
const shown = 20

// report is what a run has come to.
type report struct {
	orders, unknown, injected int
	// visits counts the customers who came to the payment page, by what they do there.
	visits map[cafe.Visit]int
	// paidOnPage of them were told there that they have paid; tooLate of those orders have failed.
	paidOnPage, tooLate int
	// scarce counts the orders that asked for points, a coupon or a slot, and refused those of them that could not have
	// it, by what they were told.
	scarce  int
	refused map[string]int
	// adjusted is how many orders the store has taken something off.
	adjusted int
	faults   map[string]int
	findings []audit.Difference
	failures []error
	slowest  time.Duration
	mended   time.Time
}

func newReport(t *traffic, result consistency.Result) report {
	r := report{orders: len(result.Facts), unknown: t.unknown(), findings: result.Wrong, failures: t.failures, visits: map[cafe.Visit]int{}, refused: map[string]int{}}
	for _, l := range t.lives {
		r.addLife(l)
		r.slowest = max(r.slowest, l.Slowest)
		if ended := result.Ended[l.ID]; l.ID != "" && !ended.IsZero() {
			r.slowest = max(r.slowest, ended.Sub(l.LastStep))
		}
	}
	return r
}

// addLife counts what the order's customer and the store have done beside ordering and making it.
func (r *report) addLife(l *life) {
	if l.ID != "" && l.Visit != "" {
		r.visits[l.Visit]++
	}
	if l.Order.Points > 0 || l.Order.Coupon != "" || l.later > 0 {
		r.scarce++
	}
	if l.Refused != "" {
		r.refused[l.Refused]++
	}
	if l.PaidOnPage {
		r.paidOnPage++
	}
	if l.PaidOnPage && l.Told == string(order.PaymentFailed) {
		r.tooLate++
	}
	if l.TakenOff > 0 {
		r.adjusted++
	}
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

// countReserved counts what is wrong of that which orders reserve.
func (r report) countReserved() (n int) {
	for _, f := range r.findings {
		if f.Kind.OfReservations() {
			n++
		}
	}
	return n
}

func (r report) print(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	crossed := r.count(consistency.WrongStore, consistency.NumberTwice, consistency.SalesDiffer, consistency.OthersText)
	named := crossed + r.countReserved() + r.count(audit.Lost, audit.DoubleCharged, audit.Unrefunded, audit.DuplicatedText,
		consistency.PaidInVain, consistency.PageLeftOpen, consistency.NotItsWorth, consistency.TakenOffDiffers)
	say(table, "\norders\t%d\t%d of them unknown to their customers, who gave no key", r.orders, r.unknown)
	say(table, "paid on the payment page\t%d\t%d of them too late, and refunded; these came there:", r.paidOnPage, r.tooLate)
	for _, visit := range slices.Sorted(maps.Keys(r.visits)) {
		say(table, "  %s\t%d\t", visit, r.visits[visit])
	}
	say(table, "refunded in part\t%d\t", r.adjusted)
	say(table, "with points, a coupon or a slot\t%d\tthese were refused:", r.scarce)
	for _, why := range slices.Sorted(maps.Keys(r.refused)) {
		say(table, "  %s\t%d\t", why, r.refused[why])
	}
	say(table, "faults injected\t%d\t", r.injected)
	for _, name := range slices.Sorted(maps.Keys(r.faults)) {
		say(table, "  %s\t%d\t", name, r.faults[name])
	}
	say(table, "lost\t%d\t", r.count(audit.Lost))
	say(table, "double-charged\t%d\t", r.count(audit.DoubleCharged))
	say(table, "unrefunded\t%d\t", r.count(audit.Unrefunded))
	say(table, "paid on the page in vain\t%d\t", r.count(consistency.PaidInVain))
	say(table, "payment pages left open\t%d\t", r.count(consistency.PageLeftOpen))
	say(table, "not worth their lines\t%d\t", r.count(consistency.NotItsWorth, consistency.TakenOffDiffers))
	say(table, "duplicated texts\t%d\t", r.count(audit.DuplicatedText))
	say(table, "reserved wrongly\t%d\t", r.countReserved())
	say(table, "crossed between stores\t%d\t", crossed)
	say(table, "other differences\t%d\t", len(r.findings)-named)
	say(table, "wrong answers\t%d\t", len(r.failures))
	say(table, "slowest recovery\t%.1f s\tof any step, or of what followed from an order's last one", r.slowest.Seconds())
	_ = table.Flush()
	for _, f := range r.findings[:min(shown, len(r.findings))] {
		say(out, "! %s%s: %s: %s", f.OrderID, f.Of, f.Kind, f.Detail)
	}
	for _, err := range r.failures[:min(shown, len(r.failures))] {
		say(out, "! %v", err)
	}
}

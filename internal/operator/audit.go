package operator

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
)

// AuditOptions say what is audited.
type AuditOptions struct {
	// Since is how far back: orders that were under way in this time until now.
	Since time.Duration
	// Store is the store whose orders are audited; all of them when empty.
	Store string
	// Repair projects the read model again from the workflows where it differs.
	Repair bool
	JSON   bool
}

// auditReport is what an audit prints.
type auditReport struct {
	audit.Report
	Since time.Time `json:"since"`
	// Repaired is how many entries of the read model were put right; the
	// differences are those that are left.
	Repaired int `json:"repaired"`
	// Unseen says what could not be looked at, and why.
	Unseen map[audit.Part]string `json:"unseen,omitempty"`
}

// Audit audits the orders of a period. It fails when there is any difference.
func Audit(ctx context.Context, env app.Environment, c AuditOptions) error {
	return asOperator(env, func(o *operator) error {
		o.look(ctx)
		if o.broken != nil {
			return fmt.Errorf("the audit would not be whole: %w", o.broken)
		}
		if why, unseen := o.unseen[audit.PartReadModel]; c.Repair && unseen {
			return fmt.Errorf("--repair needs the database: %s", why)
		}
		if o.seesNothing() {
			return fmt.Errorf("nothing is configured that the orders can be compared with: %s; %s",
				o.unseen[audit.PartReadModel], o.unseen[audit.PartMoney])
		}
		report, err := c.audit(ctx, o)
		if away := o.orders.Reachable(ctx); err != nil && away != nil {
			return o.explain(ctx, "", away)
		}
		if err != nil {
			return err
		}
		if c.JSON {
			err = printJSON(env.Stdout, report)
		} else {
			err = report.print(env.Stdout, o.config.TimeZone)
		}
		if err == nil && len(report.Differences) > 0 {
			err = fmt.Errorf("the audit found %d %s", len(report.Differences), plural(len(report.Differences), "difference"))
		}
		return err
	})
}

// audit collects and compares, after a repair once more what was repaired.
func (c AuditOptions) audit(ctx context.Context, o *operator) (report auditReport, err error) {
	report.Since, report.Unseen = time.Now().Add(-c.Since), o.unseen
	sources := o.sources()
	facts, err := sources.Since(ctx, report.Since)
	if err != nil {
		return auditReport{}, err
	}
	if c.Store != "" {
		facts = slices.DeleteFunc(facts, func(f audit.Facts) bool { return f.Store() != c.Store })
	}
	if c.Repair {
		if facts, report.Repaired, err = o.repair(ctx, sources, facts); err != nil {
			return auditReport{}, err
		}
	}
	report.Report = audit.Orders(facts)
	counters, err := c.counters(ctx, o, report.Since)
	report.AddCounters(counters)
	return report, err
}

// slotsSince is how far back slots are counted: older ones may be forgotten.
const slotsSince = 7 * 24 * time.Hour

// counters returns the coupons, and the slots of the period and of the time to come, that count
// otherwise than the reservations that stand. Coupons are no single store's.
func (c AuditOptions) counters(ctx context.Context, o *operator, since time.Time) (wrong []audit.Counter, err error) {
	if o.database == nil {
		return nil, nil
	}
	if c.Store == "" {
		coupons, err := o.database.MiscountedCoupons(ctx)
		if err != nil {
			return nil, err
		}
		for _, coupon := range coupons {
			wrong = append(wrong, audit.Counter{Kind: audit.CouponMiscounted, Of: "coupon " + coupon.Code, Counted: coupon.Used, Reserved: coupon.Reserved})
		}
	}
	if oldest := time.Now().Add(-slotsSince); since.Before(oldest) {
		since = oldest
	}
	slots, err := o.database.MiscountedSlots(ctx, since)
	for _, slot := range slots {
		if c.Store == "" || slot.Store == c.Store {
			of := fmt.Sprintf("slot of %s at %s", slot.Store, slot.At.In(o.config.TimeZone).Format(dayAndTime))
			wrong = append(wrong, audit.Counter{Kind: audit.SlotMiscounted, Of: of, Counted: int64(slot.Cups), Reserved: int64(slot.Reserved)})
		}
	}
	return wrong, err
}

// sources are the parts that can be looked at.
func (o *operator) sources() audit.Sources {
	s := audit.Sources{Orders: o.orders}
	s.Elsewhere = append(s.Elsewhere, o.terminated)
	if o.database != nil {
		s.ReadModel, s.Points, s.Reservations = o.database.OrdersOf, o.database.PointsOf, o.database.ReservationsOf
		s.Elsewhere = append(s.Elsewhere, o.database.OrdersSince, o.notEnded, o.database.OrdersReserving)
	}
	if o.gateways != nil {
		s.Money = o.gateways.MovementsOf
		s.Elsewhere = append(s.Elsewhere, o.gateways.OrdersSince)
	}
	if o.seesTexts() {
		s.Texts = audit.Lines(o.sentTexts, text)
	}
	return s
}

// terminated names the orders whose workflow was ended from outside, whenever that
// was.
func (o *operator) terminated(ctx context.Context, _ time.Time) ([]string, error) {
	return o.stuckOn(ctx, orderclient.StuckOnTerminated)
}

// notEnded names the orders that have not ended as the read model has it, however
// long nobody has heard of them.
func (o *operator) notEnded(ctx context.Context, _ time.Time) ([]string, error) {
	return o.database.OrdersNotEnded(ctx)
}

func text(t textlog.TextRecord) audit.Text {
	return audit.Text{OrderID: t.OrderID, Kind: t.Kind, At: t.ClaimedAt}
}

// sentTexts returns the texts that were sent, whatever became of them.
func (o *operator) sentTexts(ctx context.Context, ids []string) ([]textlog.TextRecord, error) {
	texts, err := o.texts(ctx, ids)
	unsent := func(t textlog.TextRecord) bool { return !t.State.Taken() }
	return slices.DeleteFunc(texts, unsent), err
}

// repair projects the read model again where it differs from the workflow, and
// returns the facts as they are then. An entry that has changed meanwhile is
// left alone.
func (o *operator) repair(ctx context.Context, sources audit.Sources, facts []audit.Facts) ([]audit.Facts, int, error) {
	repaired, open := map[string]int{}, map[string]bool{}
	for i, f := range facts {
		if f.Workflow == nil || !differs(f, audit.PartReadModel) {
			continue
		}
		done, err := o.reproject(ctx, sources, f)
		if err != nil {
			return nil, 0, err
		}
		if done {
			repaired[f.OrderID], open[f.OrderID] = i, f.Open
		}
	}
	newer, err := sources.Of(ctx, slices.Sorted(maps.Keys(repaired)), open)
	for _, f := range newer {
		facts[repaired[f.OrderID]] = f
	}
	return facts, len(repaired), err
}

// reproject stores an order in the read model as its workflow has it, if they still
// differ. What is there is looked at before the workflow is asked, so that nothing
// newer is replaced. It reports false when nothing was.
func (o *operator) reproject(ctx context.Context, sources audit.Sources, f audit.Facts) (done bool, err error) {
	seen, err := o.database.Revision(ctx, f.OrderID)
	if err != nil && order.ErrorCode(err) != order.CodeNotFound {
		return false, err
	}
	now, err := sources.Once(ctx, []string{f.OrderID}, map[string]bool{f.OrderID: f.Open})
	if err != nil || now[0].Workflow == nil || !differs(now[0], audit.PartReadModel) {
		return false, err
	}
	return o.database.Reproject(ctx, *now[0].Workflow, seen.Number)
}

func differs(f audit.Facts, part audit.Part) bool {
	return slices.ContainsFunc(audit.Order(f), func(d audit.Difference) bool { return d.Part == part })
}

func (r auditReport) print(w io.Writer, zone *time.Location) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%d %s looked at, under way since %s or not ended: %d still open, %d of them stuck.\n",
		r.Orders, plural(r.Orders, "order"), r.Since.In(zone).Format(dayAndTime), r.Open, r.Stuck)
	for _, part := range slices.Sorted(maps.Keys(r.Unseen)) {
		fmt.Fprintf(&text, "Not compared: %s (%s).\n", part, r.Unseen[part])
	}
	if r.Repaired > 0 {
		fmt.Fprintf(&text, "Repaired: %d %s of the read model.\n", r.Repaired, plural(r.Repaired, "order"))
	}
	if r.Reserved.Orders > 0 {
		fmt.Fprintf(&text, "Reserved by %d of them: %d %s, %d %s of coupons, %d %s for later.\n", r.Reserved.Orders,
			r.Reserved.Points, plural(int(r.Reserved.Points), "point"), r.Reserved.CouponUses, plural(r.Reserved.CouponUses, "use"),
			r.Reserved.Cups, plural(r.Reserved.Cups, "cup"))
	}
	if len(r.Owed) > 0 {
		fmt.Fprintf(&text, "Owed to customers: %s.\n", sums(r.Owed))
	}
	if len(r.Differences) == 0 {
		fmt.Fprintln(&text, "No differences.")
	} else {
		r.table(&text)
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return nil
}

// sums shows amounts of several currencies.
func sums(amounts []order.Money) string {
	words := make([]string, len(amounts))
	for i, m := range amounts {
		words[i] = money.Format(m.Amount, m.Currency)
	}
	return strings.Join(words, ", ")
}

func (r auditReport) table(text *strings.Builder) {
	table := tabwriter.NewWriter(text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nORDER\tPART\tDIFFERENCE\tDETAIL")
	for _, d := range r.Differences {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", cmp.Or(d.OrderID, d.Of), d.Part, d.Kind, d.Detail)
	}
	_ = table.Flush() // a strings.Builder takes everything
}

// plural returns the word for n things.
func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

var _ audit.Orderer = (*orderclient.Client)(nil)

package operator

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// shownOrder is all that is known of one order.
type shownOrder struct {
	Order order.Snapshot `json:"order"`
	orderclient.Work
	Points []order.PointsEntry `json:"points_ledger"`
	// Reserved is what it has reserved; nil for nothing.
	Reserved *order.StoredReservation `json:"reserved,omitempty"`
	Payments []payment.Movement       `json:"payments"`
	// PaymentsFrom is where the payments were looked for; empty for nowhere.
	PaymentsFrom string      `json:"payments_from,omitempty"`
	Texts        []shownText `json:"texts"`
	// NoWorker says that no worker answers for the order; Order is how it was known
	// last then.
	NoWorker string `json:"no_worker,omitempty"`
	// Unseen says what could not be looked at, and why.
	Unseen map[audit.Part]string `json:"unseen,omitempty"`
}

// shownText is one text to the customer. What it said is the customer's.
type shownText struct {
	Kind       order.TextKind    `json:"kind"`
	At         time.Time         `json:"at"`
	State      textlog.TextState `json:"state"`
	Segments   int               `json:"segments"`
	ProviderID string            `json:"provider_id,omitempty"`
	ErrorCode  int               `json:"error_code,omitempty"`
}

// ShowOptions say which order is shown.
type ShowOptions struct {
	// ID is the order's ID, or its pick-up number of today.
	ID string
	// Store is the store whose pick-up number it is.
	Store string
	JSON  bool
}

// Show prints all that is known of an order.
func Show(ctx context.Context, env app.Environment, c ShowOptions) error {
	return asOperator(env, func(o *operator) error {
		o.look(ctx)
		id, err := o.orderID(ctx, c.ID, c.Store)
		if err != nil {
			return err
		}
		shown, err := o.show(ctx, id)
		if err != nil {
			return o.explain(ctx, id, err)
		}
		if c.JSON {
			return printJSON(env.Stdout, shown)
		}
		return shown.print(env.Stdout, o.config.TimeZone)
	})
}

// orderID returns the ID of the order that has the pick-up number on the store's
// board today; an ID is its own.
func (o *operator) orderID(ctx context.Context, name, store string) (string, error) {
	switch {
	case strings.HasPrefix(name, "ord_"):
		return name, nil
	case o.database == nil:
		return "", fmt.Errorf("%q is not the ID of an order, and pick-up numbers are in the database: %s", name, o.unseen[audit.PartReadModel])
	default:
		return o.database.OrderOf(ctx, store, name, time.Now().In(o.config.TimeZone).Format(time.DateOnly))
	}
}

// show collects what is known of an order. Temporal has to answer; where no worker
// does, or none can go on with the order, it is shown as it was known last. What else
// does not answer is noted.
func (o *operator) show(ctx context.Context, id string) (shown shownOrder, err error) {
	atWork, err := o.orders.AtWork(ctx, id)
	if err != nil {
		atWork = id // as it is, unless a refund is under way
	}
	var unread error
	shown.Order, unread = o.orders.Read(ctx, id)
	if order.ErrorCode(unread) == order.CodeNotFound && atWork != id { // forgotten, and not its refund
		shown.Order, unread = o.orders.Read(ctx, atWork)
	}
	if order.ErrorCode(unread) == order.CodeNotFound {
		return shownOrder{}, unread
	}
	if shown.Work, err = o.orders.Work(ctx, atWork); err != nil {
		return shownOrder{}, err
	}
	id = workflows.OrderOf(id) // whatever it is, everybody else knows it by that
	if unread != nil {
		shown.unanswered(unread)
		shown.Order = o.lastKnown(ctx, id, shown.Work)
	}
	shown.Order.PaymentAction = nil // the customer's alone
	shown.Points, shown.Payments, shown.Texts = []order.PointsEntry{}, []payment.Movement{}, []shownText{}
	delete(o.unseen, audit.PartReadModel) // nobody asked for it
	o.showLedgers(ctx, id, &shown)
	shown.Unseen = o.unseen
	return shown, nil
}

// unanswered notes why the order does not answer: workers fail to go on with it, or
// there is none.
func (s *shownOrder) unanswered(err error) {
	var failing *orderclient.Failing
	if errors.As(err, &failing) {
		s.Failing = failing.Reason
		return
	}
	s.NoWorker = noWorker(s.Listed.Build)
}

// lastKnown is the order as the read model has it, or else no more than how it is
// listed.
func (o *operator) lastKnown(ctx context.Context, id string, work orderclient.Work) order.Snapshot {
	if o.database != nil {
		s, err := o.database.Order(ctx, id)
		if err == nil {
			return s
		}
		o.note(audit.PartReadModel, err)
	}
	return order.Snapshot{ID: id, Status: work.Listed.Status, PlacedAt: work.Listed.PlacedAt, Timeline: []order.Entry{}}
}

// showLedgers adds the order's lines of the ledgers that can be looked at.
func (o *operator) showLedgers(ctx context.Context, id string, shown *shownOrder) {
	ids := []string{id}
	if o.database != nil {
		points, err := o.database.PointsOf(ctx, ids)
		o.note(audit.PartPoints, err)
		shown.Points = append(shown.Points, points...)
		reserved, err := o.database.ReservationsOf(ctx, ids)
		o.note(audit.PartReservations, err)
		for _, r := range reserved {
			shown.Reserved = &r
		}
		notes, err := o.database.NotesOf(ctx, ids)
		o.note(audit.PartReadModel, err)
		shown.Order = shown.Order.WithNotes(notes[id])
	}
	if o.gateways != nil {
		movements, err := o.gateways.MovementsOf(ctx, ids)
		o.note(audit.PartMoney, err)
		shown.Payments = append(shown.Payments, movements...)
		shown.PaymentsFrom = o.gateways.Titles()
	}
	if o.seesTexts() {
		texts, err := o.texts(ctx, ids)
		o.note(audit.PartTexts, err)
		for _, t := range texts {
			shown.Texts = append(shown.Texts, shownText{t.Kind, t.ClaimedAt, t.State, t.Segments, t.ProviderID, t.ErrorCode})
		}
	}
}

// seesTexts reports whether the ledger of the texts can be looked at.
func (o *operator) seesTexts() bool {
	return o.outbox != nil || !o.config.Texts.Sandbox && o.database != nil
}

// texts returns the texts of these orders, from the ledger of their provider. On
// the sandbox phone whatever was sent has arrived.
func (o *operator) texts(ctx context.Context, ids []string) ([]textlog.TextRecord, error) {
	if o.outbox == nil {
		return o.database.TextsOf(ctx, ids)
	}
	sent, err := o.outbox.SentFor(ctx, ids)
	texts := make([]textlog.TextRecord, len(sent))
	for i, s := range sent {
		texts[i] = textlog.TextRecord{OrderID: s.OrderID, Kind: s.Kind, State: textlog.TextDelivered, Segments: 1, ClaimedAt: s.At}
	}
	return texts, err
}

// note remembers why a part could not be looked at.
func (o *operator) note(part audit.Part, err error) {
	if err != nil {
		o.unseen[part] = err.Error()
	}
}

func (s shownOrder) print(w io.Writer, zone *time.Location) error {
	var page bytes.Buffer
	fmt.Fprintln(&page, nowIs(s.Order))
	if s.Details != "" {
		fmt.Fprintln(&page, s.Details)
	}
	if s.Failing != "" {
		fmt.Fprintf(&page, "Its workflow task keeps failing, so this is how it was known last: %s\n", s.Failing)
	}
	if s.NoWorker != "" {
		fmt.Fprintf(&page, "This is how it was known last, because %s.\n", s.NoWorker)
	}
	if s.Ended != "" {
		fmt.Fprintf(&page, "Its workflow %s. What is left to do goes on with: cafeforme orders reset %s\n", s.Ended, s.Listed.ID)
	}
	fmt.Fprintf(&page, "Placed %s", s.Order.PlacedAt.In(zone).Format(dayAndTime))
	if at := s.Order.StoreOrMain(); at != order.MainStore {
		fmt.Fprintf(&page, " at the store %s", at)
	}
	if s.Order.Total.Currency != "" {
		fmt.Fprintf(&page, ", %s", money.Format(s.Order.Total.Amount, s.Order.Total.Currency))
	}
	if s.Order.PickupNumber != nil {
		fmt.Fprintf(&page, ", pick-up number %s", *s.Order.PickupNumber)
	}
	if at := s.Order.PickupAt; at != nil {
		fmt.Fprintf(&page, ", for %s", at.In(zone).Format(dayAndTime))
	}
	fmt.Fprintln(&page, ".")

	section(&page, "Lines", s.lines())
	section(&page, "Timeline", s.timeline(zone))
	section(&page, "Under way", s.underWay(zone))
	s.printLedgers(&page, zone)
	if _, err := w.Write(page.Bytes()); err != nil {
		return fmt.Errorf("print the order: %w", err)
	}
	return nil
}

func (s shownOrder) printLedgers(page *bytes.Buffer, zone *time.Location) {
	var movements, points, texts []string
	for _, m := range s.Payments {
		movements = append(movements, fmt.Sprintf("%s\t%s\t%s", m.At.In(zone).Format(dayAndTime), m.Kind, money.Format(m.Amount, m.Currency)))
	}
	for _, e := range s.Points {
		points = append(points, fmt.Sprintf("%s\t%s\t%+d", e.At.In(zone).Format(dayAndTime), e.Kind, e.Points))
	}
	for _, t := range s.Texts {
		texts = append(texts, t.line(zone))
	}
	title := "Payments"
	if s.PaymentsFrom != "" {
		title += " (" + s.PaymentsFrom + ")"
	}
	s.ledger(page, title, audit.PartMoney, movements)
	s.ledger(page, "Points", audit.PartPoints, points)
	s.ledger(page, "Texts", audit.PartTexts, texts)
	if _, unseen := s.Unseen[audit.PartReservations]; s.Reserved != nil || unseen && s.Order.Reservation() != nil {
		s.ledger(page, "Reserved", audit.PartReservations, s.reserved(zone))
	}
}

// reserved tells what the order has reserved, if anything, and what has become of it.
func (s shownOrder) reserved(zone *time.Location) []string {
	if s.Reserved == nil {
		return nil
	}
	line := fmt.Sprintf("%s\t%s", s.Reserved.At.In(zone).Format(dayAndTime), cmp.Or(audit.Describe(s.Reserved.Reservation, zone), "nothing"))
	if s.Reserved.ReleasedAt != nil {
		line += "\treleased " + s.Reserved.ReleasedAt.In(zone).Format(dayAndTime)
	}
	return []string{line}
}

func (t shownText) line(zone *time.Location) string {
	line := fmt.Sprintf("%s\t%s\t%s\t%d %s\t%s", t.At.In(zone).Format(dayAndTime), t.Kind, t.State,
		t.Segments, plural(t.Segments, "segment"), t.ProviderID)
	if t.ErrorCode != 0 {
		line += fmt.Sprintf("\terror %d", t.ErrorCode)
	}
	return strings.TrimRight(line, "\t")
}

// ledger prints the lines of a ledger, or why it was not looked at.
func (s shownOrder) ledger(page *bytes.Buffer, title string, part audit.Part, lines []string) {
	if why, unseen := s.Unseen[part]; unseen {
		lines = []string{"not looked at: " + why}
	}
	section(page, title, lines)
}

// lines tell what was ordered, in English, and what it costs. Notes are the customer's.
func (s shownOrder) lines() (lines []string) {
	for _, line := range s.Order.Items {
		text := fmt.Sprintf("%dx %s", line.Qty, line.Describe(order.English))
		if total, err := line.Total(); err == nil {
			text += "\t" + money.Format(total.Amount, total.Currency)
		}
		lines = append(lines, text)
	}
	return lines
}

func (s shownOrder) timeline(zone *time.Location) []string {
	var lines []string
	for _, entry := range s.Order.Timeline {
		what := string(entry.Status)
		if entry.Note != "" {
			what = "note: " + entry.Note
		}
		line := fmt.Sprintf("%s\t%s\t%s\t%s", entry.At.In(zone).Format(dayAndTime), what, entry.Actor, entry.Reason)
		lines = append(lines, strings.TrimRight(line, "\t"))
	}
	return lines
}

func (s shownOrder) underWay(zone *time.Location) []string {
	var lines []string
	for _, p := range slices.SortedFunc(slices.Values(s.Pending), func(a, b orderclient.Pending) int { return strings.Compare(a.Activity, b.Activity) }) {
		line := fmt.Sprintf("%s\tattempt %d\t%s", p.Activity, p.Attempt, stage(p, zone))
		if p.LastFailure != "" {
			line += "\t" + strings.Join(strings.Fields(p.LastFailure), " ")
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 && s.LastFailure != "" {
		lines = append(lines, "nothing; the last failure was: "+strings.Join(strings.Fields(s.LastFailure), " "))
	}
	return lines
}

// stage says where an effect is: waiting for a worker, being tried, or between two
// tries.
func stage(p orderclient.Pending, zone *time.Location) string {
	switch {
	case p.Paused != "":
		return fmt.Sprintf("%s, since %s", p.Paused, p.PausedAt.In(zone).Format(dayAndTime))
	case !p.NextAt.IsZero():
		return fmt.Sprintf("failed %s, again at %s", p.FailedAt.In(zone).Format(dayAndTime), p.NextAt.In(zone).Format(time.TimeOnly))
	case !p.StartedAt.IsZero():
		return "being tried since " + p.StartedAt.In(zone).Format(dayAndTime)
	default:
		return "waiting for a worker since " + p.Since.In(zone).Format(dayAndTime)
	}
}

// section prints a title and its lines, with their columns in line.
func section(page *bytes.Buffer, title string, lines []string) {
	fmt.Fprintf(page, "\n%s:\n", title)
	if len(lines) == 0 {
		lines = []string{"none"}
	}
	table := tabwriter.NewWriter(page, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		fmt.Fprintln(table, "  "+line)
	}
	_ = table.Flush() // a buffer takes everything
}

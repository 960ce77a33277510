// Package books compares what every book says about an order: its workflow, the
// read model, the ledgers of the sandbox and the points.
package books

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/order"
)

// Kind says what is wrong with an order.
type Kind string

// The kinds of findings.
const (
	Lost           Kind = "lost"
	Unfinished     Kind = "unfinished"
	WrongEnd       Kind = "wrong end"
	DoubleCharged  Kind = "double-charged"
	WrongMoney     Kind = "wrong money"
	Unrefunded     Kind = "unrefunded"
	DuplicatedText Kind = "duplicated text"
	WrongTexts     Kind = "wrong texts"
	WrongPoints    Kind = "wrong points"
	StaleReadModel Kind = "stale read model"
)

// Finding is one thing that is wrong with one order.
type Finding struct {
	OrderID string
	Kind    Kind
	Detail  string
}

// String returns the finding in one line.
func (f Finding) String() string { return fmt.Sprintf("%s: %s: %s", f.OrderID, f.Kind, f.Detail) }

// Facts are what the books say about one order, and what people were told.
type Facts struct {
	ID string
	// Told is the status that people were told last; empty when nobody was told
	// anything.
	Told order.Status
	// Workflow is nil when Temporal has no such order.
	Workflow *order.Snapshot
	// Closed: the workflow has nothing left to do.
	Closed bool
	// ReadModel is nil when the read model has no such order.
	ReadModel *order.Snapshot
	// Charges, Refunds and Points are amounts, Texts are kinds, in the order in
	// which they happened.
	Charges, Refunds, Points []int64
	Texts                    []string
}

// Check returns everything that is wrong with an order whose people have done
// their last step, once everything has had the time to settle.
func Check(f Facts) []Finding {
	c := &check{facts: f}
	if f.Workflow == nil {
		c.find(Lost, "Temporal has no such order; people were told %q, charges are %v", f.Told, f.Charges)
		return c.findings
	}
	c.end(*f.Workflow)
	c.money(*f.Workflow)
	c.texts(*f.Workflow)
	c.points(*f.Workflow)
	c.readModel(*f.Workflow)
	return c.findings
}

type check struct {
	facts    Facts
	findings []Finding
}

func (c *check) find(kind Kind, format string, args ...any) {
	c.findings = append(c.findings, Finding{OrderID: c.facts.ID, Kind: kind, Detail: fmt.Sprintf(format, args...)})
}

// end checks that the order is where people were told it is, and at rest.
func (c *check) end(s order.Snapshot) {
	if told := c.facts.Told; told != "" && told != s.Status {
		c.find(WrongEnd, "people were told %q, and it is %q", told, s.Status)
	}
	if len(s.StuckOn) > 0 {
		c.find(Unfinished, "it is stuck on %s", strings.Join(s.StuckOn, ", "))
	}
	if s.Status.Terminal() && !c.facts.Closed {
		c.find(Unfinished, "it is %s, and its workflow still has something to do", s.Status)
	}
}

// money checks the gateway's ledger: what counts is what moved.
func (c *check) money(s order.Snapshot) {
	if len(c.facts.Charges) > 1 {
		c.find(DoubleCharged, "charges are %v", c.facts.Charges)
	}
	if charged := sum(c.facts.Charges); charged != s.Charged {
		c.find(WrongMoney, "%d was charged, and the order says %d", charged, s.Charged)
	}
	kept, refunded := sum(c.facts.Charges), sum(c.facts.Refunds)
	switch due := s.Refund != nil || s.Status == order.PaymentFailed; {
	case due && refunded < kept:
		c.find(Unrefunded, "it is %s, %d was charged and %d refunded", s.Status, kept, refunded)
	case !due && refunded > 0, refunded > kept, len(c.facts.Refunds) > 1:
		c.find(WrongMoney, "it is %s, %d was charged, and refunds are %v", s.Status, kept, c.facts.Refunds)
	}
}

// texts checks the phone: one text per change, in the order of the changes,
// unless it was recorded as skipped.
func (c *check) texts(s order.Snapshot) {
	got := c.facts.Texts
	if unique := slices.Compact(slices.Sorted(slices.Values(got))); len(unique) != len(got) {
		c.find(DuplicatedText, "texts are %v", got)
		return
	}
	// One whose skipping was recorded may have gone out all the same, when its
	// answer was lost.
	due, skipped := textsDue(s)
	got = slices.DeleteFunc(slices.Clone(got), func(kind string) bool { return slices.Contains(skipped, kind) })
	if !slices.Equal(got, due) {
		c.find(WrongTexts, "texts are %v instead of %v", c.facts.Texts, due)
	}
}

// textsDue returns the kinds of texts that the order calls for, and of those
// that were skipped.
func textsDue(s order.Snapshot) (due, skipped []string) {
	if s.Phone == "" {
		return nil, nil
	}
	for _, entry := range s.Timeline {
		switch {
		case entry.Note == "" && entry.Status.Told():
			due = append(due, string(entry.Status))
		case entry.Note == order.NoteTextSkipped:
			skipped = append(skipped, entry.Reason)
		}
	}
	if s.Refund != nil && s.Refund.Status == order.Refunded {
		due = append(due, string(order.TextRefunded))
	}
	due = slices.DeleteFunc(due, func(kind string) bool { return slices.Contains(skipped, kind) })
	return due, skipped
}

func (c *check) points(s order.Snapshot) {
	if got := sum(c.facts.Points); got != s.Points {
		c.find(WrongPoints, "the ledger's entries are %v, and the order is worth %d", c.facts.Points, s.Points)
	}
}

func (c *check) readModel(s order.Snapshot) {
	if c.facts.ReadModel == nil {
		c.find(StaleReadModel, "the read model has no such order")
		return
	}
	if want, got := document(s), document(*c.facts.ReadModel); want != got {
		c.find(StaleReadModel, "it has %s, and the workflow says %s", got, want)
	}
}

func document(s order.Snapshot) string {
	data, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func sum(amounts []int64) (total int64) {
	for _, a := range amounts {
		total += a
	}
	return total
}

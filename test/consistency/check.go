// Package consistency checks orders whose people have done their last step: everything
// that [audit] looks at, and what people were told.
package consistency

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/order"
)

// What can be wrong beside what an audit of orders under way finds.
const (
	// WrongEnd: the order is not what people were told last.
	WrongEnd audit.Kind = "wrong_end"
	// Unfinished: the order is over or stuck, and its workflow has not ended.
	Unfinished audit.Kind = "unfinished"
	// TextsOutOfOrder: the texts do not follow the changes that they tell of.
	TextsOutOfOrder audit.Kind = "texts_out_of_order"
	// NotItsWorth: what the customer has paid in the end is not what the lines left are worth.
	NotItsWorth audit.Kind = "not_its_worth"
)

// Check returns everything that is wrong with an order once it has had the time
// to settle. Told is the status that people were told last; empty when nobody
// was told anything.
func Check(f audit.Facts, told order.Status) []audit.Difference {
	c := &check{facts: f, found: audit.Order(f)}
	if f.Workflow == nil {
		if len(c.found) == 0 {
			c.find(audit.PartWorkflow, audit.Lost, "people were told %q, and Temporal does not know it", told)
		}
		return c.found
	}
	s := *f.Workflow
	if told != "" && told != s.Status {
		c.find(audit.PartWorkflow, WrongEnd, "people were told %q, and it is %q", told, s.Status)
	}
	if f.Open && len(s.StuckOn) > 0 {
		c.find(audit.PartWorkflow, Unfinished, "it is stuck on %s", strings.Join(s.StuckOn, ", "))
	}
	if f.Open && s.Status.Terminal() {
		c.find(audit.PartWorkflow, Unfinished, "it is %s, and its workflow still has something to do", s.Status)
	}
	if net, due := netOf(f.Money), worth(s)+settledOtherwise(s); net != due {
		c.find(audit.PartMoney, NotItsWorth, "%d were charged and not refunded, and what is left of it is worth %d", net, due)
	}
	if !slices.IsSorted(positions(f.Texts, s.Timeline)) {
		c.find(audit.PartTexts, TextsOutOfOrder, "the texts are %v", f.Texts)
	}
	return c.found
}

// settledOtherwise returns what operators have given back without the provider.
func settledOtherwise(s order.Snapshot) (amount int64) {
	for _, refund := range s.Refunds {
		if refund.Settled {
			amount += refund.Amount
		}
	}
	return amount
}

type check struct {
	facts audit.Facts
	found []audit.Difference
}

func (c *check) find(part audit.Part, kind audit.Kind, format string, args ...any) {
	c.found = append(c.found, audit.Difference{OrderID: c.facts.OrderID, Part: part, Kind: kind, Detail: fmt.Sprintf(format, args...)})
}

// positions returns where in the timeline the change is that each text tells of.
// What is not there, the refund, comes after everything.
func positions(texts []audit.Text, timeline []order.Entry) []int {
	at := make([]int, len(texts))
	for i, text := range texts {
		at[i] = slices.IndexFunc(changes(timeline), func(told order.TextKind) bool { return told == text.Kind })
		if at[i] < 0 {
			at[i] = len(timeline)
		}
	}
	return at
}

// changes returns what each entry of the timeline is told as; nothing for one that is not.
func changes(timeline []order.Entry) []order.TextKind {
	kinds, adjusts := make([]order.TextKind, len(timeline)), 0
	for i, e := range timeline {
		switch e.Note {
		case "":
			kinds[i] = order.TextKind(e.Status)
		case string(order.Offer):
			kinds[i] = order.TextReminder
		case string(order.Adjust):
			adjusts++
			kinds[i] = order.Refund{Number: adjusts, Cause: order.Adjust}.Text()
		}
	}
	return kinds
}

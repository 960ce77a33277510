package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// Order returns every difference between the parts of one order: none when all
// is well. For an open order only what no effect under way can mend is a
// difference, with one exception: the read model has to be up to date. Facts
// that were collected while the order moved on are to be collected again before
// that is believed.
func Order(facts Facts) []Difference { return compare(facts).found }

// compare finds the differences between the parts of one order.
func compare(facts Facts) *auditor {
	a := &auditor{facts: facts}
	switch {
	case facts.Unreadable != "":
		a.differ(PartWorkflow, Unreadable, "it cannot be read: %s", facts.Unreadable)
		return a
	case facts.Workflow != nil:
		a.truth = facts.Workflow.WithRefundList()
		a.auditEnd()
		a.auditReadModel()
	case facts.ReadModel != nil && facts.ReadModel.Status.Terminal():
		// Temporal forgets closed workflows: the read model remembers.
		a.truth = facts.ReadModel.WithRefundList()
		a.auditColumns()
	default:
		a.auditLost()
		a.auditForgotten()
		return a
	}
	if facts.seen(PartMoney) {
		a.auditCharges()
		a.auditRefunds()
	}
	if facts.seen(PartPoints) {
		a.auditPoints()
	}
	if facts.seen(PartTexts) {
		a.auditTexts()
	}
	if facts.seen(PartReservations) {
		a.auditReservation()
	}
	return a
}

// auditor collects the differences of one order.
type auditor struct {
	facts Facts
	// truth is the order as it should be.
	truth order.Snapshot
	found []Difference
}

func (a *auditor) differ(part Part, kind Kind, format string, args ...any) {
	a.found = append(a.found, Difference{
		OrderID: a.facts.OrderID, Part: part, Kind: kind, Detail: fmt.Sprintf(format, args...),
	})
}

// auditLost looks at an order that no workflow answers for.
func (a *auditor) auditLost() {
	kept, currency := a.kept()
	switch {
	case a.facts.ReadModel != nil:
		a.differ(PartWorkflow, Lost, "the read model has it as %s, and Temporal does not know it", a.facts.ReadModel.Status)
	case kept != 0:
		a.differ(PartWorkflow, Lost, "%s of the customer's money are kept, and nobody knows the order", money.Format(kept, currency))
	}
}

// auditEnd looks for workflows that were ended from outside.
func (a *auditor) auditEnd() {
	refundDue := a.truth.Refund != nil && a.truth.Refund.Status == order.RefundPending
	switch {
	case a.facts.Open:
	case !a.truth.Status.Terminal():
		a.differ(PartWorkflow, EndedEarly, "its workflow has ended, and the order is still %s", a.truth.Status)
	case refundDue:
		a.differ(PartWorkflow, EndedEarly, "its workflow has ended before the refund was made")
	}
}

// auditReadModel compares the read model with the workflow. An order comes there
// when the payment's outcome is known; its pick-up number comes there before the
// workflow hears of it.
func (a *auditor) auditReadModel() {
	if !a.facts.seen(PartReadModel) {
		return
	}
	has := a.facts.ReadModel
	if has != nil && a.facts.Open {
		a.truth = a.truth.WithNumberOf(has.Snapshot)
	}
	switch {
	case has == nil && a.truth.Version <= 1:
	case has == nil:
		a.differ(PartReadModel, ReadModelMissing, "the workflow is at version %d, the read model does not have it", a.truth.Version)
	case has.Version != a.truth.Version:
		a.differ(PartReadModel, ReadModelDiffers, "it has version %d (%s), the workflow %d (%s)",
			has.Version, has.Status, a.truth.Version, a.truth.Status)
	default:
		if others := a.otherThanStored(has.Snapshot); len(others) > 0 {
			a.differ(PartReadModel, ReadModelDiffers, "it has version %d as the workflow, with another %s", has.Version, strings.Join(others, ", "))
			return
		}
		a.auditColumns()
	}
}

// auditColumns compares the read model with itself.
func (a *auditor) auditColumns() {
	if has := a.facts.ReadModel; len(different(has.Columns, has.Snapshot)) > 0 {
		a.differ(PartReadModel, ReadModelDiffers, "its columns, by which boards and lists find it, are not those of its document: version %d (%s), not %d (%s)",
			has.Columns.Version, has.Columns.Status, has.Version, has.Status)
	}
}

// otherThanStored names what of the truth the read model has otherwise. It has to be without
// the customer, if that was forgotten there.
func (a *auditor) otherThanStored(has order.Snapshot) []string {
	if has.Erased {
		return different(has.WithRefundList().Anonymized(), a.truth.Anonymized())
	}
	truth := a.truth
	if has.Refund != nil && len(has.Refunds) == 0 { // stored before there were parts
		truth.Refunds = nil
		truth.Items = slices.Clone(truth.Items)
		for i := range truth.Items {
			truth.Items[i].RefundedQty = 0
		}
	}
	return different(has, truth)
}

// different returns the JSON members in which two snapshots differ, sorted: of what the
// read model stores and of what the workflow's query answers.
func different(a, b order.Snapshot) (names []string) {
	one, other := members(a), members(b)
	all := maps.Clone(one)
	maps.Copy(all, other)
	for name := range all {
		if !bytes.Equal(one[name], other[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func members(s order.Snapshot) (members map[string]json.RawMessage) {
	document, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(document, &members)
	}
	if err != nil {
		panic(err) // a snapshot is always a JSON object
	}
	return members
}

package consistency

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// What can be wrong of the orders of several stores.
const (
	// WrongStore: the order is not that of the store which its customer chose, or not on its board alone.
	WrongStore audit.Kind = "wrong_store"
	// NumberTwice: two orders were on a store's board at the same time, under one pick-up number.
	NumberTwice audit.Kind = "number_twice"
	// SalesDiffer: a store's orders say that they came to another amount, or to other points, than the ledgers.
	SalesDiffer audit.Kind = "sales_differ"
	// OthersText: a text of the order names another store.
	OthersText audit.Kind = "others_text"
)

// Listed is an order as its store lists it.
type Listed struct {
	ID, Store string
	// Net is what the customer has paid for it in the end, in minor units.
	Net int64
	// Points are what it is worth to its member.
	Points int64
}

// Chain is what is known of the orders of several stores, beside the facts of each order.
type Chain struct {
	// Names are the stores' in texts, by their slugs.
	Names map[string]string
	// Chosen are the slugs of the stores that customers chose, by order.
	Chosen map[string]string
	// Lists are all orders that the staff of each store sees, by slug.
	Lists map[string][]Listed
	// Texts are the words of the texts, by order.
	Texts map[string][]string
}

// Check returns everything by which one store's orders get in another's way, once they have settled.
func (c Chain) Check(facts map[string]audit.Facts) []audit.Difference {
	k := &chainCheck{Chain: c, facts: facts, seen: map[string][]string{}}
	for slug, orders := range c.Lists {
		k.list(slug, orders)
	}
	for id, f := range facts {
		k.order(id, f)
	}
	k.numbers()
	slices.SortFunc(k.found, func(a, b audit.Difference) int { return strings.Compare(a.OrderID+a.Detail, b.OrderID+b.Detail) })
	return k.found
}

type chainCheck struct {
	Chain
	facts map[string]audit.Facts
	// seen are the stores that list an order.
	seen  map[string][]string
	found []audit.Difference
}

func (k *chainCheck) find(id string, part audit.Part, kind audit.Kind, format string, args ...any) {
	k.found = append(k.found, audit.Difference{OrderID: id, Part: part, Kind: kind, Detail: fmt.Sprintf(format, args...)})
}

// spending are the kinds of entries of what a member spends on an order, rather than earns by it.
var spending = []order.PointsKind{order.PointsSpend, order.PointsRelease, order.PointsReturn(0).Base()}

// list checks that what a store's orders came to is what the ledgers have of them.
func (k *chainCheck) list(slug string, orders []Listed) {
	var net, moved, points, booked int64
	for _, o := range orders {
		k.seen[o.ID] = append(k.seen[o.ID], slug)
		if o.Store != slug {
			k.find(o.ID, audit.PartReadModel, WrongStore, "%s lists it, and it says that it is %s's", slug, o.Store)
		}
		f := k.facts[o.ID]
		net += o.Net
		moved += netOf(f.Money)
		if f.Workflow != nil && f.Workflow.MembershipNumber != "" {
			points += o.Points
		}
		for _, entry := range f.Points {
			if !slices.Contains(spending, entry.Kind.Base()) {
				booked += entry.Points
			}
		}
	}
	if net != moved {
		k.find("", audit.PartMoney, SalesDiffer, "the orders of %s came to %d, and the gateway has moved %d for them", slug, net, moved)
	}
	if points != booked {
		k.find("", audit.PartPoints, SalesDiffer, "the orders of %s are worth %d points, and %d are booked for them", slug, points, booked)
	}
}

// netOf returns what was charged and not refunded.
func netOf(movements []payment.Movement) (net int64) {
	for _, m := range movements {
		if m.Kind == payment.KindRefund {
			net -= m.Amount
		} else {
			net += m.Amount
		}
	}
	return net
}

// order checks that an order is its store's everywhere.
func (k *chainCheck) order(id string, f audit.Facts) {
	if f.Workflow == nil {
		return // the audit says so
	}
	slug := f.Workflow.Store
	if chosen, known := k.Chosen[id]; known && chosen != slug {
		k.find(id, audit.PartWorkflow, WrongStore, "its customer chose %s, and it is %s's", chosen, slug)
	}
	if f.ReadModel != nil {
		if f.ReadModel.Store != slug || f.ReadModel.Columns.Store != slug {
			k.find(id, audit.PartReadModel, WrongStore, "it is %s's, and the read model has it as %s's and %s's", slug, f.ReadModel.Store, f.ReadModel.Columns.Store)
		}
		if seen := k.seen[id]; !slices.Equal(seen, []string{slug}) {
			k.find(id, audit.PartReadModel, WrongStore, "it is %s's, and these list it: %v", slug, seen)
		}
	}
	for _, text := range k.Texts[id] {
		for other, name := range k.Names {
			if other != slug && strings.Contains(text, name) {
				k.find(id, audit.PartTexts, OthersText, "it is %s's, and its customer was told: %s", slug, text)
			}
		}
	}
}

// stay is how long an order was on its store's board, under its number.
type stay struct {
	id, number   string
	since, until time.Time
}

// numbers checks that no two orders were on a store's board under one number at the same time.
func (k *chainCheck) numbers() {
	boards := map[string][]stay{}
	for id, f := range k.facts {
		if f.Workflow == nil || f.ReadModel == nil || f.ReadModel.PickupNumber == nil {
			continue
		}
		s := stay{id: id, number: *f.ReadModel.PickupNumber}
		s.since, s.until = onBoard(*f.Workflow)
		boards[f.Workflow.Store] = append(boards[f.Workflow.Store], s)
	}
	for slug, stays := range boards {
		slices.SortFunc(stays, func(a, b stay) int {
			if a.number != b.number {
				return strings.Compare(a.number, b.number)
			}
			return a.since.Compare(b.since)
		})
		for i := 1; i < len(stays); i++ {
			if before, now := stays[i-1], stays[i]; before.number == now.number && now.since.Before(before.until) {
				k.find(now.id, audit.PartReadModel, NumberTwice, "%s had %s on its board as %s already", slug, before.id, before.number)
			}
		}
	}
}

// onBoard returns since when and until when an order was on the board; one that still is, until some day.
func onBoard(s order.Snapshot) (since, until time.Time) {
	until = s.PlacedAt.AddDate(1, 0, 0)
	for _, entry := range s.Timeline {
		switch {
		case entry.Note != "":
		case entry.Status == order.Paid:
			since = entry.At
		case entry.Status.Terminal():
			return since, entry.At
		}
	}
	return since, until
}

package catalog

import (
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/internal/store"
)

// State is what is known of a store's menu: the store, the catalog, and what the store says
// otherwise.
type State struct {
	Store     store.State
	Catalog   Catalog
	Overrides Overrides
	// Version is the catalog's: another one after every change of it.
	Version int64
}

// Menu returns what can be ordered at that time. Its zone is that of a store that has none.
func (s State) Menu(at time.Time) Menu {
	m := s.WholeMenu(at)
	for i, group := range m.Groups {
		m.Groups[i].Options = slices.DeleteFunc(group.Options, func(o Option) bool {
			return s.Overrides.Options[OptionKey(group.Group, o.Option)].Hidden
		})
	}
	m.Items = slices.DeleteFunc(m.Items, func(i Item) bool { return s.Overrides.Items[i.Product].Hidden })
	return m
}

// WholeMenu is Menu with what the store hides: for its staff. None of that is available.
func (s State) WholeMenu(at time.Time) Menu {
	at = at.In(s.Store.Zone(at.Location()))
	m := Menu{
		Store: s.Store, Opening: s.Store.At(at, at.Location()), Categories: s.Catalog.Categories,
		Unavailable: map[string]Unavailability{}, currency: s.Catalog.Currency(),
	}
	m.Open = m.Opening.Open
	m.changes(m.Opening.Until)
	priced := s.Catalog.Priced(s.Overrides)
	m.Groups, m.Items = priced.Groups, priced.Items
	usedUp := map[string]time.Time{}
	for i, group := range m.Groups {
		left, until := s.groupAt(group, at)
		if !left.enough() {
			usedUp[group.Group] = s.enoughFrom(group, at)
		}
		m.Groups[i] = left
		m.changes(until)
	}
	for i, item := range m.Items {
		why, unavailable := s.unavailable(item, usedUp, at)
		if unavailable {
			m.Unavailable[item.Product] = why
		}
		m.Items[i].Available = !unavailable
		m.changes(s.Overrides.Items[item.Product].next(at))
		_, until := store.Daily(item.Hours, at)
		m.changes(until)
	}
	return m
}

// resolve returns whether something is to be had at that time, and when that changes by itself;
// zero for never.
func resolve(available bool, said Override, at time.Time) (bool, time.Time) {
	switch {
	case said.Hidden:
		return false, time.Time{}
	case said.Availability == nil:
		return available, time.Time{}
	case said.holds(at):
		return said.Available, said.Until
	default:
		return available || !said.Available, time.Time{} // what was sold out for a time is to be had again
	}
}

// changes notes that the menu is another one from that time on; zero for never.
func (m *Menu) changes(at time.Time) {
	if !at.IsZero() && (m.Until.IsZero() || at.Before(m.Until)) {
		m.Until = at
	}
}

package catalog

import (
	"maps"
	"time"
)

// Availability is what a store says of an item or an option: that it is to be had, or not, until
// a time or until somebody says otherwise.
type Availability struct {
	Available bool `json:"available"`
	// Until is when that ends, so that what was sold out is to be had again; zero for never.
	Until time.Time `json:"until,omitzero"`
}

// holds reports whether it is still what counts.
func (a Availability) holds(at time.Time) bool { return a.Until.IsZero() || at.Before(a.Until) }

// next returns when it ends, after at; zero for never.
func (a Availability) next(at time.Time) time.Time {
	if a.Until.After(at) {
		return a.Until
	}
	return time.Time{}
}

// Overrides are what a store says otherwise than the catalog.
type Overrides struct {
	// Items are by product.
	Items map[string]Availability `json:"items,omitempty"`
	// Options are by [OptionKey].
	Options map[string]Availability `json:"options,omitempty"`
}

// OptionKey returns what tells an option from all others: "milk/oat".
func OptionKey(group, option string) string { return group + "/" + option }

// WithItem returns the overrides with what is said of the product.
func (o Overrides) WithItem(product string, availability Availability) Overrides {
	o.Items = with(o.Items, product, availability)
	return o
}

// WithOption returns the overrides with what is said of the group's option.
func (o Overrides) WithOption(group, option string, availability Availability) Overrides {
	o.Options = with(o.Options, OptionKey(group, option), availability)
	return o
}

func with(said map[string]Availability, key string, availability Availability) map[string]Availability {
	said = maps.Clone(said)
	if said == nil {
		said = map[string]Availability{}
	}
	said[key] = availability
	return said
}

// After returns the overrides that stay once the catalog was changed: what the change says of the
// availability of an item or an option is newer than what was said before.
func (o Overrides) After(before, after Catalog) Overrides {
	old, now := before.Availability(), after.Availability()
	changed := func(key string) bool {
		is, stays := now[key]
		was, known := old[key]
		return !stays || known && is != was
	}
	o.Items, o.Options = maps.Clone(o.Items), maps.Clone(o.Options)
	maps.DeleteFunc(o.Items, func(product string, _ Availability) bool { return changed(product) })
	maps.DeleteFunc(o.Options, func(key string, _ Availability) bool { return changed(key) })
	return o
}

// Availability returns what the catalog says of every product, and of every option by [OptionKey].
func (c Catalog) Availability() map[string]bool {
	available := map[string]bool{}
	for _, item := range c.Items {
		available[item.Product] = item.Available
	}
	for _, group := range c.Groups {
		for _, option := range group.Options {
			available[OptionKey(group.Group, option.Option)] = option.Available
		}
	}
	return available
}

// State is what is known of a store's menu: the catalog, what the store says otherwise, and
// whether it takes orders.
type State struct {
	Open      bool
	Catalog   Catalog
	Overrides Overrides
	// Version is the catalog's: another one after every change of it.
	Version int64
}

// Menu returns what can be ordered at that time, which is in the store's time zone.
func (s State) Menu(at time.Time) Menu {
	m := Menu{Open: s.Open, Categories: s.Catalog.Categories, Unavailable: map[string]Unavailability{}, currency: s.Catalog.Currency()}
	m.Groups = make([]Group, len(s.Catalog.Groups))
	usedUp := map[string]time.Time{}
	for i, group := range s.Catalog.Groups {
		left, until := s.groupAt(group, at)
		if !left.enough() {
			usedUp[group.Group] = s.enoughFrom(group, at)
		}
		m.Groups[i] = left
		m.changes(until)
	}
	m.Items = make([]Item, len(s.Catalog.Items))
	for i, item := range s.Catalog.Items {
		why, unavailable := s.unavailable(item, usedUp, at)
		if unavailable {
			m.Unavailable[item.Product] = why
		}
		item.Available = !unavailable
		m.Items[i] = item
		m.changes(s.Overrides.Items[item.Product].next(at))
		m.changes(item.Hours.next(at))
	}
	return m
}

// resolve returns whether something is to be had at that time, and when that changes by itself;
// zero for never.
func resolve(available bool, overrides map[string]Availability, key string, at time.Time) (bool, time.Time) {
	said, overridden := overrides[key]
	switch {
	case !overridden:
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

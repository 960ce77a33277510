package catalog

import (
	"maps"
	"slices"
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
	m := Menu{Open: s.Open, Categories: s.Catalog.Categories}
	m.Groups = make([]Group, len(s.Catalog.Groups))
	enough := map[string]bool{}
	for i, group := range s.Catalog.Groups {
		group.Options = slices.Clone(group.Options)
		for j, option := range group.Options {
			group.Options[j].Available = m.resolve(option.Available, s.Overrides.Options, OptionKey(group.Group, option.Option), at)
		}
		m.Groups[i], enough[group.Group] = group, group.enough()
	}
	m.Items = make([]Item, len(s.Catalog.Items))
	for i, item := range s.Catalog.Items {
		item.Available = m.resolve(item.Available, s.Overrides.Items, item.Product, at) && item.Hours.contain(at)
		for _, group := range item.Groups {
			item.Available = item.Available && enough[group]
		}
		m.Items[i] = item
		m.changes(item.Hours.next(at))
	}
	return m
}

// resolve returns whether something is to be had, and notes when that changes by itself.
func (m *Menu) resolve(available bool, overrides map[string]Availability, key string, at time.Time) bool {
	said, overridden := overrides[key]
	switch {
	case !overridden:
		return available
	case said.holds(at):
		m.changes(said.Until)
		return said.Available
	default:
		return available || !said.Available // what was sold out for a time is to be had again
	}
}

// changes notes that the menu is another one from that time on; zero for never.
func (m *Menu) changes(at time.Time) {
	if !at.IsZero() && (m.Until.IsZero() || at.Before(m.Until)) {
		m.Until = at
	}
}

// enough reports whether as much is left of the group as every piece has to have.
func (g Group) enough() bool {
	left := 0
	for _, option := range g.Options {
		if option.Available {
			left += option.MaxQty
		}
	}
	return left >= g.Min
}

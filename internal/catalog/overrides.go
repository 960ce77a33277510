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
func (a *Availability) next(at time.Time) time.Time {
	if a != nil && a.Until.After(at) {
		return a.Until
	}
	return time.Time{}
}

// Override is what a store says of an item or an option otherwise than the catalog.
type Override struct {
	// Availability is nil where the store says nothing of it.
	*Availability
	// Price is the store's, in minor units; nil for the catalog's. Of an option it is what one
	// costs on top.
	Price *int64 `json:"price,omitempty"`
	// Hidden: the store does not sell it at all.
	Hidden bool `json:"hidden,omitempty"`
}

// price returns what the store takes for what the catalog has at that price.
func (o Override) price(catalogs int64) int64 {
	if o.Price != nil {
		return *o.Price
	}
	return catalogs
}

// Overrides are what a store says otherwise than the catalog.
type Overrides struct {
	// Items are by product.
	Items map[string]Override `json:"items,omitempty"`
	// Options are by [OptionKey].
	Options map[string]Override `json:"options,omitempty"`
}

// OptionKey returns what tells an option from all others: "milk/oat".
func OptionKey(group, option string) string { return group + "/" + option }

// WithItem returns the overrides with what is said of the product's availability.
func (o Overrides) WithItem(product string, said Availability) Overrides {
	override := o.Items[product]
	override.Availability = &said
	return o.WithItemOverride(product, override)
}

// WithOption returns the overrides with what is said of the availability of the group's option.
func (o Overrides) WithOption(group, option string, said Availability) Overrides {
	override := o.Options[OptionKey(group, option)]
	override.Availability = &said
	return o.WithOptionOverride(group, option, override)
}

// WithItemOverride returns the overrides with all that is said of the product; nothing is for the
// zero one.
func (o Overrides) WithItemOverride(product string, override Override) Overrides {
	o.Items = with(o.Items, product, override)
	return o
}

// WithOptionOverride returns the overrides with all that is said of the group's option.
func (o Overrides) WithOptionOverride(group, option string, override Override) Overrides {
	o.Options = with(o.Options, OptionKey(group, option), override)
	return o
}

func with(said map[string]Override, key string, override Override) map[string]Override {
	said = maps.Clone(said)
	if said == nil {
		said = map[string]Override{}
	}
	said[key] = override
	return told(said)
}

// told returns those overrides that say anything; nil when none does.
func told(said map[string]Override) map[string]Override {
	maps.DeleteFunc(said, func(_ string, override Override) bool { return override == Override{} })
	if len(said) == 0 {
		return nil
	}
	return said
}

// After returns the overrides that stay once the catalog was changed: what the change says of the
// availability of an item or an option is newer than what was said before, and prices in another
// currency are none.
func (o Overrides) After(before, after Catalog) Overrides {
	old, now := before.Availability(), after.Availability()
	keep := func(said map[string]Override) map[string]Override {
		kept := map[string]Override{}
		for key, override := range said {
			if before.Currency() != after.Currency() {
				override.Price = nil
			}
			if was, known := old[key]; known && was != now[key] {
				override.Availability = nil
			}
			if _, stays := now[key]; stays {
				kept[key] = override
			}
		}
		return told(kept)
	}
	return Overrides{Items: keep(o.Items), Options: keep(o.Options)}
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

// Priced returns the catalog with the prices of the store that says so.
func (c Catalog) Priced(said Overrides) Catalog {
	groups := make([]Group, len(c.Groups))
	for i, group := range c.Groups {
		options := make([]Option, len(group.Options))
		for j, option := range group.Options {
			option.Price = said.Options[OptionKey(group.Group, option.Option)].price(option.Price)
			options[j] = option
		}
		group.Options = options
		groups[i] = group
	}
	items := make([]Item, len(c.Items))
	for i, item := range c.Items {
		item.Price.Amount = said.Items[item.Product].price(item.Price.Amount)
		items[i] = item
	}
	c.Groups, c.Items = groups, items
	return c
}

package backoffice

import (
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
)

// said is what a request says of an item or an option, for the store alone. What it leaves out stays
// as it is.
type said struct {
	Available *bool
	Until     *time.Time
	Hidden    *bool
}

func (s said) ofItem(state catalog.State, product string, now time.Time) (catalog.State, error) {
	override, err := s.added(state.Overrides.Items[product], now)
	if err != nil {
		return state, err
	}
	state.Overrides = state.Overrides.WithItemOverride(product, override)
	return state, nil
}

func (s said) ofOption(state catalog.State, group, option string, now time.Time) (catalog.State, error) {
	override, err := s.added(state.Overrides.Options[catalog.OptionKey(group, option)], now)
	if err != nil {
		return state, err
	}
	state.Overrides = state.Overrides.WithOptionOverride(group, option, override)
	return state, nil
}

// added returns the override with what is said.
func (s said) added(override catalog.Override, now time.Time) (catalog.Override, error) {
	if s.Available != nil {
		availability, err := availabilityOf(*s.Available, s.Until, now)
		if err != nil {
			return override, err
		}
		override.Availability = &availability
	}
	if s.Hidden != nil {
		override.Hidden = *s.Hidden
	}
	return override, nil
}

// availabilityOf returns the availability, which has to hold for some time.
func availabilityOf(available bool, until *time.Time, now time.Time) (catalog.Availability, error) {
	said := catalog.Availability{Available: available}
	if until == nil {
		return said, nil
	}
	if !until.After(now) || until.After(now.AddDate(1, 0, 0)) {
		return said, transport.InvalidField("until", "must be in the future, within a year")
	}
	said.Until = until.UTC().Truncate(time.Second)
	return said, nil
}

// withItemOverride returns the state with what the request says of the product, for the store alone.
// The catalog has to have it; a price as the catalog's is none of the store's own.
func (m *MenuResource) withItemOverride(state catalog.State, product string, body spec.MenuItemRequest, now time.Time) (catalog.State, error) {
	item, known := state.Catalog.FindItem(product)
	if !known {
		return state, transport.NotFound()
	}
	var c transport.FieldChecks
	c.That(body.Name == nil, "name", "must be left out: with several stores, names are changed in the catalog")
	c.That(body.Until == nil || body.Available != nil, "available", "must be there beside until")
	if c.Err != nil {
		return state, c.Err
	}
	before := state.Overrides
	if body.Price != nil {
		if body.Price.Currency != item.Price.Currency {
			return state, transport.InvalidField("price.currency", "must be "+item.Price.Currency+" like the rest of the menu")
		}
		override := before.Items[product]
		override.Price = otherThan(item.Price.Amount, body.Price.Amount)
		state.Overrides = before.WithItemOverride(product, override)
		now, was := state.Catalog.Priced(state.Overrides), state.Catalog.Priced(before)
		if problems := now.CheckItem(product, m.Amounts, was); len(problems) > 0 {
			return state, transport.InvalidField(problems[0].Path, problems[0].Message)
		}
	}
	return said{Available: body.Available, Until: body.Until, Hidden: body.Hidden}.ofItem(state, product, now)
}

// otherThan returns the store's price; nil when it is the catalog's.
func otherThan(catalogs, price int64) *int64 {
	if price == catalogs {
		return nil
	}
	return &price
}

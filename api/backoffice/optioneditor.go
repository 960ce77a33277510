package backoffice

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
)

// optionEdit is a change of an option, which the path names.
type optionEdit struct {
	menu          *MenuResource
	group, option string
}

func (m *MenuResource) option(r *http.Request) optionEdit {
	return optionEdit{m, mux.Vars(r)["group"], mux.Vars(r)["option"]}
}

// ifKnown returns the edit for an option that there is; otherwise it is not found.
func (o optionEdit) ifKnown(edit func(catalog.State) (catalog.State, error)) func(catalog.State) (catalog.State, error) {
	return func(state catalog.State) (catalog.State, error) {
		group, _ := state.Catalog.FindGroup(o.group)
		if _, known := group.FindOption(o.option); !known {
			return state, transport.NotFound()
		}
		return edit(state)
	}
}

// putOption is PUT /store/options/{group}/{option}.
func (m *MenuResource) putOption(w http.ResponseWriter, r *http.Request) error {
	var body spec.OptionRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	if body.Available == nil && (body.Until != nil || body.Price == nil && body.Hidden == nil) {
		return transport.InvalidField("available", "is required")
	}
	o, now := m.option(r), m.Now()
	says := said{Available: body.Available, Until: body.Until, Hidden: body.Hidden}
	state, err := m.edit(r, menuEdit{
		sells: body.Price != nil || body.Hidden != nil, inCatalog: body.Price != nil,
		only: o.ifKnown(func(state catalog.State) (catalog.State, error) {
			priced, err := o.inCatalog(state, body)
			if err != nil {
				return state, err
			}
			return says.ofOption(priced, o.group, o.option, now)
		}),
		oneOfSeveral: o.ifKnown(func(state catalog.State) (catalog.State, error) {
			priced, err := o.inStore(state, body)
			if err != nil {
				return state, err
			}
			return says.ofOption(priced, o.group, o.option, now)
		}),
	})
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, views.StoreMenuOption(state, o.group, o.option, now))
}

// resetOption is DELETE /store/options/{group}/{option}: it is as the catalog has it.
func (m *MenuResource) resetOption(w http.ResponseWriter, r *http.Request) error {
	o := m.option(r)
	reset := o.ifKnown(func(state catalog.State) (catalog.State, error) {
		state.Overrides = state.Overrides.WithOptionOverride(o.group, o.option, catalog.Override{})
		return state, nil
	})
	if _, err := m.edit(r, menuEdit{sells: true, only: reset, oneOfSeveral: reset}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// inCatalog returns the state with the price that the request says, in the catalog.
func (o optionEdit) inCatalog(state catalog.State, body spec.OptionRequest) (catalog.State, error) {
	if body.Price == nil {
		return state, nil
	}
	before := state.Catalog
	state.Catalog = before.Priced(catalog.Overrides{}.WithOptionOverride(o.group, o.option, catalog.Override{Price: &body.Price.Amount}))
	return state, o.menu.checkOption(state.Catalog, before, o.group, o.option, body.Price.Currency)
}

// inStore returns the state with the price that the request says, as the store's own.
func (o optionEdit) inStore(state catalog.State, body spec.OptionRequest) (catalog.State, error) {
	if body.Price == nil {
		return state, nil
	}
	before := state.Overrides
	override := before.Options[catalog.OptionKey(o.group, o.option)]
	group, _ := state.Catalog.FindGroup(o.group)
	known, _ := group.FindOption(o.option)
	override.Price = otherThan(known.Price, body.Price.Amount)
	state.Overrides = before.WithOptionOverride(o.group, o.option, override)
	now, was := state.Catalog.Priced(state.Overrides), state.Catalog.Priced(before)
	return state, o.menu.checkOption(now, was, o.group, o.option, body.Price.Currency)
}

// checkOption refuses a price that the option cannot have, or that makes an item cheaper than nothing.
func (m *MenuResource) checkOption(now, before catalog.Catalog, group, option, currency string) error {
	if currency != now.Currency() {
		return transport.InvalidField("price.currency", "must be "+now.Currency()+" like the rest of the menu")
	}
	was := before.Check(m.Amounts, before)
	i := slices.IndexFunc(now.Groups, func(g catalog.Group) bool { return g.Group == group })
	j := slices.IndexFunc(now.Groups[i].Options, func(o catalog.Option) bool { return o.Option == option })
	for _, problem := range now.Check(m.Amounts, before) {
		switch {
		case slices.Contains(was, problem): // it is not this price's fault
		case problem.Path == fmt.Sprintf("groups[%d].options[%d].price", i, j):
			return transport.InvalidField("price.amount", problem.Message)
		default:
			return transport.InvalidField("price.amount", "cannot be had: then "+problem.Path+" "+problem.Message)
		}
	}
	return nil
}

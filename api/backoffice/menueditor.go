package backoffice

import (
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// MenuResource is the staff's resources /store/menu and /store/options. Where there is one store, its
// menu is the catalog, and products and prices are changed in that. Where there are several, what is
// changed is what a store says otherwise than the catalog.
type MenuResource struct {
	Menu    MenuEditor
	Stores  StoreEditor
	Amounts money.Provider
	Staff   *access.StaffAuth
	// Now is the clock, in the time zone of stores that have none.
	Now func() time.Time
}

// Register adds the resource's routes.
func (m *MenuResource) Register(router *mux.Router) {
	transport.Get(router, "/store/menu", m.Staff.RequireRole(access.Barista, m.show))
	transport.Put(router, "/store/menu/{product}", m.Staff.RequireRole(access.Barista, m.put))
	transport.Delete(router, "/store/menu/{product}", m.Staff.RequireRole(access.Manager, m.remove))
	transport.Put(router, "/store/options/{group}/{option}", m.Staff.RequireRole(access.Barista, m.putOption))
	transport.Delete(router, "/store/options/{group}/{option}", m.Staff.RequireRole(access.Manager, m.resetOption))
}

// show is GET /store/menu: the menu as it is now, in all languages.
func (m *MenuResource) show(w http.ResponseWriter, r *http.Request) error {
	slug, err := access.StaffOf(r).Store(r)
	if err != nil {
		return err
	}
	state, err := m.Menu.Menu(r.Context(), slug)
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, views.StoreMenu(state, m.Now()))
}

// menuEdit changes a menu for who is allowed to: by its edit of the catalog where there is one store, and
// by that of what one of several stores says otherwise.
type menuEdit struct {
	// sells: not only what is sold out is changed, but what is sold, or for how much. inCatalog: that
	// is a change of the catalog, where there is one store.
	sells, inCatalog   bool
	only, oneOfSeveral func(catalog.State) (catalog.State, error)
}

// edit makes the change in the menu of the store that the request is about.
func (m *MenuResource) edit(r *http.Request, change menuEdit) (catalog.State, error) {
	slug, err := access.StaffOf(r).Store(r)
	if err != nil {
		return catalog.State{}, err
	}
	if change.sells {
		if err := access.Requires(r, access.Manager); err != nil {
			return catalog.State{}, err
		}
	}
	stores, err := m.Stores.CountStores(r.Context())
	if err != nil {
		return catalog.State{}, err
	}
	if stores > 1 {
		return m.Menu.EditMenu(r.Context(), slug, change.oneOfSeveral)
	}
	if change.inCatalog {
		if err := access.RequireEverywhere(r); err != nil {
			return catalog.State{}, err
		}
	}
	return m.Menu.EditMenu(r.Context(), slug, change.only)
}

// put is PUT /store/menu/{product}.
func (m *MenuResource) put(w http.ResponseWriter, r *http.Request) error {
	product, err := pathProduct(r)
	if err != nil {
		return err
	}
	var body spec.MenuItemRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	now := m.Now()
	inCatalog := body.Name != nil || body.Price != nil
	state, err := m.edit(r, menuEdit{
		sells: inCatalog || body.Hidden != nil, inCatalog: inCatalog,
		only: func(state catalog.State) (catalog.State, error) { return m.withItem(state, product, body, now) },
		oneOfSeveral: func(state catalog.State) (catalog.State, error) {
			return m.withItemOverride(state, product, body, now)
		},
	})
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, views.StoreMenuItem(state, product, now))
}

// withItem returns the state with what the request says of the product, in the catalog. A new item has
// to have a name and a price; of one that is there, what is left out stays as it is.
func (m *MenuResource) withItem(state catalog.State, product string, body spec.MenuItemRequest, now time.Time) (catalog.State, error) {
	before := state.Catalog
	item, known := before.FindItem(product)
	if !known {
		item = catalog.Item{Product: product, Available: true}
	}
	if body.Name != nil {
		item.Name = order.Names{order.Korean: strings.TrimSpace(body.Name.Ko), order.English: strings.TrimSpace(body.Name.En)}
	}
	if body.Price != nil {
		item.Price = order.Money(*body.Price)
	}
	state.Catalog = before.WithItem(item)
	if len(state.Catalog.Items) == 1 && item.Price.Currency != before.Currency() {
		state.Catalog = before.InCurrencyOf(item)
	}
	if err := m.checkItem(state.Catalog, before, product, body); err != nil {
		return state, err
	}
	return said{Available: body.Available, Until: body.Until, Hidden: body.Hidden}.ofItem(state, product, now)
}

// checkItem refuses what is wrong with the item, by the names that the request has for it.
func (m *MenuResource) checkItem(now, before catalog.Catalog, product string, body spec.MenuItemRequest) error {
	_, known := before.FindItem(product)
	var c transport.FieldChecks
	c.That(known || body.Name != nil, "name", "must be there for a new product")
	c.That(known || body.Price != nil, "price", "must be there for a new product")
	c.That(body.Until == nil || body.Available != nil, "available", "must be there beside until")
	if c.Err != nil {
		return c.Err
	}
	if known && body.Name == nil && body.Price == nil {
		return nil // it is only sold out, put back or hidden
	}
	if problems := now.CheckItem(product, m.Amounts, before); len(problems) > 0 {
		return transport.InvalidField(problems[0].Path, problems[0].Message)
	}
	if body.Name == nil {
		return nil // the catalog does not grow
	}
	if err := document.CheckSize(now); err != nil {
		return transport.InvalidField("product", "does not fit: the catalog "+err.Error())
	}
	return nil
}

// remove is DELETE /store/menu/{product}. The only store sells it no more; one of several sells it as
// the catalog has it.
func (m *MenuResource) remove(w http.ResponseWriter, r *http.Request) error {
	product, err := pathProduct(r)
	if err != nil {
		return err
	}
	ifKnown := func(edit func(catalog.State) catalog.State) func(catalog.State) (catalog.State, error) {
		return func(state catalog.State) (catalog.State, error) {
			if _, known := state.Catalog.FindItem(product); !known {
				return state, transport.NotFound()
			}
			return edit(state), nil
		}
	}
	_, err = m.edit(r, menuEdit{
		sells: true, inCatalog: true,
		only: ifKnown(func(state catalog.State) catalog.State {
			state.Catalog = state.Catalog.WithoutItem(product)
			return state
		}),
		oneOfSeveral: ifKnown(func(state catalog.State) catalog.State {
			state.Overrides = state.Overrides.WithItemOverride(product, catalog.Override{})
			return state
		}),
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func pathProduct(r *http.Request) (string, error) {
	product := mux.Vars(r)["product"]
	if !catalog.ValidProduct(product) {
		return "", transport.InvalidField("product", "must be 1 to 40 ASCII letters and digits, beginning with a letter")
	}
	return product, nil
}

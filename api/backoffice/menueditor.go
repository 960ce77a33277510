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
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// MenuResource is the staff's resources /store/menu, /store/options and /store/hours.
type MenuResource struct {
	Menu    MenuEditor
	Stores  StoreEditor
	Amounts money.Provider
	Staff   *access.StaffAuth
	// Now is the clock of the store, in its time zone.
	Now func() time.Time
}

// Register adds the resource's routes.
func (m *MenuResource) Register(router *mux.Router) {
	transport.Get(router, "/store/menu", m.Staff.RequireRole(access.Barista, m.show))
	transport.Put(router, "/store/menu/{product}", m.Staff.RequireRole(access.Barista, m.put))
	transport.Delete(router, "/store/menu/{product}", m.Staff.RequireRole(access.Manager, access.Everywhere(m.remove)))
	transport.Put(router, "/store/options/{group}/{option}", m.Staff.RequireRole(access.Barista, m.putOption))
	transport.Put(router, "/store/hours", m.Staff.RequireRole(access.Barista, m.setHours))
}

// show is GET /store/menu: the menu as it is now, in all languages.
func (m *MenuResource) show(w http.ResponseWriter, r *http.Request) error {
	shop, err := access.StaffOf(r).Store(r)
	if err != nil {
		return err
	}
	state, err := m.Menu.Menu(r.Context(), shop)
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, views.StoreMenu(state, m.Now()))
}

// put is PUT /store/menu/{product}. A new item has to have a name and a price; of one that is there,
// what is left out stays as it is.
func (m *MenuResource) put(w http.ResponseWriter, r *http.Request) error {
	product, err := pathProduct(r)
	if err != nil {
		return err
	}
	var body spec.MenuItemRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	shop, err := whose(r, body)
	if err != nil {
		return err
	}
	now := m.Now()
	state, err := m.Menu.EditMenu(r.Context(), shop, func(state catalog.State) (catalog.State, error) {
		return m.withItem(state, product, body, now)
	})
	if err != nil {
		return err
	}
	menu := state.WholeMenu(now)
	item, _ := menu.Item(product)
	return transport.RespondJSON(w, r, http.StatusOK, views.StoreMenuItem(menu, item, state.Overrides.Items[product], now))
}

// whose returns the store whose menu the request changes, and fails unless who sends it may: what is sold
// out is for baristas to say, of their store; a name and a price are the catalog's, which is the same in
// all stores and is edited through the main one.
func whose(r *http.Request, body spec.MenuItemRequest) (string, error) {
	shop, err := access.StaffOf(r).Store(r)
	if err != nil || body.Name == nil && body.Price == nil {
		return shop, err
	}
	if err := access.Requires(r, access.Manager); err != nil {
		return "", err
	}
	if err := access.RequireEverywhere(r); err != nil {
		return "", err
	}
	if shop != store.Main && body.Available != nil {
		return "", transport.InvalidField("available", "is said of one store, and a name and a price of all: send them one after the other")
	}
	return store.Main, nil
}

// withItem returns the state with what the request says of the product.
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
	if err := m.checkItem(state.Catalog, before, product, body); err != nil {
		return state, err
	}
	if body.Available == nil {
		return state, nil
	}
	said, err := availability(spec.AvailabilityRequest{Available: *body.Available, Until: body.Until}, now)
	if err != nil {
		return state, err
	}
	state.Overrides = state.Overrides.WithItem(product, said)
	return state, nil
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
		return nil // it is only sold out, or put back
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

// availability returns what the request says, which has to hold for some time.
func availability(body spec.AvailabilityRequest, now time.Time) (catalog.Availability, error) {
	if body.Until == nil {
		return catalog.Availability{Available: body.Available}, nil
	}
	if !body.Until.After(now) || body.Until.After(now.AddDate(1, 0, 0)) {
		return catalog.Availability{}, transport.InvalidField("until", "must be in the future, within a year")
	}
	return catalog.Availability{Available: body.Available, Until: body.Until.UTC().Truncate(time.Second)}, nil
}

func pathProduct(r *http.Request) (string, error) {
	product := mux.Vars(r)["product"]
	if !catalog.ValidProduct(product) {
		return "", transport.InvalidField("product", "must be 1 to 40 ASCII letters and digits, beginning with a letter")
	}
	return product, nil
}

// remove is DELETE /store/menu/{product}.
func (m *MenuResource) remove(w http.ResponseWriter, r *http.Request) error {
	product, err := pathProduct(r)
	if err != nil {
		return err
	}
	_, err = m.Menu.EditMenu(r.Context(), store.Main, func(state catalog.State) (catalog.State, error) {
		if _, known := state.Catalog.FindItem(product); !known {
			return state, transport.NotFound()
		}
		state.Catalog = state.Catalog.WithoutItem(product)
		return state, nil
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// putOption is PUT /store/options/{group}/{option}.
func (m *MenuResource) putOption(w http.ResponseWriter, r *http.Request) error {
	shop, err := access.StaffOf(r).Store(r)
	if err != nil {
		return err
	}
	group, option := mux.Vars(r)["group"], mux.Vars(r)["option"]
	var body spec.AvailabilityRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	now := m.Now()
	said, err := availability(body, now)
	if err != nil {
		return err
	}
	state, err := m.Menu.EditMenu(r.Context(), shop, func(state catalog.State) (catalog.State, error) {
		if _, known := findOption(state.Catalog.Groups, group, option); !known {
			return state, transport.NotFound()
		}
		state.Overrides = state.Overrides.WithOption(group, option, said)
		return state, nil
	})
	if err != nil {
		return err
	}
	menu := state.WholeMenu(now)
	shown, _ := findOption(menu.Groups, group, option)
	return transport.RespondJSON(w, r, http.StatusOK, views.StoreMenuOption(shown, state.Overrides.Options[catalog.OptionKey(group, option)], menu.Currency(), now))
}

func findOption(groups []catalog.Group, group, option string) (catalog.Option, bool) {
	g, _ := catalog.Catalog{Groups: groups}.FindGroup(group)
	return g.FindOption(option)
}

// setHours is PUT /store/hours.
func (m *MenuResource) setHours(w http.ResponseWriter, r *http.Request) error {
	shop, err := access.StaffOf(r).Store(r)
	if err != nil {
		return err
	}
	var body spec.Hours
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	if err := m.Stores.SetPause(r.Context(), shop, store.Pause{Paused: !body.Open}); err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, body)
}

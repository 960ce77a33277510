package api

import (
	"context"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// menuEditor is the staff's resources /store/menu and /store/hours.
type menuEditor struct {
	menu    MenuEditor
	amounts money.Provider
	staff   *access.StaffAuth
}

func (m *menuEditor) Register(router *mux.Router) {
	transport.Get(router, "/store/menu", m.staff.Require(m.show))
	transport.Put(router, "/store/menu/{product}", m.staff.Require(m.put))
	transport.Delete(router, "/store/menu/{product}", m.staff.Require(m.remove))
	transport.Put(router, "/store/hours", m.staff.Require(m.setHours))
}

// show is GET /store/menu: what [menuEditor.put] changes, in all languages.
func (m *menuEditor) show(w http.ResponseWriter, r *http.Request) error {
	menu, err := m.menu.Menu(r.Context())
	if err != nil {
		return err
	}
	view := spec.StoreMenu{Open: menu.Open, Items: make([]spec.StoreMenuItem, len(menu.Items))}
	for i, item := range menu.Items {
		view.Items[i] = views.StoreMenuItem(item)
	}
	return transport.RespondJSON(w, r, http.StatusOK, view)
}

// put is PUT /store/menu/{product}.
func (m *menuEditor) put(w http.ResponseWriter, r *http.Request) error {
	product, err := pathProduct(r)
	if err != nil {
		return err
	}
	var body spec.MenuItemRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	item, err := checkMenuItem(product, body)
	if err != nil {
		return err
	}
	if err := m.checkPrice(r.Context(), item); err != nil {
		return err
	}
	if err := m.menu.PutItem(r.Context(), item); err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, views.StoreMenuItem(item))
}

func pathProduct(r *http.Request) (string, error) {
	product := mux.Vars(r)["product"]
	if !productForm.MatchString(product) {
		return "", transport.InvalidField("product", "must be 1 to 40 ASCII letters and digits, beginning with a letter")
	}
	return product, nil
}

func checkMenuItem(product string, body spec.MenuItemRequest) (catalog.MenuItem, error) {
	var c inputChecks
	names := map[order.Language]string{
		order.Korean:  c.Text("name.ko", body.Name.Ko, 1, limits.Name),
		order.English: c.Text("name.en", body.Name.En, 1, limits.Name),
	}
	return catalog.MenuItem{Product: product, Name: names, Price: order.Money(body.Price), Available: body.Available}, c.Err
}

// checkPrice refuses a price that nobody can be charged, and keeps the menu in one
// currency: an order cannot mix them. A product may keep the price it has, so that
// it can be sold out whatever the provider of payments was when it was priced.
func (m *menuEditor) checkPrice(ctx context.Context, item catalog.MenuItem) error {
	menu, err := m.menu.Menu(ctx)
	if err != nil {
		return err
	}
	if listed, found := menu.Item(item.Product); found && listed.Price == item.Price {
		return nil
	}
	var c inputChecks
	c.price(item.Price, m.amounts)
	if c.Err != nil {
		return c.Err
	}
	for _, other := range menu.Items {
		if other.Product != item.Product && other.Price.Currency != item.Price.Currency {
			return transport.InvalidField("price.currency", "must be "+other.Price.Currency+" like the rest of the menu")
		}
	}
	return nil
}

// price checks the price of one piece: one that the payment provider can charge.
func (c *inputChecks) price(price order.Money, amounts money.Provider) {
	c.That(money.Known(price.Currency), "price.currency", "must be the ISO 4217 code of a currency that people pay with")
	c.Between("price.amount", price.Amount, 1, money.HighestPrice(price.Currency))
	if err := amounts.CheckPrice(price.Amount, price.Currency); err != nil {
		c.That(false, "price.amount", err.Error())
	}
}

// remove is DELETE /store/menu/{product}.
func (m *menuEditor) remove(w http.ResponseWriter, r *http.Request) error {
	product, err := pathProduct(r)
	if err != nil {
		return err
	}
	if err := m.menu.DeleteItem(r.Context(), product); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// setHours is PUT /store/hours.
func (m *menuEditor) setHours(w http.ResponseWriter, r *http.Request) error {
	var body spec.Hours
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	if err := m.menu.SetOpen(r.Context(), body.Open); err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, body)
}

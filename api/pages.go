package api

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// pageHandlers are for browsers. They are somebody else's: here they get what every
// request gets, and a place beside the API.
type pageHandlers map[string]http.Handler

// orderPagePath is the path of an order's page.
const orderPagePath = "/o/{id}"

// orderPage is the page of an order, or of none. Only an order that is known not
// to exist is none: with nobody there to tell, the page waits for who can.
type orderPage struct {
	finder   readmodel.Finder
	page, no http.Handler
}

// ServeHTTP looks the order up, and serves the page.
func (o orderPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := transport.PathOrderID(r)
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), pageTimeout)
		defer cancel()
		_, err = o.finder.Find(ctx, id)
	}
	if order.ErrorCode(err) == order.CodeNotFound {
		o.no.ServeHTTP(w, r)
		return
	}
	o.page.ServeHTTP(w, r)
}

// pageTimeout is how long a page waits for the look-up.
const pageTimeout = 2 * time.Second

// withOrderPage returns the pages, of which an order's looks whether there is one.
func (c CustomerConfig) withOrderPage(find readmodel.Finder) pageHandlers {
	all := maps.Clone(pageHandlers(c.Pages))
	if page, ok := all[orderPagePath]; ok && c.NoOrder != nil {
		all[orderPagePath] = orderPage{finder: find, page: page, no: c.NoOrder}
	}
	return all
}

func (p pageHandlers) Register(router *mux.Router) {
	for path, page := range p {
		router.Handle(path, page).Methods(http.MethodGet, http.MethodHead)
	}
}

package api

import (
	"net/http"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/order"
)

// quote is POST /orders/quote: what the order would cost. What the order is paid with, and who
// orders, makes no difference to it.
func (o *ordersResource) quote(w http.ResponseWriter, r *http.Request) error {
	request, err := o.read(r)
	if err != nil {
		return err
	}
	menu, err := o.menuOf(r.Context(), request)
	if err != nil {
		return err
	}
	menu.Open = true // it costs the same when the store is closed
	lines, err := o.price(request, menu)
	if err != nil {
		return err
	}
	total, err := order.Total(lines)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return transport.RespondJSON(w, r, http.StatusOK, views.Quote(lines, request.Language, total, o.terms.PointsRate.Of(total.Amount)))
}

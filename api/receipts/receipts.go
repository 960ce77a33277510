package receipts

import (
	"context"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/receipt"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Page shows receipts to people, in their language.
type Page interface {
	// ServeReceipt answers with the receipt.
	ServeReceipt(w http.ResponseWriter, r *http.Request, of receipt.Receipt)
	// ServeUnpaid answers with 409, and says that there is no receipt of an order that was never paid.
	ServeUnpaid(w http.ResponseWriter, r *http.Request, of order.Snapshot)
}

// Resource is the resource /orders/{id}/receipt. Who knows an order's ID may see it.
type Resource struct {
	Finder readmodel.Finder
	// Store returns a store's document, or CodeNotFound.
	Store func(ctx context.Context, slug string) (store.Store, error)
	// Page shows receipts; everybody gets JSON when nil.
	Page Page
	// NoOrder is the page for browsers that ask for an order that does not exist; a problem when nil.
	NoOrder http.Handler
	// Zone is that of stores that name none.
	Zone *time.Location
}

// Register adds the resource's route.
func (p *Resource) Register(router *mux.Router) {
	transport.Get(router, "/orders/{id}/receipt", p.show)
}

// show is GET /orders/{id}/receipt. Whoever does not ask for JSON gets the page.
func (p *Resource) show(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	s, err := p.order(r)
	if order.ErrorCode(err) == order.CodeNotFound && p.NoOrder != nil && isBrowser(r) {
		p.NoOrder.ServeHTTP(w, r)
		return nil
	}
	if err != nil {
		return err
	}
	seller, err := p.seller(r.Context(), s.StoreOrMain())
	if err != nil {
		return err
	}
	of, err := receipt.Of(s, seller, p.Zone)
	switch {
	case order.ErrorCode(err) == receipt.CodeNotPaid && p.Page != nil && isBrowser(r):
		p.Page.ServeUnpaid(w, r, s)
	case err != nil:
		return err
	case p.Page != nil && !transport.Prefers(r, "application/json", "text/html"):
		p.Page.ServeReceipt(w, r, of)
	default:
		return respondJSON(w, r, of)
	}
	return nil
}

// isBrowser reports whether errors are shown as pages.
func isBrowser(r *http.Request) bool {
	return transport.Prefers(r, "text/html", "application/json", "application/problem+json")
}

func (p *Resource) order(r *http.Request) (order.Snapshot, error) {
	id, err := transport.PathOrderID(r)
	if err != nil {
		return order.Snapshot{}, err
	}
	transport.RequestLogOf(r).OrderID = id
	return p.Finder.Find(r.Context(), id)
}

// seller returns the store's document. Of a store that is not there any more its slug is known still.
func (p *Resource) seller(ctx context.Context, slug string) (store.Store, error) {
	seller, err := p.Store(ctx, slug)
	if order.ErrorCode(err) == order.CodeNotFound {
		return store.Store{Store: slug}, nil
	}
	return seller, err
}

func respondJSON(w http.ResponseWriter, r *http.Request, of receipt.Receipt) error {
	language, err := languageOf(r, of.Order.Language)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Add("Vary", "Accept-Language")
	header.Set("Content-Language", string(language))
	header.Set("Cache-Control", "private, no-cache")
	return transport.RespondJSON(w, r, http.StatusOK, views.Receipt(of, language))
}

// languageOf returns the language that is asked for, or else the order's.
func languageOf(r *http.Request, orders order.Language) (order.Language, error) {
	query := r.URL.Query()
	if orders != "" && !query.Has("lang") && !query.Has("language") && r.Header.Get("Accept-Language") == "" {
		return orders, nil
	}
	return transport.LanguageOf(r)
}

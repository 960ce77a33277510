// Package web is the pages for customers and for the store's staff: skeletons in
// the reader's language, and modules that fill them from the public HTTP API and
// its event streams. Everything is embedded as it is written, and
// minified at the start; nothing is built.
package web

import (
	"context"
	"embed"
	"net/http"
	"time"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

//go:embed pages text
var embeddedFiles embed.FS

// CustomerConfig is what the customers' pages depend on.
type CustomerConfig struct {
	// Methods are the tokens of the payment methods to choose from, the one first that is
	// chosen. Without any there is no choice.
	Methods []string
	// PaysOnPage: without a choice, customers pay on the provider's page; the server's default
	// pays otherwise.
	PaysOnPage bool
	// SandboxPage turns the sandbox's payment page on.
	SandboxPage bool
	// Brand is what the pages show; the default brand when nil.
	Brand BrandSource
	// Stores are those to choose from; nil for a café with one store.
	Stores StoreSource
	// TimeZone is that of stores that name none; nil for that of whoever looks at the page.
	TimeZone *time.Location
	// Dev turns the developer's page on. Leave it nil elsewhere.
	Dev *Dev
}

func (c CustomerConfig) stores() *storeCache {
	cache := &storeCache{read: c.Stores, now: time.Now}
	if c.TimeZone != nil {
		cache.zone = c.TimeZone.String()
	}
	return cache
}

// Dev is what the developer's page links to.
type Dev struct {
	// TemporalUI is the address of Temporal's Web UI; empty when there is none.
	TemporalUI string
	// Namespace is where the orders' workflows are.
	Namespace string
	// Board is the address of the store's board.
	Board string
}

// Customer returns the pages of the customer surface, by the templates of their
// paths. It panics when an embedded template cannot be rendered.
func Customer(c CustomerConfig) map[string]http.Handler {
	s := newSite(c.Brand, c.stores())
	menu := s.page("menu", c)
	pages := map[string]http.Handler{
		assetPath:    s.assets,
		manifestPath: manifest{s, "/"},
		"/":          menu,
		storePath: storePage{
			stores: s.stores, menu: menu,
			unknown: s.render(http.StatusNotFound, templateView{Name: "menu", Config: c}),
			missing: s.render(http.StatusNotFound, templateView{Name: "missing", Config: "/"}),
		},
		"/o/{id}": s.page("order", c),
		payPath:   s.pay(c),
		"/member": s.page("member", c),
	}
	if c.SandboxPage {
		pages[payment.PagePath("{session}")] = s.page("sandboxpay", c)
	}
	if c.Dev != nil {
		pages["/dev"] = s.page("dev", c)
	}
	return pages
}

// NoOrder returns the page of an order that does not exist: 404, in the reader's
// language and, in short, in the other one.
func NoOrder(c CustomerConfig) http.Handler {
	return newSite(c.Brand, c.stores()).render(http.StatusNotFound, templateView{Name: "order", Variant: "missing", Config: c})
}

// NotFound returns the page of an address that nothing is at: 404, in the reader's
// language, with the way to the surface's first page, home.
func NotFound(home string, source BrandSource) http.Handler {
	return newSite(source, &storeCache{}).render(http.StatusNotFound, templateView{Name: "missing", Config: home})
}

// Store returns the pages of the store surface, as [Customer] does.
func Store(source BrandSource) map[string]http.Handler {
	s := newSite(source, &storeCache{})
	return map[string]http.Handler{
		assetPath:       s.assets,
		manifestPath:    manifest{s, "/store"},
		"/":             http.RedirectHandler("/store", http.StatusFound),
		"/store":        s.page("board", nil),
		"/store/manage": s.page("manage", nil),
	}
}

// pageSite is what all pages share.
type pageSite struct {
	assets *assetFiles
	texts  map[order.Language]pageTexts
	brand  BrandSource
	stores *storeCache
}

func newSite(source BrandSource, stores *storeCache) *pageSite {
	if source == nil {
		source = func(context.Context) brand.Brand { return brand.Default() }
	}
	t := readTexts()
	return &pageSite{assets: newAssets(t), texts: t, brand: source, stores: stores}
}

package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/lastgood"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// menuResource is the customers' resources /menu and /stores/{store}/menu.
type menuResource struct{ cache *menuCache }

func (m *menuResource) Register(router *mux.Router) {
	transport.Get(router, "/menu", m.show)
	transport.Get(router, "/stores/{store}/menu", m.show)
}

// show is GET /menu, of the store that the path names.
func (m *menuResource) show(w http.ResponseWriter, r *http.Request) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	menu, err := m.cache.get(r.Context(), transport.PathStore(r))
	if err != nil {
		return err
	}
	localize(w, language)
	return transport.RespondJSON(w, r, http.StatusOK, views.Menu(menu, language))
}

// menuCache has the last good menu of each store that was asked for. They share one catalog.
type menuCache struct {
	menu Menu
	now  func() time.Time
	log  *slog.Logger

	mu     sync.Mutex
	stores map[string]*lastgood.Value[catalog.State]
}

// get returns the store's menu as it is now. It fails with CodeNotFound when there is no such
// store, and with CodeUnavailable only if its menu was never read.
func (c *menuCache) get(ctx context.Context, slug string) (catalog.Menu, error) {
	state, err := c.state(ctx, slug)
	if err != nil {
		return catalog.Menu{}, err
	}
	return state.Menu(c.now()), nil
}

func (c *menuCache) state(ctx context.Context, slug string) (catalog.State, error) {
	state, err := c.of(slug).Get(ctx)
	if order.ErrorCode(err) == order.CodeNotFound {
		c.forget(slug)
	}
	return state, err
}

// ready fails until there has been a first menu.
func (c *menuCache) ready(ctx context.Context) error { return c.of(store.Main).Ready(ctx) }

func (c *menuCache) of(slug string) *lastgood.Value[catalog.State] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stores == nil {
		c.stores = map[string]*lastgood.Value[catalog.State]{}
	}
	if c.stores[slug] == nil {
		c.stores[slug] = &lastgood.Value[catalog.State]{
			What: "the menu of the store " + slug, Now: c.now, Log: c.log,
			Read: func(ctx context.Context) (catalog.State, error) { return c.menu.Menu(ctx, slug) },
		}
	}
	return c.stores[slug]
}

// forget forgets a store that there is not: whoever asks for many of them fills no memory.
func (c *menuCache) forget(slug string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.stores, slug)
}

package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/store"
)

// StoreSource returns all stores, in the owner's order. What it fails with is not shown: pages go on
// with what they knew.
type StoreSource func(context.Context) ([]store.State, error)

// storeFacts are what a page has to know of the stores before it loads anything.
type storeFacts struct {
	// Several: customers choose one. Whoever has one store sees nothing of choosing.
	Several bool
	// TimeZone is the IANA name of the first store's, for times that are no other store's; empty for
	// the browser's own.
	TimeZone string
}

const (
	// storesFreshFor is how long pages go by what was read of the stores.
	storesFreshFor = 10 * time.Second
	// storesPause is how long the database is left alone after it has failed.
	storesPause = 2 * time.Second
	// storesTimeout is how long a page waits for them.
	storesTimeout = 500 * time.Millisecond
)

// storeCache is the stores as they were read last, however many pages are asked for.
type storeCache struct {
	read StoreSource
	now  func() time.Time
	// zone is the IANA name of the zone of stores that name none.
	zone string

	mu      sync.Mutex
	last    []store.State
	nextAt  time.Time
	reading bool
}

// stores returns the stores; none when they were never read. One of those who ask reads them when it
// is time, and nobody else waits.
func (c *storeCache) stores(ctx context.Context) []store.State {
	c.mu.Lock()
	if c.read == nil || c.reading || c.now().Before(c.nextAt) {
		defer c.mu.Unlock()
		return c.last
	}
	c.reading = true
	c.mu.Unlock()
	fresh, err := deadline.Call(context.WithoutCancel(ctx), storesTimeout, c.read)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading, c.nextAt = false, c.now().Add(storesPause)
	if err == nil {
		c.last, c.nextAt = fresh, c.now().Add(storesFreshFor)
	}
	return c.last
}

func (c *storeCache) facts(ctx context.Context) storeFacts {
	stores := c.stores(ctx)
	if len(stores) == 0 {
		return storeFacts{TimeZone: c.zone}
	}
	return storeFacts{Several: len(stores) > 1, TimeZone: cmp.Or(stores[0].TimeZone, c.zone)}
}

// storePath is a store's own address, for links and QR codes.
const storePath = "/s/{store}"

// storePage is the menu at a store's own address, with the store's name in its title where there are
// several: for bookmarks, and for who shows what is behind a link. The address of no store has the list of those
// that there are, or says that there is no such page where there is one store.
type storePage struct {
	stores           *storeCache
	menu             *localizedPage
	unknown, missing http.Handler
}

// ServeHTTP looks for the store, and serves the page.
func (s storePage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	slug, stores := strings.TrimPrefix(r.URL.Path, "/s/"), s.stores.stores(r.Context())
	at := slices.IndexFunc(stores, func(state store.State) bool { return state.Store.Store == slug })
	switch {
	case at >= 0 && len(stores) > 1:
		s.menu.serve(w, r, stores[at].Name.In)
	case at >= 0 || len(stores) == 0:
		s.menu.ServeHTTP(w, r)
	case len(stores) == 1:
		s.missing.ServeHTTP(w, r)
	default:
		s.unknown.ServeHTTP(w, r)
	}
}

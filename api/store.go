package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/backoffice"
	"github.com/cafeforme/cafeforme/api/images"
	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/picture"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// StoreConfig is what the store surface needs.
type StoreConfig struct {
	Orders    Orders
	ReadModel ReadModel
	// Revisions is the read model without what came after the orders' ends.
	Revisions readmodel.RevisionReader
	// Terms are the terms of new orders, without brand and clock.
	Terms  order.Terms
	Menu   backoffice.MenuEditor
	Stores backoffice.StoreEditor
	// PublicURL is where customers reach their surface, such as https://cafe.example; empty when nobody
	// has said.
	PublicURL string
	Images    images.Keeper
	Brands    backoffice.BrandEditor
	Coupons   backoffice.CouponEditor
	// Amounts is what the payment provider wants of amounts; the zero one takes any.
	Amounts money.Provider
	// Feed is where the event stream gets what changes from.
	Feed *live.Feed
	// Pages are served beside the API, by the templates of their paths.
	Pages map[string]http.Handler
	// NotFound is as in [CustomerConfig].
	NotFound http.Handler

	// StaffTokens are tokens that let the staff in whatever the database says, by
	// the names of their holders.
	StaffTokens map[string]string
	// Staff keeps the other tokens, and the sessions of browsers.
	Staff access.StaffStore
	// Accounts are what Staff knows people by, for those who change them.
	Accounts backoffice.StaffEditor
	// FailedSignIns are told of wrong tokens; nobody is when nil.
	FailedSignIns *access.FailedSignIns
	// TimeZone is the store's; UTC when nil.
	TimeZone *time.Location
	// HTTPS says that browsers come over HTTPS, also while this process is spoken
	// to over HTTP: behind a proxy that ends TLS. Then cookies are kept to HTTPS,
	// and browsers told to use nothing else. Without it each request decides.
	HTTPS bool
	// RateLimit is how many guesses at the staff's secrets a client may send per
	// minute; 0 is any number. Only what is wrong counts: nobody can lock the staff
	// out that shares an address with them.
	RateLimit int
	// ClientAddress is as in [CustomerConfig].
	ClientAddress func(*http.Request) string
	// OutcomeUnknown is told of orders whose command got no answer: [readmodel.Reconciler.Add], or
	// nothing when nil.
	OutcomeUnknown func(ctx context.Context, id string)
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
	// Log gets one line per request; [slog.Default] when nil.
	Log *slog.Logger
	// Served is told of every request that was served; nobody when nil.
	Served func(transport.Served)
}

// NewStore returns the store surface. It panics without a Feed.
func NewStore(c StoreConfig) http.Handler {
	c = c.withDefaults()
	return transport.StrictTransport(c.HTTPS, transport.WrapSurface(storeRouter(c), c.Log, c.Served))
}

func (c StoreConfig) withDefaults() StoreConfig {
	if c.Feed == nil {
		panic("api: the store surface needs a Feed")
	}
	c.TimeZone = cmp.Or(c.TimeZone, time.UTC)
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.ClientAddress == nil {
		c.ClientAddress = transport.ClientAddress(nil)
	}
	if c.OutcomeUnknown == nil {
		c.OutcomeUnknown = func(context.Context, string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func storeRouter(c StoreConfig) *mux.Router {
	people := access.NewStaffAuth(access.StaffConfig{
		Tokens: c.StaffTokens, Store: c.Staff, Failed: c.FailedSignIns, HTTPS: c.HTTPS, RateLimit: c.RateLimit, Client: c.ClientAddress, Now: c.Now,
	})
	find := readmodel.Finder{Orders: c.Orders, ReadModel: c.ReadModel, Log: c.Log}
	now := func() time.Time { return c.Now().In(c.TimeZone) }
	router := transport.NewRouter(
		&operationsResource{orders: c.Orders},
		people,
		&boardResource{
			readModel: c.ReadModel, staff: people,
			commands: orderCommands{orders: c.Orders, finder: find, view: views.StaffOrder, outcomeUnknown: c.OutcomeUnknown},
			refunds:  orderRefunds{orders: c.Orders, revisions: c.Revisions, finder: find, amounts: c.Amounts, terms: c.termsNow, outcomeUnknown: c.OutcomeUnknown, now: now},
		},
		&live.BoardEvents{Feed: c.Feed, Client: c.ClientAddress, Staff: people, Log: c.Log},
		&backoffice.MenuResource{Menu: c.Menu, Stores: c.Stores, Amounts: c.Amounts, Staff: people, Now: now},
		&backoffice.StoreQRResource{Stores: c.Stores, Staff: people, PublicURL: c.PublicURL},
		&backoffice.StoresResource{Stores: c.Stores, Menu: c.Menu, Staff: people, Now: now},
		&backoffice.BrandResource{Brands: c.Brands, Images: c.Images, Staff: people},
		&backoffice.CouponsResource{Coupons: c.Coupons, Menu: c.Menu, Stores: c.Stores, Amounts: c.Amounts, Staff: people},
		&images.Upload{Images: c.Images, Converter: picture.NewConverter(1), Staff: people},
		&images.Resource{Images: images.NewCache(c.Images, images.CacheSize)},
		&backoffice.StaffResource{Accounts: c.Accounts, Stores: c.Stores, Staff: people, Now: c.Now},
		&backoffice.CatalogResource{Menu: c.Menu, Images: c.Images, Amounts: c.Amounts, Staff: people},
		pageHandlers(c.Pages),
	)
	router.NotFoundHandler = transport.NotFoundHandler(c.NotFound)
	router.Use(transport.NoteRoute, transport.SameOrigin())
	return router
}

// termsNow returns the terms of an order of the store that would be placed now.
func (c StoreConfig) termsNow(ctx context.Context, slug string) (order.Terms, error) {
	shown, err := c.Brands.Brand(ctx)
	if err != nil {
		return order.Terms{}, err
	}
	states, err := c.Stores.Stores(ctx)
	if err != nil {
		return order.Terms{}, err
	}
	terms := c.Terms
	terms.Brand = shown.Names()
	state, several, err := find(states, slug)
	switch {
	case err != nil: // it is gone, and its orders are not
		return terms.InZone(c.Now(), c.TimeZone), nil //nolint:nilerr // see above
	case several:
		terms.Brand = shown.AtStore(state.Name)
	}
	return terms.InZone(c.Now(), state.Zone(c.TimeZone)), nil
}

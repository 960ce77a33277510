package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/abuse"
	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/images"
	"github.com/cafeforme/cafeforme/api/lastgood"
	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/api/payments"
	"github.com/cafeforme/cafeforme/api/receipts"
	"github.com/cafeforme/cafeforme/api/slots"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/api/webhook"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// CustomerConfig is what the customer surface needs.
type CustomerConfig struct {
	Orders    Orders
	ReadModel ReadModel
	Members   Members
	Menu      Menu
	Coupons   Coupons
	Images    images.Reader
	// Slots tells what is reserved in the stores' slots.
	Slots   slots.Reserved
	Codes   CodeSender
	Methods PaymentMethods
	// Amounts is what the payment provider wants of amounts; the zero one takes any.
	Amounts money.Provider
	// Feed is where the event streams get what changes from.
	Feed *live.Feed
	// Webhooks are the providers that call back, at /webhooks/NAME.
	Webhooks webhook.Providers
	// PaymentPage is the sandbox's payment page, where the sandbox takes the payments; nil elsewhere.
	PaymentPage payment.PageHost
	// Sandbox turns the developers' routes on. Leave it nil elsewhere.
	Sandbox Sandbox
	// Pages are served beside the API, by the templates of their paths.
	Pages map[string]http.Handler
	// NoOrder is served instead of the page of an order that does not exist; nil
	// leaves it to the page.
	NoOrder http.Handler
	// ReceiptPage shows receipts to people; everybody gets JSON when nil.
	ReceiptPage receipts.Page

	// NotFound is the page that browsers get where there is none; a problem when nil.
	NotFound http.Handler

	// IDSecret derives order IDs from idempotency keys. Every process must have
	// the same one, for as long as keys are repeated.
	IDSecret []byte
	// Terms are the terms of new orders; UTCOffset is taken from TimeZone.
	Terms order.Terms
	// PointValues are what points are worth that are spent on new orders.
	PointValues order.PointValues
	// Brand returns the brand, which new orders and one-time codes name; the default one when nil.
	Brand func(context.Context) brand.Brand
	// TimeZone is the store's; UTC when nil.
	TimeZone *time.Location
	// PublicURL is the customers' address of the site, which payment pages lead back to; that of the
	// request when empty.
	PublicURL string
	// Provider names the payment provider that new orders are paid through.
	Provider string
	// DefaultMethod pays for orders that name no payment method.
	DefaultMethod string
	// SMSCountries are the countries whose phones are accepted: texts go to no others.
	SMSCountries phone.Countries
	// RateLimit is how many writes a client may send per minute; 0 is any number.
	RateLimit int
	// PhoneLimit is how many orders may be placed for one phone per minute; 0 is any
	// number.
	PhoneLimit int
	// DeclineLimit is how many payments of a client, or of a member who proves to be one, may be
	// declined in ten minutes, before they may place no more orders until those are over; 0 is any
	// number.
	DeclineLimit int
	// CouponLimit is how many codes that no coupon has a client may name in ten minutes, before its
	// orders may name none until those are over; 0 is any number.
	CouponLimit int
	// CodeLimit is how many one-time codes a client may ask for in ten minutes; 0 is any number.
	CodeLimit int
	// PhoneCodesPerHour and PhoneCodesPerDay are how many codes are sent to a phone. One client may
	// have half of them sent; 0 is any number.
	PhoneCodesPerHour, PhoneCodesPerDay int
	// CodeKept is told of each code that is not sent because its client has had its half; nobody when
	// nil.
	CodeKept func()
	// LookupLimited is told of each event of a payment provider that is not looked into, since it is
	// one too many that nobody has signed; nobody when nil.
	LookupLimited func(webhook.LookLimit)
	// HTTPS is as in [StoreConfig].
	HTTPS bool
	// ClientAddress tells clients apart, for the rate limit; by the address of
	// the connection when nil. Behind a proxy it must say whom the proxy serves.
	ClientAddress func(*http.Request) string
	// Background runs what outlives its request, such as [sync.WaitGroup.Go];
	// goroutines that nobody waits for when nil.
	Background func(func())
	// OutcomeUnknown is as in [StoreConfig].
	OutcomeUnknown func(ctx context.Context, id string)
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
	// Log gets one line per request; [slog.Default] when nil.
	Log *slog.Logger
	// Served is told of every request that was served; nobody when nil.
	Served func(transport.Served)
}

// NewCustomer returns the customer surface. It panics without a Feed, and without
// an IDSecret: order IDs could be guessed from their keys.
func NewCustomer(c CustomerConfig) http.Handler {
	c = c.withDefaults()
	return transport.StrictTransport(c.HTTPS, transport.WrapSurface(customerRouter(c), c.Log, c.Served))
}

func (c CustomerConfig) withDefaults() CustomerConfig {
	if len(c.IDSecret) == 0 {
		panic("api: the customer surface needs an IDSecret")
	}
	if c.Feed == nil {
		panic("api: the customer surface needs a Feed")
	}
	c.TimeZone = cmp.Or(c.TimeZone, time.UTC)
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.ClientAddress == nil {
		c.ClientAddress = transport.ClientAddress(nil)
	}
	if c.Background == nil {
		c.Background = func(work func()) { go work() }
	}
	if c.Brand == nil {
		c.Brand = func(context.Context) brand.Brand { return brand.Default() }
	}
	if c.CodeKept == nil {
		c.CodeKept = func() {}
	}
	if c.LookupLimited == nil {
		c.LookupLimited = func(webhook.LookLimit) {}
	}
	if c.OutcomeUnknown == nil {
		c.OutcomeUnknown = func(context.Context, string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func customerRouter(c CustomerConfig) *mux.Router {
	now := func() time.Time { return c.Now().In(c.TimeZone) }
	cache := &menuCache{menu: c.Menu, now: now, log: c.Log}
	stores := &storesResource{stores: &lastgood.Value[[]store.State]{What: "the stores", Read: c.Menu.Stores, Now: now, Log: c.Log}, now: now}
	find := readmodel.Finder{
		Orders: c.Orders, ReadModel: c.ReadModel, Log: c.Log, Limit: abuse.NewLookupLimit(c.RateLimit, c.Now).Count,
	}
	book := slots.Book{Reserved: c.Slots, Now: now}
	webhooks := &webhook.Webhooks{Providers: c.Webhooks, Finder: find, Lookups: webhook.NewLookups(c.Now, c.LookupLimited), Now: c.Now, Log: c.Log}
	resources := []transport.Resource{
		&operationsResource{orders: c.Orders, ready: cache.ready},
		stores,
		&slots.Resource{Book: book, Store: stores.state},
		&menuResource{cache: cache},
		&images.Resource{Images: images.NewCache(c.Images, images.CacheSize)},
		&live.MenuEvents{Feed: c.Feed, Client: c.ClientAddress, Menu: c.Menu},
		&live.OrderEvents{Feed: c.Feed, Finder: find, Client: c.ClientAddress},
		&ordersResource{
			orders: c.Orders, members: c.Members, methods: c.Methods, amounts: c.Amounts, menu: cache, stores: stores, slots: book, finder: find,
			commands: orderCommands{orders: c.Orders, finder: find, view: views.CustomerOrder, outcomeUnknown: c.OutcomeUnknown}, secret: c.IDSecret, terms: c.Terms, pointValues: c.PointValues, brand: c.Brand,
			publicURL: c.PublicURL, provider: c.Provider, defaultMethod: c.DefaultMethod, countries: c.SMSCountries, phones: transport.NewLimiter(c.PhoneLimit, c.Now),
			declines: abuse.NewDeclines(c.DeclineLimit, c.Now), coupons: c.Coupons, guesses: abuse.NewCouponGuesses(c.CouponLimit, c.Now), client: c.ClientAddress, now: now, log: c.Log,
		},
		&membersResource{
			members: c.Members, access: access.MemberAuth{Tokens: c.Members, Now: c.Now}, readModel: c.ReadModel, codes: c.Codes, brand: c.Brand, countries: c.SMSCountries,
			limits: abuse.NewCodeLimits(c.CodeLimit, c.PhoneCodesPerHour, c.PhoneCodesPerDay, c.Now), kept: c.CodeKept, client: c.ClientAddress,
			stores: stores, pointValues: c.PointValues, now: c.Now, background: c.Background, log: c.Log,
		},
		&receipts.Resource{Finder: find, Store: stores.document, Page: c.ReceiptPage, NoOrder: c.NoOrder, Zone: c.TimeZone},
		webhooks,
		&payments.Returned{Finder: find, Reports: webhooks, Limit: transport.NewLimiter(payments.ReturnsPerMinute, c.Now), Now: c.Now},
	}
	if c.PaymentPage != nil {
		resources = append(resources, &payments.SandboxPage{Page: c.PaymentPage, Reports: webhooks, Background: c.Background, Now: c.Now, Log: c.Log})
	}
	if c.Sandbox != nil {
		resources = append(resources, &devResource{sandbox: c.Sandbox})
	}
	router := transport.NewRouter(append(resources, c.withOrderPage(find))...)
	router.NotFoundHandler = transport.NotFoundHandler(c.NotFound)
	router.Use(transport.NoteRoute, transport.NoteClient(c.ClientAddress), transport.SameOrigin(), transport.NormalizeMembershipNumber,
		transport.LimitRate(transport.NewLimiter(c.RateLimit, c.Now), c.ClientAddress, isRateLimited))
	return router
}

// isRateLimited reports whether a request counts against its client's rate limit. The
// providers' callbacks do not: all come from a few addresses, and are signed.
func isRateLimited(r *http.Request) bool {
	return !transport.IsSafeMethod(r.Method) && !strings.HasPrefix(r.URL.Path, "/webhooks/")
}

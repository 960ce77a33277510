package app

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/cafeforme/cafeforme/api"
	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/expiry"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/temporalclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/web"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// temporal returns the client of the configured server.
func (p *Process) temporal() (client.Client, error) {
	return p.dial(p.Config.Encryption.Converters())
}

// TemporalForWorkflows returns a client for the worker that runs the workflows,
// which waits for a key that it lacks.
func (p *Process) TemporalForWorkflows() (client.Client, error) {
	return p.dial(p.Config.Encryption.WorkerConverters())
}

func (p *Process) dial(converters encryption.Converters) (client.Client, error) {
	options := p.Config.Temporal.Options
	options.DataConverter, options.FailureConverter = converters.Data, converters.Failure
	options.MetricsHandler = p.metrics.Temporal()
	options.Interceptors = append(options.Interceptors, p.traces.Interceptors()...)
	c, err := temporalclient.Dial(options, p.log)
	if err != nil {
		return nil, err
	}
	p.opened.Add("the Temporal client", func() error { c.Close(); return nil })
	return c, nil
}

// orders returns what places, reads and moves orders.
func (p *Process) orders(c client.Client) *orderclient.Client {
	return orderclient.NewClient(c, p.Config.Temporal.Options.DataConverter)
}

// searchable makes sure that orders can be found by their search attributes,
// which Temporal refuses to start them without.
func (p *Process) searchable(ctx context.Context, c client.Client) error {
	return temporalclient.SearchAttributes{Client: c, Namespace: p.Config.Temporal.Options.Namespace, Log: p.log}.Ensure(ctx)
}

// feed returns what tells the event streams of this process what changes. It goes
// on while the surfaces are stopping.
func (p *Process) feed(ctx context.Context, database *storage.DB) *live.Feed {
	feed := live.NewFeed(live.FeedConfig{
		Changes: database, Menu: database, MenuChanged: p.brand(ctx, database).Expire, Log: p.log, MaxStreams: live.StreamsIn(memoryLimit()),
		Recheck: staffRecheck,
		Now:     func() time.Time { return time.Now().In(p.Config.TimeZone) },
	})
	p.runUntilClosed(ctx, "the feed of changes", feed.Run)
	return feed
}

// staffRecheck is how often a stream's client must still be allowed to see it: with what access needs
// to know of a change it stays below a second.
const staffRecheck = 500 * time.Millisecond

// reconciler returns what follows up commands that got no answer. It goes on while
// the surfaces are stopping.
func (p *Process) reconciler(ctx context.Context, c client.Client, database *storage.DB) *readmodel.Reconciler {
	reconciler := readmodel.NewReconciler(readmodel.ReconcilerConfig{Orders: p.orders(c), Changes: database, Repairer: database, Log: p.log})
	p.runUntilClosed(ctx, "the orders in doubt", reconciler.Run)
	return reconciler
}

// failedSignIns returns what writes wrong tokens of the staff down. It goes on while
// the surfaces are stopping.
func (p *Process) failedSignIns(ctx context.Context, database *storage.DB) *access.FailedSignIns {
	failed := access.NewFailedSignIns(access.FailedSignInsConfig{AuditLog: database, Log: p.log})
	p.runUntilClosed(ctx, "the sign-ins that failed", failed.Run)
	return failed
}

// runUntilClosed runs a part in the background until what was opened is closed.
func (p *Process) runUntilClosed(ctx context.Context, name string, run func(context.Context)) {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() { run(running) })
	p.opened.Add(name, func() error {
		stop()
		done.Wait()
		return nil
	})
}

// customerSurface returns the HTTP API of customers. The sandbox's pages are
// part of it if sandbox is not nil.
func (p *Process) customerSurface(ctx context.Context, c client.Client, database *storage.DB, feed *live.Feed,
	side sideSystems, sandbox api.Sandbox, pages web.CustomerConfig) (http.Handler, error) {
	secret, err := p.idSecret(ctx, database)
	if err != nil {
		return nil, err
	}
	var background sync.WaitGroup
	p.opened.Add("what requests have left to do", func() error { background.Wait(); return nil })
	pages.Methods, pages.PaysOnPage, pages.SandboxPage = side.gateways.Methods(), side.gateways.KnownMethod(order.MethodRedirect), side.gateways.Page() != nil
	pages.Brand, pages.Stores, pages.TimeZone = p.brand(ctx, database).Brand, database.Stores, p.Config.TimeZone
	return p.traces.Handler(api.NewCustomer(api.CustomerConfig{
		Orders:            p.orders(c),
		ReadModel:         database,
		Members:           database,
		Menu:              database,
		Coupons:           database,
		Images:            database,
		Slots:             database,
		Codes:             side.sender,
		Feed:              feed,
		Methods:           side.gateways,
		Amounts:           p.Amounts(),
		Webhooks:          side.webhooks(p.orders(c), database),
		PaymentPage:       side.gateways.Page(),
		Sandbox:           sandbox,
		Pages:             web.Customer(pages),
		NoOrder:           web.NoOrder(pages),
		ReceiptPage:       web.Receipts(pages),
		NotFound:          web.NotFound("/", pages.Brand),
		Brand:             pages.Brand,
		IDSecret:          secret,
		Terms:             p.terms(),
		PointValues:       p.Config.PointValues,
		TimeZone:          p.Config.TimeZone,
		PublicURL:         p.Config.PublicURL,
		Provider:          p.provider(),
		DefaultMethod:     p.defaultMethod(),
		SMSCountries:      p.Config.SMSCountries,
		RateLimit:         p.Config.RateLimit,
		PhoneLimit:        p.Config.PhoneLimit,
		DeclineLimit:      p.Config.DeclineLimit,
		CouponLimit:       p.Config.CouponLimit,
		CodeLimit:         p.Config.CodeLimit,
		PhoneCodesPerHour: p.Config.SMSLimits.Codes.Phone,
		PhoneCodesPerDay:  p.Config.SMSLimits.Codes.Day,
		CodeKept:          func() { p.metrics.TextLimited(smslimit.ForCode, smslimit.ScopeClient) },
		LookupLimited:     p.metrics.LookupLimited,
		HTTPS:             p.https(),
		ClientAddress:     transport.ClientAddress(p.Config.TrustedProxies),
		Background:        background.Go,
		OutcomeUnknown:    p.reconciler(ctx, c, database).Add,
		Log:               p.log,
		Served:            p.metrics.Served("customer"),
	})), nil
}

// idSecret returns what order IDs are derived with: the configured secret, or
// the one that all processes share through the database.
func (p *Process) idSecret(ctx context.Context, database *storage.DB) ([]byte, error) {
	if p.Config.IDSecret != "" {
		return []byte(p.Config.IDSecret), nil
	}
	return database.IDSecret(ctx)
}

// terms returns the terms of new orders.
func (p *Process) terms() order.Terms {
	return order.Terms{
		PayWithin:    p.Config.PayWithin,
		ActWithin:    p.Config.ActWithin,
		AcceptWithin: p.Config.AcceptWithin,
		PickupWithin: p.Config.PickupWithin,
		PointsRate:   p.Config.PointsRate,
		StuckAfter:   p.Config.StuckAfter,
	}
}

// brand returns the brand as all surfaces of this process show it, from the first page on.
func (p *Process) brand(ctx context.Context, database *storage.DB) *brand.Cache {
	if p.brands == nil {
		p.brands = brand.NewCache(database.Brand, time.Now, p.log)
		p.brands.Brand(ctx)
	}
	return p.brands
}

// storeSurface returns the HTTP API of the store.
func (p *Process) storeSurface(ctx context.Context, c client.Client, database *storage.DB, feed *live.Feed) http.Handler {
	shown := p.brand(ctx, database)
	return p.traces.Handler(api.NewStore(api.StoreConfig{
		Orders:         p.orders(c),
		ReadModel:      database,
		Revisions:      database,
		Terms:          p.terms(),
		Menu:           database,
		Stores:         database,
		PublicURL:      p.Config.PublicURL,
		Images:         database,
		Brands:         database,
		Coupons:        database,
		Amounts:        p.Amounts(),
		TimeZone:       p.Config.TimeZone,
		Feed:           feed,
		Pages:          web.Store(shown.Brand),
		NotFound:       web.NotFound("/store", shown.Brand),
		StaffTokens:    p.Config.StaffTokens,
		Staff:          database,
		Accounts:       database,
		FailedSignIns:  p.failedSignIns(ctx, database),
		HTTPS:          p.https(),
		RateLimit:      p.Config.RateLimit,
		ClientAddress:  transport.ClientAddress(p.Config.TrustedProxies),
		OutcomeUnknown: p.reconciler(ctx, c, database).Add,
		Log:            p.log,
		Served:         p.metrics.Served("store"),
	}))
}

// https reports whether browsers reach the site over HTTPS, and then all of it.
func (p *Process) https() bool { return strings.HasPrefix(p.Config.PublicURL, "https://") }

// workOnOrders runs the workers of the orders, of what reaches customers and of what ends
// what is kept of them, on a client for workflows.
func (p *Process) workOnOrders(ctx context.Context, c client.Client, database *storage.DB, side sideSystems) {
	deployment := worker.Deployment{Name: p.Config.Deployment, BuildID: p.Config.BuildID}
	dependencies := worker.Dependencies{
		Gateway: side.gateways, Ledger: database, ReadModel: database, Reservations: database, Runs: p.orders(c),
	}
	p.countOrders(ctx, c, database)
	p.work(ctx, c, workflows.TaskQueueOrders, func() sdkworker.Worker {
		return worker.NewOrders(c, dependencies, deployment)
	})
	p.work(ctx, c, workflows.TaskQueueNotifications, func() sdkworker.Worker { return worker.NewNotifications(c, side.sender) })
	p.forgetGuests(ctx, c, database)
	p.runUntilClosed(ctx, "the reservations that expire", expiry.NewSweeper(expiry.Config{
		Reservations: database, Orders: p.orders(c), Log: p.log, Now: time.Now,
	}).Run)
}

// notReadyFor is how long processes behind a load balancer go on serving while
// they already say that they are not ready.
const notReadyFor = time.Second

package main

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
	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/web"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// temporal returns the client of the configured server.
func (p *process) temporal() (client.Client, error) {
	return p.dial(p.config.Encryption.Converters())
}

// temporalForWorkflows returns a client for the worker that runs the workflows,
// which waits for a key that it lacks.
func (p *process) temporalForWorkflows() (client.Client, error) {
	return p.dial(p.config.Encryption.WorkerConverters())
}

func (p *process) dial(converters encryption.Converters) (client.Client, error) {
	options := p.config.Temporal.Options
	options.DataConverter, options.FailureConverter = converters.Data, converters.Failure
	options.MetricsHandler = p.metrics.temporal()
	options.Interceptors = append(options.Interceptors, p.traces.interceptors()...)
	c, err := dialTemporal(options, p.log)
	if err != nil {
		return nil, err
	}
	p.opened.add("the Temporal client", func() error { c.Close(); return nil })
	return c, nil
}

// orders returns what places, reads and moves orders.
func (p *process) orders(c client.Client) *orderclient.Client {
	return orderclient.NewClient(c, p.config.Temporal.Options.DataConverter)
}

// searchable makes sure that orders can be found by their search attributes,
// which Temporal refuses to start them without.
func (p *process) searchable(ctx context.Context, c client.Client) error {
	return searchAttributes{client: c, namespace: p.config.Temporal.Options.Namespace, log: p.log}.ensure(ctx)
}

// feed returns what tells the event streams of this process what changes. It goes
// on while the surfaces are stopping.
func (p *process) feed(ctx context.Context, database *storage.DB) *live.Feed {
	feed := live.NewFeed(live.FeedConfig{
		Changes: database, Menu: database, Log: p.log, MaxStreams: live.StreamsIn(memoryLimit()),
	})
	p.runUntilClosed(ctx, "the feed of changes", feed.Run)
	return feed
}

// reconciler returns what follows up commands that got no answer. It goes on while
// the surfaces are stopping.
func (p *process) reconciler(ctx context.Context, c client.Client, database *storage.DB) *readmodel.Reconciler {
	reconciler := readmodel.NewReconciler(readmodel.ReconcilerConfig{Orders: p.orders(c), Changes: database, Repairer: database, Log: p.log})
	p.runUntilClosed(ctx, "the orders in doubt", reconciler.Run)
	return reconciler
}

// failedSignIns returns what writes wrong tokens of the staff down. It goes on while
// the surfaces are stopping.
func (p *process) failedSignIns(ctx context.Context, database *storage.DB) *access.FailedSignIns {
	failed := access.NewFailedSignIns(access.FailedSignInsConfig{AuditLog: database, Log: p.log})
	p.runUntilClosed(ctx, "the sign-ins that failed", failed.Run)
	return failed
}

// runUntilClosed runs a part in the background until what was opened is closed.
func (p *process) runUntilClosed(ctx context.Context, name string, run func(context.Context)) {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() { run(running) })
	p.opened.add(name, func() error {
		stop()
		done.Wait()
		return nil
	})
}

// customerSurface returns the HTTP API of customers. The sandbox's pages are
// part of it if sandbox is not nil.
func (p *process) customerSurface(ctx context.Context, c client.Client, database *storage.DB, feed *live.Feed,
	side sideSystems, sandbox api.Sandbox, pages web.CustomerConfig) (http.Handler, error) {
	secret, err := p.idSecret(ctx, database)
	if err != nil {
		return nil, err
	}
	var background sync.WaitGroup
	p.opened.add("what requests have left to do", func() error { background.Wait(); return nil })
	return p.traces.handler(api.NewCustomer(api.CustomerConfig{
		Orders:            p.orders(c),
		ReadModel:         database,
		Repairer:          database,
		Members:           database,
		Menu:              database,
		Codes:             side.sender,
		Texts:             side.webhook,
		Feed:              feed,
		Methods:           side.gateway,
		Amounts:           p.amounts(),
		PaymentEvents:     side.paymentEvents(p.orders(c), database),
		Sandbox:           sandbox,
		Pages:             web.Customer(pages),
		NoOrder:           web.NoOrder(pages),
		NotFound:          web.NotFound("/"),
		IDSecret:          secret,
		Terms:             p.terms(),
		TimeZone:          p.config.TimeZone,
		DefaultMethod:     p.defaultMethod(),
		SMSCountries:      p.config.SMSCountries,
		RateLimit:         p.config.RateLimit,
		PhoneLimit:        p.config.PhoneLimit,
		DeclineLimit:      p.config.DeclineLimit,
		CodeLimit:         p.config.CodeLimit,
		PhoneCodesPerHour: p.config.SMSLimits.Codes.Phone,
		PhoneCodesPerDay:  p.config.SMSLimits.Codes.Day,
		CodeKept:          func() { p.metrics.textLimited(smslimit.ForCode, smslimit.ScopeClient) },
		HTTPS:             p.https(),
		ClientAddress:     transport.ClientAddress(p.config.TrustedProxies),
		Background:        background.Go,
		OutcomeUnknown:    p.reconciler(ctx, c, database).Add,
		Log:               p.log,
		Served:            p.metrics.served("customer"),
	})), nil
}

// idSecret returns what order IDs are derived with: the configured secret, or
// the one that all processes share through the database.
func (p *process) idSecret(ctx context.Context, database *storage.DB) ([]byte, error) {
	if p.config.IDSecret != "" {
		return []byte(p.config.IDSecret), nil
	}
	return database.IDSecret(ctx)
}

// terms returns the terms of new orders.
func (p *process) terms() order.Terms {
	return order.Terms{
		PayWithin:    p.config.PayWithin,
		AcceptWithin: p.config.AcceptWithin,
		PickupWithin: p.config.PickupWithin,
		PointsRate:   p.config.PointsRate,
		StuckAfter:   p.config.StuckAfter,
	}
}

// storeSurface returns the HTTP API of the store.
func (p *process) storeSurface(ctx context.Context, c client.Client, database *storage.DB, feed *live.Feed) http.Handler {
	return p.traces.handler(api.NewStore(api.StoreConfig{
		Orders:         p.orders(c),
		ReadModel:      database,
		Menu:           database,
		Amounts:        p.amounts(),
		Feed:           feed,
		Pages:          web.Store(),
		NotFound:       web.NotFound("/store"),
		StaffTokens:    p.config.StaffTokens,
		Staff:          database,
		FailedSignIns:  p.failedSignIns(ctx, database),
		HTTPS:          p.https(),
		RateLimit:      p.config.RateLimit,
		ClientAddress:  transport.ClientAddress(p.config.TrustedProxies),
		OutcomeUnknown: p.reconciler(ctx, c, database).Add,
		Log:            p.log,
		Served:         p.metrics.served("store"),
	}))
}

// https reports whether browsers reach the site over HTTPS, and then all of it.
func (p *process) https() bool { return strings.HasPrefix(p.config.PublicURL, "https://") }

// workOnOrders runs the workers of the orders, of what reaches customers and of what ends
// what is kept of them, on a client for workflows.
func (p *process) workOnOrders(ctx context.Context, c client.Client, database *storage.DB, side sideSystems) {
	deployment := worker.Deployment{Name: p.config.Deployment, BuildID: p.config.BuildID}
	dependencies := worker.Dependencies{
		Gateway: side.gateway, Sender: side.sender, Ledger: database, ReadModel: database,
		Runs: p.orders(c),
	}
	p.countOrders(ctx, c)
	p.work(ctx, c, workflows.TaskQueueOrders, func() sdkworker.Worker {
		return worker.NewOrders(c, dependencies, deployment)
	})
	p.work(ctx, c, workflows.TaskQueueNotifications, func() sdkworker.Worker { return worker.NewNotifications(c, side.sender) })
	p.forgetGuests(ctx, c, database)
}

// workOnBoard runs the worker of the store's board.
func (p *process) workOnBoard(ctx context.Context, c client.Client, database *storage.DB) {
	board := storage.NewBoard(database, p.config.TimeZone)
	p.work(ctx, c, workflows.TaskQueueStore, func() sdkworker.Worker { return worker.NewStore(c, board, database) })
}

// notReadyFor is how long processes behind a load balancer go on serving while
// they already say that they are not ready.
const notReadyFor = time.Second

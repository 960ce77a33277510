package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/httpserver"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/internal/telemetry"
	"github.com/cafeforme/cafeforme/internal/temporalserver"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/web"
)

// DevOptions say where a development listens, and where its state is.
type DevOptions struct {
	// Addr, StoreAddr and CodecAddr are HOST:PORT of the customers' and the store's
	// surface, and of the codec server, which is served if there are encryption keys.
	Addr, StoreAddr string
	// TemporalPort and UIPort are the ports of the Temporal server and its Web UI; 0 for
	// any, or for no Web UI.
	TemporalPort, UIPort int
	CodecAddr            string
	// DataDir is the folder of all state.
	DataDir string
	// TemporalServer is the temporal-server to run; empty for the one beside this binary
	// or on the PATH.
	TemporalServer string
	// Demo fills a new system with the demo: see [demo.Demo].
	Demo bool
}

// development is a dev that holds everything it may fail to get, before
// anything slow starts.
type development struct {
	options         DevOptions
	env             Environment
	data            *temporalserver.DataDir
	server          *temporalserver.Server // nil when TEMPORAL_ADDRESS names one
	customer, store *httpserver.Server
	codec           *httpserver.Server // nil without encryption keys
}

// RunDev runs everything in one process.
func RunDev(ctx context.Context, env Environment, options DevOptions) (err error) {
	cfg, err := config.Load(env.Environ, config.Dev)
	if err != nil {
		return err
	}
	if options.Demo {
		if err := checkDemo(cfg); err != nil {
			return err
		}
	}
	log := telemetry.TextLog(env.Stderr)
	d := &development{options: options, env: env}
	if d.data, err = temporalserver.OpenDataDir(ctx, options.DataDir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.data.Close()) }()
	if err := d.complete(&cfg); err != nil {
		return err
	}
	if err := d.reserve(ctx, cfg, log); err != nil {
		return err
	}
	d.link(&cfg)
	return RunProcess(ctx, env, cfg, log, d.build)
}

// complete gives the configuration the files in the data folder, for what is
// not set.
func (d *development) complete(cfg *config.Config) (err error) {
	if cfg.DatabaseURL == "" {
		cfg.DatabaseURL = "sqlite:" + d.data.File("cafeforme.db")
	}
	if cfg.Sandbox == "" {
		cfg.Sandbox = d.data.File("sandbox.db")
	}
	if len(cfg.StaffTokens) == 0 {
		token, err := d.data.StaffToken()
		if err != nil {
			return err
		}
		cfg.StaffTokens = map[string]string{order.ActorStore: token}
	}
	if cfg.CodecToken == "" && hasKeys(*cfg) {
		cfg.CodecToken, err = d.data.Token("codec-token")
	}
	return err
}

// link has the texts link to the customers' address, unless another is set or
// this one is too long for a text.
func (d *development) link(cfg *config.Config) {
	if cfg.PublicURL == "" && texts.CheckPublicURL(d.customer.URL()) == nil {
		cfg.PublicURL = d.customer.URL()
	}
}

func hasKeys(cfg config.Config) bool { return len(cfg.Encryption.IDs()) > 0 }

// reserve takes all addresses, finds the Temporal server's binary and checks
// its ports: in this order, so that a port asked for twice is found taken.
func (d *development) reserve(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, d.release())
		}
	}()
	if d.customer, err = httpserver.Listen(ctx, "--addr", d.options.Addr, log.With("surface", "customer")); err != nil {
		return err
	}
	if d.store, err = httpserver.Listen(ctx, "--store-addr", d.options.StoreAddr, log.With("surface", "store")); err != nil {
		return err
	}
	if hasKeys(cfg) {
		if d.codec, err = httpserver.Listen(ctx, "--codec-addr", d.options.CodecAddr, log.With("surface", "codec")); err != nil {
			return err
		}
	}
	if cfg.Temporal.Given {
		return nil
	}
	d.server, err = d.reserveServer(ctx, cfg.Temporal.Options.Namespace, log)
	return err
}

// release gives the addresses back.
func (d *development) release() (err error) {
	for _, f := range []*httpserver.Server{d.customer, d.store, d.codec} {
		if f != nil {
			err = errors.Join(err, f.Listener.Close())
		}
	}
	return err
}

func (d *development) reserveServer(ctx context.Context, namespace string, log *slog.Logger) (*temporalserver.Server, error) {
	binary, err := temporalserver.FindBinary(d.options.TemporalServer)
	if err != nil {
		return nil, err
	}
	if err := httpserver.CheckPort(ctx, "--temporal-port", d.options.TemporalPort); err != nil {
		return nil, err
	}
	if err := httpserver.CheckPort(ctx, "--ui-port", d.options.UIPort); err != nil {
		return nil, err
	}
	if d.options.UIPort == d.options.TemporalPort && d.options.UIPort != 0 {
		return nil, fmt.Errorf("--temporal-port and --ui-port are both %d: choose another for one of them", d.options.UIPort)
	}
	s := &temporalserver.Server{
		Binary: binary, Port: d.options.TemporalPort, UIPort: d.options.UIPort,
		Namespace: namespace, Data: d.data, Log: log,
	}
	if d.codec != nil {
		s.Codec = d.codec.URL()
	}
	return s, nil
}

// build starts everything, from the inside out, and says where it is.
func (d *development) build(ctx context.Context, p *Process) error {
	for _, f := range []*httpserver.Server{d.customer, d.store, d.codec} {
		if f != nil {
			f.Hosts = httpserver.LocalHosts(p.Config.PublicURL)
		}
	}
	p.serve(ctx, d.customer)
	p.serve(ctx, d.store)
	d.serveCodec(ctx, p)
	ui, err := d.startTemporal(ctx, p)
	if err != nil {
		return err
	}
	temporal, err := p.temporal()
	if err != nil {
		return err
	}
	if err := p.searchable(ctx, temporal); err != nil {
		return err
	}
	if err := d.open(ctx, p, temporal, ui); err != nil {
		return err
	}
	if err := d.announce(p.Config, ui); err != nil {
		return err
	}
	if d.options.Demo {
		d.fillWithDemo(ctx, p)
	}
	return nil
}

// serveCodec lets the Web UI of the development's own server read payloads.
func (d *development) serveCodec(ctx context.Context, p *Process) {
	if d.codec == nil {
		return
	}
	var origins []string
	for _, host := range []string{httpserver.Loopback, "localhost"} {
		origins = append(origins, fmt.Sprintf("http://%s:%d", host, d.options.UIPort))
	}
	d.codec.Open(p.codec(origins, d.codec.Log))
	p.serve(ctx, d.codec)
}

// startTemporal starts the Temporal server, unless one was named, and returns
// the address of its Web UI.
func (d *development) startTemporal(ctx context.Context, p *Process) (ui string, err error) {
	if d.server == nil {
		return "", nil
	}
	p.log.Info("starting the Temporal server; the first start takes a few seconds longer")
	ready, stop, err := d.server.Start(ctx)
	if err != nil {
		return "", err
	}
	p.opened.Add("the Temporal server", stop)
	p.Config.Temporal.Options.HostPort = ready.Address
	return ready.UI, nil
}

// open opens the databases and starts the workers and both surfaces.
func (d *development) open(ctx context.Context, p *Process, temporal client.Client, ui string) error {
	database, err := p.migratedDatabase(ctx)
	if err != nil {
		return err
	}
	if d.options.Demo {
		if err := d.demo(p).Begin(ctx, database); err != nil {
			return err
		}
	}
	side, err := p.sideSystems(database)
	if err != nil {
		return err
	}
	feed := p.feed(ctx, database)
	surface, err := p.customerSurface(ctx, temporal, database, feed, side, inspection{side}, web.CustomerConfig{
		Dev: &web.Dev{TemporalUI: ui, Namespace: p.Config.Temporal.Options.Namespace, Board: d.store.URL()},
	})
	if err != nil {
		return err
	}
	forWorkflows, err := p.TemporalForWorkflows()
	if err != nil {
		return err
	}
	p.workOnOrders(ctx, forWorkflows, database, side)
	d.customer.OnStop(feed.EndStreams)
	d.store.OnStop(feed.EndStreams)
	d.customer.Open(surface)
	d.store.Open(p.storeSurface(ctx, temporal, database, feed))
	return nil
}

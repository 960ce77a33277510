package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/web"
)

type devCommand struct {
	Addr           string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where customers are served (default ${default})."`
	StoreAddr      string `default:"127.0.0.1:8084" placeholder:"HOST:PORT" help:"Where the store is served (default ${default})."`
	TemporalPort   int    `default:"7233" placeholder:"PORT" help:"Port of the Temporal server (default ${default})."`
	UIPort         int    `default:"8233" name:"ui-port" placeholder:"PORT" help:"Port of Temporal's Web UI, 0 for none (default ${default})."`
	CodecAddr      string `default:"127.0.0.1:8234" placeholder:"HOST:PORT" help:"Where the codec server is served, if CAFEFORME_ENCRYPTION_KEYS is set (default ${default})."`
	DataDir        string `default:".cafeforme" placeholder:"FOLDER" help:"Where all state is kept (default ${default})."`
	TemporalServer string `placeholder:"FILE" help:"The temporal-server to run, instead of the one beside cafeforme or on the PATH."`
}

// development is a dev that holds everything it may fail to get, before
// anything slow starts.
type development struct {
	command         devCommand
	env             environment
	data            *dataDir
	server          *temporalServer // nil when TEMPORAL_ADDRESS names one
	customer, store *front
	codec           *front // nil without encryption keys
}

// Run runs everything in one process.
func (c devCommand) Run(ctx context.Context, env environment) (err error) {
	cfg, err := config.Load(env.environ, config.Dev)
	if err != nil {
		return err
	}
	log := textLog(env.stderr)
	d := &development{command: c, env: env}
	if d.data, err = openDataDir(ctx, c.DataDir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.data.close()) }()
	if err := d.complete(&cfg); err != nil {
		return err
	}
	if err := d.reserve(ctx, cfg, log); err != nil {
		return err
	}
	d.link(&cfg)
	return runProcess(ctx, cfg, log, d.build)
}

// complete gives the configuration the files in the data folder, for what is
// not set.
func (d *development) complete(cfg *config.Config) (err error) {
	if cfg.DatabaseURL == "" {
		cfg.DatabaseURL = "sqlite:" + d.data.file("cafeforme.db")
	}
	if cfg.Sandbox == "" {
		cfg.Sandbox = d.data.file("sandbox.db")
	}
	if len(cfg.StaffTokens) == 0 {
		token, err := d.data.staffToken()
		if err != nil {
			return err
		}
		cfg.StaffTokens = map[string]string{order.ActorStore: token}
	}
	if cfg.CodecToken == "" && hasKeys(*cfg) {
		cfg.CodecToken, err = d.data.token("codec-token")
	}
	return err
}

// link has the texts link to the customers' address, unless another is set or
// this one is too long for a text.
func (d *development) link(cfg *config.Config) {
	if cfg.PublicURL == "" && texts.CheckPublicURL(d.customer.url()) == nil {
		cfg.PublicURL = d.customer.url()
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
	if d.customer, err = listen(ctx, "--addr", d.command.Addr, log.With("surface", "customer")); err != nil {
		return err
	}
	if d.store, err = listen(ctx, "--store-addr", d.command.StoreAddr, log.With("surface", "store")); err != nil {
		return err
	}
	if hasKeys(cfg) {
		if d.codec, err = listen(ctx, "--codec-addr", d.command.CodecAddr, log.With("surface", "codec")); err != nil {
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
	for _, f := range []*front{d.customer, d.store, d.codec} {
		if f != nil {
			err = errors.Join(err, f.listener.Close())
		}
	}
	return err
}

func (d *development) reserveServer(ctx context.Context, namespace string, log *slog.Logger) (*temporalServer, error) {
	binary, err := findServer(d.command.TemporalServer)
	if err != nil {
		return nil, err
	}
	if err := checkPort(ctx, "--temporal-port", d.command.TemporalPort); err != nil {
		return nil, err
	}
	if err := checkPort(ctx, "--ui-port", d.command.UIPort); err != nil {
		return nil, err
	}
	if d.command.UIPort == d.command.TemporalPort && d.command.UIPort != 0 {
		return nil, fmt.Errorf("--temporal-port and --ui-port are both %d: choose another for one of them", d.command.UIPort)
	}
	s := &temporalServer{
		binary: binary, port: d.command.TemporalPort, uiPort: d.command.UIPort,
		namespace: namespace, data: d.data, log: log,
	}
	if d.codec != nil {
		s.codec = d.codec.url()
	}
	return s, nil
}

// build starts everything, from the inside out, and says where it is.
func (d *development) build(ctx context.Context, p *process) error {
	for _, f := range []*front{d.customer, d.store, d.codec} {
		if f != nil {
			f.hosts = localHosts(p.config.PublicURL)
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
	return d.announce(p.config, ui)
}

// serveCodec lets the Web UI of the development's own server read payloads.
func (d *development) serveCodec(ctx context.Context, p *process) {
	if d.codec == nil {
		return
	}
	var origins []string
	for _, host := range []string{loopback, "localhost"} {
		origins = append(origins, fmt.Sprintf("http://%s:%d", host, d.command.UIPort))
	}
	d.codec.open(p.codec(origins, d.codec.log))
	p.serve(ctx, d.codec)
}

// startTemporal starts the Temporal server, unless one was named, and returns
// the address of its Web UI.
func (d *development) startTemporal(ctx context.Context, p *process) (ui string, err error) {
	if d.server == nil {
		return "", nil
	}
	p.log.Info("starting the Temporal server; the first start takes a few seconds longer")
	ready, stop, err := d.server.start(ctx)
	if err != nil {
		return "", err
	}
	p.opened.add("the Temporal server", stop)
	p.config.Temporal.Options.HostPort = ready.Address
	return ready.UI, nil
}

// open opens the databases and starts the workers and both surfaces.
func (d *development) open(ctx context.Context, p *process, temporal client.Client, ui string) error {
	database, err := p.migratedDatabase(ctx)
	if err != nil {
		return err
	}
	side, err := p.sideSystems(database)
	if err != nil {
		return err
	}
	feed := p.feed(ctx, database)
	surface, err := p.customerSurface(ctx, temporal, database, feed, side, inspection{side}, web.CustomerConfig{
		Methods: side.methods(),
		Dev:     &web.Dev{TemporalUI: ui, Namespace: p.config.Temporal.Options.Namespace, Board: d.store.url()},
	})
	if err != nil {
		return err
	}
	forWorkflows, err := p.temporalForWorkflows()
	if err != nil {
		return err
	}
	p.workOnOrders(ctx, forWorkflows, database, side)
	p.workOnBoard(ctx, temporal, database)
	d.customer.onStop(feed.EndStreams)
	d.store.onStop(feed.EndStreams)
	d.customer.open(surface)
	d.store.open(p.storeSurface(ctx, temporal, database, feed))
	return nil
}

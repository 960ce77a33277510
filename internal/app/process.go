// Package app is the wiring of cafeforme's processes: it opens what the
// configuration names (database, Temporal, providers, telemetry) and puts the
// surfaces and workers together. The binary runs it, and so do tests.
//
// Start reading at RunAPI, RunStore and RunWorker, and at RunDev, which runs all of
// them in one process; each is a build function on a Process. What they put
// together is in parts.go.
package app

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/closer"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/httpserver"
	"github.com/cafeforme/cafeforme/internal/telemetry"
)

// Process is one running cafeforme process. What runs in it stops when its
// context ends; what was opened for it is closed after that, in reverse order.
type Process struct {
	Config config.Config
	log    *slog.Logger
	opened closer.Stack
	group  *errgroup.Group
	// metrics is nil unless they are served.
	metrics *telemetry.Metrics
	// atWork: a worker of this process runs.
	atWork atomic.Bool
	// traces is nil unless spans are exported.
	traces *telemetry.Traces
	// brands is nil until a surface shows the brand.
	brands *brand.Cache
	// version is that of this build.
	version string
}

// RunProcess builds a process and runs it until ctx ends or a part of it fails.
// Being asked to stop is no failure.
func RunProcess(ctx context.Context, env Environment, cfg config.Config, log *slog.Logger, build func(context.Context, *Process) error) error {
	for _, warning := range cfg.Warnings {
		log.Warn("look at the configuration", "warning", warning)
	}
	defer context.AfterFunc(ctx, func() { log.Info("stopping; a second signal ends this at once") })()
	group, running := errgroup.WithContext(ctx)
	p := &Process{Config: cfg, log: log, group: group, version: env.Version}
	group.Go(func() error {
		if err := p.openTraces(running); err != nil {
			return err
		}
		if err := p.serveMetrics(running); err != nil {
			return err
		}
		if err := p.serveProfiles(running); err != nil {
			return err
		}
		return build(running, p)
	})
	err := group.Wait()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, p.opened.Close())
}

// runServer runs a process that serves addr, which is taken before anything slow
// starts.
func runServer(ctx context.Context, env Environment, kind config.Process, addr string,
	build func(*Process, context.Context, *httpserver.Server) error) error {
	cfg, err := config.Load(env.Environ, kind)
	if err != nil {
		return err
	}
	log := env.Logger(kind)
	f, err := httpserver.Listen(ctx, "--addr", addr, log)
	if err != nil {
		return err
	}
	f.NotReadyFor = notReadyFor
	return RunProcess(ctx, env, cfg, log, func(ctx context.Context, p *Process) error { return build(p, ctx, f) })
}

// serve runs the server beside everything else.
func (p *Process) serve(ctx context.Context, f *httpserver.Server) {
	f.LimitIdle(p.Config.TrustedProxies)
	p.group.Go(func() error { return f.Run(ctx) })
}

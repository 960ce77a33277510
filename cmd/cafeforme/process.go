package main

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/cafeforme/cafeforme/internal/config"
)

// process is one running cafeforme process. What runs in it stops when its
// context ends; what was opened for it is closed after that, in reverse order.
type process struct {
	config config.Config
	log    *slog.Logger
	opened closers
	group  *errgroup.Group
	// metrics is nil unless they are served.
	metrics *metrics
	// atWork: a worker of this process runs.
	atWork atomic.Bool
	// traces is nil unless spans are exported.
	traces *traces
}

// runProcess builds a process and runs it until ctx ends or a part of it fails.
// Being asked to stop is no failure.
func runProcess(ctx context.Context, cfg config.Config, log *slog.Logger, build func(context.Context, *process) error) error {
	for _, warning := range cfg.Warnings {
		log.Warn("look at the configuration", "warning", warning)
	}
	defer context.AfterFunc(ctx, func() { log.Info("stopping; a second signal ends this at once") })()
	group, running := errgroup.WithContext(ctx)
	p := &process{config: cfg, log: log, group: group}
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
	return errors.Join(err, p.opened.close())
}

// runServer runs a process that serves addr, which is taken before anything slow
// starts.
func runServer(ctx context.Context, env environment, kind config.Process, addr string,
	build func(*process, context.Context, *front) error) error {
	cfg, err := config.Load(env.environ, kind)
	if err != nil {
		return err
	}
	log := env.logger(kind)
	f, err := listen(ctx, "--addr", addr, log)
	if err != nil {
		return err
	}
	f.notReadyFor = notReadyFor
	return runProcess(ctx, cfg, log, func(ctx context.Context, p *process) error { return build(p, ctx, f) })
}

// serve runs the front beside everything else.
func (p *process) serve(ctx context.Context, f *front) {
	f.idle = newIdleLimit(maxIdle, exemptFromIdle(p.config.TrustedProxies))
	p.group.Go(func() error { return f.run(ctx) })
}

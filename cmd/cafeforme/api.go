package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
)

type apiCommand struct {
	Addr string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen (default ${default})."`
}

// Run serves the customer surface.
func (c apiCommand) Run(ctx context.Context, env environment) error {
	cfg, err := config.Load(env.environ, config.API)
	if err != nil {
		return err
	}
	log := env.logger(config.API)
	f, err := listen(ctx, "--addr", c.Addr, log)
	if err != nil {
		return err
	}
	f.notReadyFor = notReadyFor
	return runProcess(ctx, cfg, log, func(ctx context.Context, p *process) error { return p.buildAPI(ctx, f) })
}

func (p *process) buildAPI(ctx context.Context, f *front) error {
	p.serve(ctx, f)
	database, err := p.database(ctx)
	if err != nil {
		return err
	}
	temporal, err := p.temporal()
	if err != nil {
		return err
	}
	side, err := p.sideSystems()
	if err != nil {
		return err
	}
	surface, err := p.customerSurface(ctx, temporal, database, side, nil)
	if err != nil {
		return err
	}
	f.open(surface)
	return p.searchable(ctx, temporal)
}

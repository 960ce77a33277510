package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
)

type storeCommand struct {
	Addr string `default:"127.0.0.1:8084" placeholder:"HOST:PORT" help:"Where to listen (default ${default})."`
}

// Run serves the store surface and the board.
func (c storeCommand) Run(ctx context.Context, env environment) error {
	cfg, err := config.Load(env.environ, config.Store)
	if err != nil {
		return err
	}
	log := env.logger(config.Store)
	f, err := listen(ctx, "--addr", c.Addr, log)
	if err != nil {
		return err
	}
	f.notReadyFor = notReadyFor
	return runProcess(ctx, cfg, log, func(ctx context.Context, p *process) error { return p.buildStore(ctx, f) })
}

func (p *process) buildStore(ctx context.Context, f *front) error {
	p.serve(ctx, f)
	database, err := p.database(ctx)
	if err != nil {
		return err
	}
	temporal, err := p.temporal()
	if err != nil {
		return err
	}
	p.workOnBoard(ctx, temporal, database)
	f.open(p.storeSurface(temporal, database))
	return nil
}

package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
)

type workerCommand struct{}

// Run works on orders.
func (workerCommand) Run(ctx context.Context, env environment) error {
	cfg, err := config.Load(env.environ, config.Worker)
	if err != nil {
		return err
	}
	return runProcess(ctx, cfg, env.logger(config.Worker), func(ctx context.Context, p *process) error {
		return p.buildWorker(ctx)
	})
}

func (p *process) buildWorker(ctx context.Context) error {
	database, err := p.database(ctx)
	if err != nil {
		return err
	}
	temporal, err := p.temporalForWorkflows()
	if err != nil {
		return err
	}
	side, err := p.sideSystems(database)
	if err != nil {
		return err
	}
	if err := p.searchable(ctx, temporal); err != nil {
		return err
	}
	p.workOnOrders(ctx, temporal, database, side)
	<-ctx.Done()
	return nil
}

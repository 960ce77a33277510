package app

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
)

// RunWorker works on orders.
func RunWorker(ctx context.Context, env Environment) error {
	cfg, err := config.Load(env.Environ, config.Worker)
	if err != nil {
		return err
	}
	return RunProcess(ctx, env, cfg, env.Logger(config.Worker), func(ctx context.Context, p *Process) error {
		return p.buildWorker(ctx)
	})
}

func (p *Process) buildWorker(ctx context.Context) error {
	database, err := p.database(ctx)
	if err != nil {
		return err
	}
	temporal, err := p.TemporalForWorkflows()
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

package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
)

type migrateCommand struct{}

// Run brings the database to this build's schema.
func (migrateCommand) Run(ctx context.Context, env environment) error {
	cfg, err := config.Load(env.environ, config.Migrate)
	if err != nil {
		return err
	}
	return runProcess(ctx, cfg, env.logger(config.Migrate), func(ctx context.Context, p *process) error {
		_, err := p.migratedDatabase(ctx)
		return err
	})
}

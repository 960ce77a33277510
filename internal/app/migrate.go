package app

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
)

// Migrate brings the database to this build's schema.
func Migrate(ctx context.Context, env Environment) error {
	cfg, err := config.Load(env.Environ, config.Migrate)
	if err != nil {
		return err
	}
	return RunProcess(ctx, env, cfg, env.Logger(config.Migrate), func(ctx context.Context, p *Process) error {
		_, err := p.migratedDatabase(ctx)
		return err
	})
}

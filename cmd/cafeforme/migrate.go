package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/app"
)

type migrateCommand struct{}

// Run brings the database to this build's schema.
func (migrateCommand) Run(ctx context.Context, env app.Environment) error {
	return app.Migrate(ctx, env)
}

package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/app"
)

type workerCommand struct{}

// Run works on orders.
func (workerCommand) Run(ctx context.Context, env app.Environment) error {
	return app.RunWorker(ctx, env)
}

package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/app"
)

type apiCommand struct {
	Addr string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen (default ${default})."`
}

// Run serves the customer surface.
func (c apiCommand) Run(ctx context.Context, env app.Environment) error {
	return app.RunAPI(ctx, env, c.Addr)
}

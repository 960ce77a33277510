package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/app"
)

type storeCommand struct {
	Addr string `default:"127.0.0.1:8084" placeholder:"HOST:PORT" help:"Where to listen (default ${default})."`
}

// Run serves the store surface and the board.
func (c storeCommand) Run(ctx context.Context, env app.Environment) error {
	return app.RunStore(ctx, env, c.Addr)
}

package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/app"
)

type devCommand struct {
	Addr           string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where customers are served (default ${default})."`
	StoreAddr      string `default:"127.0.0.1:8084" placeholder:"HOST:PORT" help:"Where the store is served (default ${default})."`
	TemporalPort   int    `default:"7233" placeholder:"PORT" help:"Port of the Temporal server (default ${default})."`
	UIPort         int    `default:"8233" name:"ui-port" placeholder:"PORT" help:"Port of Temporal's Web UI, 0 for none (default ${default})."`
	CodecAddr      string `default:"127.0.0.1:8234" placeholder:"HOST:PORT" help:"Where the codec server is served, if CAFEFORME_ENCRYPTION_KEYS is set (default ${default})."`
	DataDir        string `default:".cafeforme" placeholder:"FOLDER" help:"Where all state is kept (default ${default})."`
	TemporalServer string `placeholder:"FILE" help:"The temporal-server to run, instead of the one beside cafeforme or on the PATH."`
	Demo           bool   `help:"Fill a new system with a chain to look at: three stores in two time zones, a menu that each sells in its own way, staff, members with points, and orders in every stage. It takes some seconds, in which all orders are placed: none is older. Later starts make nothing again; a system in which there is something else is left alone."`
}

// Run runs everything in one process.
func (c devCommand) Run(ctx context.Context, env app.Environment) error {
	return app.RunDev(ctx, env, app.DevOptions(c))
}

package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/web"
)

type apiCommand struct {
	Addr string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen (default ${default})."`
}

// Run serves the customer surface.
func (c apiCommand) Run(ctx context.Context, env environment) error {
	return runServer(ctx, env, config.API, c.Addr, (*process).buildAPI)
}

func (p *process) buildAPI(ctx context.Context, f *front) error {
	p.serve(ctx, f)
	database, err := p.database(ctx)
	if err != nil {
		return err
	}
	temporal, err := p.temporal()
	if err != nil {
		return err
	}
	side, err := p.sideSystems(database)
	if err != nil {
		return err
	}
	feed := p.feed(ctx, database)
	surface, err := p.customerSurface(ctx, temporal, database, feed, side, nil, web.CustomerConfig{Methods: side.methods()})
	if err != nil {
		return err
	}
	f.onStop(feed.EndStreams)
	f.open(surface)
	return p.searchable(ctx, temporal)
}

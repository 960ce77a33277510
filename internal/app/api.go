package app

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/httpserver"
	"github.com/cafeforme/cafeforme/web"
)

// RunAPI serves the customer surface at the address.
func RunAPI(ctx context.Context, env Environment, addr string) error {
	return runServer(ctx, env, config.API, addr, (*Process).buildAPI)
}

func (p *Process) buildAPI(ctx context.Context, f *httpserver.Server) error {
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
	surface, err := p.customerSurface(ctx, temporal, database, feed, side, nil, web.CustomerConfig{})
	if err != nil {
		return err
	}
	f.OnStop(feed.EndStreams)
	f.Open(surface)
	return p.searchable(ctx, temporal)
}

package app

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/httpserver"
)

// RunStore serves the store surface at the address, and works on the board.
func RunStore(ctx context.Context, env Environment, addr string) error {
	return runServer(ctx, env, config.Store, addr, (*Process).buildStore)
}

func (p *Process) buildStore(ctx context.Context, f *httpserver.Server) error {
	p.serve(ctx, f)
	database, err := p.database(ctx)
	if err != nil {
		return err
	}
	temporal, err := p.temporal()
	if err != nil {
		return err
	}
	feed := p.feed(ctx, database)
	f.OnStop(feed.EndStreams)
	f.Open(p.storeSurface(ctx, temporal, database, feed))
	return nil
}

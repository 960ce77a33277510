package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/config"
)

type storeCommand struct {
	Addr string `default:"127.0.0.1:8084" placeholder:"HOST:PORT" help:"Where to listen (default ${default})."`
}

// Run serves the store surface and the board.
func (c storeCommand) Run(ctx context.Context, env environment) error {
	return runServer(ctx, env, config.Store, c.Addr, (*process).buildStore)
}

func (p *process) buildStore(ctx context.Context, f *front) error {
	p.serve(ctx, f)
	database, err := p.database(ctx)
	if err != nil {
		return err
	}
	temporal, err := p.temporal()
	if err != nil {
		return err
	}
	p.workOnBoard(ctx, temporal, database)
	feed := p.feed(ctx, database)
	f.onStop(feed.EndStreams)
	f.open(p.storeSurface(ctx, temporal, database, feed))
	return nil
}

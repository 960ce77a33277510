package main

import (
	"context"
	"log/slog"

	"go.temporal.io/sdk/worker"
)

// work runs a worker until the process has stopped serving.
func (p *process) work(ctx context.Context, queue string, newWorker func() worker.Worker) {
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		keepWorking(working, p.log.With("queue", queue), newWorker)
	}()
	p.opened.add("the worker of "+queue, func() error {
		stop()
		<-stopped
		return nil
	})
}

// keepWorking runs a worker, and a new one whenever it fails: a worker that
// could not start, because the server is away, never starts again.
func keepWorking(ctx context.Context, log *slog.Logger, newWorker func() worker.Worker) {
	interrupt := make(chan any)
	context.AfterFunc(ctx, func() { close(interrupt) })
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := newWorker().Run(interrupt)
		if ctx.Err() != nil {
			return
		}
		log.Error("the worker has ended and is started again; its tasks wait meanwhile", "error", err, "pause", pause)
		if sleep(ctx, pause) != nil {
			return
		}
	}
}

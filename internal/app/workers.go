package app

import (
	"context"
	"log/slog"
	"sync/atomic"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/cafeforme/cafeforme/internal/retry"
)

// work runs a worker, once Temporal is within reach, until the process has
// stopped serving.
func (p *Process) work(ctx context.Context, c client.Client, queue string, newWorker func() worker.Worker) {
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		keepWorking(working, p.log.With("queue", queue), func(ctx context.Context) error {
			_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		}, p.announced(newWorker))
	}()
	p.opened.Add("the worker of "+queue, func() error {
		stop()
		<-stopped
		return nil
	})
}

// announced has the process be at work for as long as its worker runs.
func (p *Process) announced(newWorker func() worker.Worker) func() worker.Worker {
	return func() worker.Worker { return &announcedWorker{Worker: newWorker(), atWork: &p.atWork} }
}

type announcedWorker struct {
	worker.Worker
	atWork *atomic.Bool
}

// Run runs the worker.
func (w *announcedWorker) Run(interrupt <-chan any) error {
	w.atWork.Store(true)
	defer w.atWork.Store(false)
	return w.Worker.Run(interrupt)
}

// keepWorking runs a worker whenever Temporal is within reach, and a new one
// when it fails: a worker that could not start never starts again.
func keepWorking(ctx context.Context, log *slog.Logger, reach func(context.Context) error, newWorker func() worker.Worker) {
	interrupt := make(chan any)
	context.AfterFunc(ctx, func() { close(interrupt) })
	for pause := retry.FirstPause; ; pause = min(2*pause, retry.LastPause) {
		if retry.Until(ctx, log, "the Temporal server", reach) != nil {
			return // asked to stop
		}
		err := newWorker().Run(interrupt)
		if ctx.Err() != nil {
			return
		}
		log.Error("the worker has ended and is started again; its tasks wait meanwhile", "error", err, "pause", pause)
		if retry.Sleep(ctx, pause) != nil {
			return
		}
	}
}

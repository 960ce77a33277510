package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// scheduleTimeout bounds one try to make the schedule.
const scheduleTimeout = 10 * time.Second

// forgetGuests runs the worker that forgets guests, and sees to the schedule that it
// works by. Nothing waits for that.
func (p *process) forgetGuests(ctx context.Context, c client.Client, database *storage.DB) {
	p.work(ctx, c, workflows.TaskQueueRetention, func() sdkworker.Worker { return worker.NewRetention(c, guests{database, p.orders(c)}) })
	p.runUntilClosed(ctx, "the schedule of retention", func(ctx context.Context) {
		keepSchedule(ctx, p.log, func(ctx context.Context) error { return p.orders(c).ScheduleRetention(ctx, p.config.KeepPersonal) })
	})
}

// guests are the customers that are forgotten: the database knows whose order has ended,
// and Temporal whose was terminated before.
type guests struct {
	database *storage.DB
	orders   *orderclient.Client
}

// ForgetGuests is [db.DB.ForgetGuests] and [db.DB.ForgetTerminated].
func (g guests) ForgetGuests(ctx context.Context, before time.Time, progress func(orders int)) (int, error) {
	ended, err := g.database.ForgetGuests(ctx, before, progress)
	terminated, also := g.database.ForgetTerminated(ctx, before, func(ctx context.Context, id string) (bool, error) {
		progress(ended)
		open, err := g.orders.IsOpen(ctx, id)
		if order.ErrorCode(err) == order.CodeNotFound {
			return false, nil // Temporal has forgotten it
		}
		return open, err
	})
	return ended + terminated, errors.Join(err, also)
}

// keepSchedule makes the schedule, however long that takes. It warns of a server that has
// none, or lets nobody make one: orders go on without.
func keepSchedule(ctx context.Context, log *slog.Logger, schedule func(context.Context) error) {
	err := waitFor(ctx, log, "the schedule of retention", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, scheduleTimeout)
		defer cancel()
		err := schedule(ctx)
		if forbidden(err) {
			return permanent{err}
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		log.Warn("guests' personal data is not forgotten: the Temporal server has no schedule for it",
			"error", err, "schedule", workflows.RetentionScheduleID)
	}
}

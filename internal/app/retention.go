package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/temporalclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// scheduleTimeout bounds one try to make the schedule.
const scheduleTimeout = 10 * time.Second

// forgetGuests runs the worker that forgets guests, and sees to the schedule that it
// works by. Nothing waits for that.
func (p *Process) forgetGuests(ctx context.Context, c client.Client, database *storage.DB) {
	p.work(ctx, c, workflows.TaskQueueRetention, func() sdkworker.Worker { return worker.NewRetention(c, NewGuests(database, p.orders(c))) })
	p.runUntilClosed(ctx, "the schedule of retention", func(ctx context.Context) {
		KeepSchedule(ctx, p.log, func(ctx context.Context) error { return p.orders(c).ScheduleRetention(ctx, p.Config.KeepPersonal) })
	})
}

// Guests are the customers that are forgotten: the database knows whose order has ended,
// and Temporal whose was terminated before.
type Guests struct {
	database *storage.DB
	orders   *orderclient.Client
}

// NewGuests returns the customers of the database's orders.
func NewGuests(database *storage.DB, orders *orderclient.Client) Guests {
	return Guests{database: database, orders: orders}
}

// ForgetGuests is [storage.DB.ForgetGuests] and [storage.DB.ForgetTerminated].
func (g Guests) ForgetGuests(ctx context.Context, before time.Time, progress func(orders int)) (int, error) {
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

// KeepSchedule makes the schedule, however long that takes. It warns of a server that has
// none, or lets nobody make one: orders go on without.
func KeepSchedule(ctx context.Context, log *slog.Logger, schedule func(context.Context) error) {
	err := retry.Until(ctx, log, "the schedule of retention", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, scheduleTimeout)
		defer cancel()
		err := schedule(ctx)
		if temporalclient.Forbidden(err) {
			return retry.Permanent(err)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		log.Warn("guests' personal data is not forgotten: the Temporal server has no schedule for it",
			"error", err, "schedule", workflows.RetentionScheduleID)
	}
}

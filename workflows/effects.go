package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/order"
)

// Typed nil pointers that name the activities without linking them.
var (
	paymentActivities    *activities.Payments
	textActivities       *activities.Texts
	pointsActivities     *activities.Points
	projectionActivities *activities.Projection
	storeActivities      *activities.Store
)

// putOnBoard shows the order to the store, and brings back its pick-up number.
// The activity waits on the store's own task queue while the store is away.
func (r *orderRun) putOnBoard(ctx workflow.Context) {
	in := activities.BoardOrder{OrderID: r.placement.ID, PaidAt: workflow.Now(ctx)}
	r.store.add(&effect{attempt: func(ctx workflow.Context, window time.Duration) error {
		ctx = workflow.WithTaskQueue(ctx, TaskQueueStore)
		var number string
		if err := durably(ctx, "Put the order on the store's board", window, storeActivities.PutOnBoard, in, &number); err != nil {
			return err
		}
		r.order.AssignPickupNumber(number)
		r.publish(ctx)
		return nil
	}})
}

// withdrawFromBoard compensates putOnBoard: an order that the store has not
// seen yet never reaches it. One that it has seen leaves the board by its
// status.
func (r *orderRun) withdrawFromBoard(workflow.Context) { r.store.withdrawAll() }

// creditPoints books the member's points. It tries locally first, and so may run
// in a workflow task that is lost with its worker, for an acceptance that never
// happens when the customer's cancel is first after all. That is why
// takeBackPoints is registered before the store is asked.
func (r *orderRun) creditPoints(ctx workflow.Context) {
	entry := r.pointsEntry(ctx, order.PointsCredit, r.order.Snapshot().Points)
	r.points.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			return locallyFirst(ctx, "Credit the points", window, pointsActivities.CreditPoints, entry)
		},
		onDropped: func(ctx workflow.Context, err error) {
			if !errors.Is(err, errUnwanted) {
				r.order.ForfeitPoints(reasonOf(err), workflow.Now(ctx))
				r.publish(ctx)
			}
		},
	})
}

// takeBackPoints compensates creditPoints: a credit still to come is barred, one
// that came is reversed. It is never tried locally: points that were taken back
// in a workflow task that was lost could not be credited again.
func (r *orderRun) takeBackPoints(ctx workflow.Context) {
	if r.placement.MembershipNumber == "" {
		return
	}
	entry := r.pointsEntry(ctx, order.PointsTakeBack, 0)
	r.points.withdrawAll()
	r.points.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			return durably(ctx, "Take the points back", window, pointsActivities.TakeBackPoints, entry, nil)
		},
	})
}

func (r *orderRun) pointsEntry(ctx workflow.Context, kind order.PointsKind, points int64) order.PointsEntry {
	return order.PointsEntry{
		OrderID: r.placement.ID, MembershipNumber: r.placement.MembershipNumber,
		Kind: kind, Points: points, At: workflow.Now(ctx),
	}
}

// sendText tells the customer of a change. A text that is overdue when the
// order has moved on is recorded as skipped.
func (r *orderRun) sendText(ctx workflow.Context, kind order.TextKind) {
	if _, wanted := r.order.Text(kind); !wanted {
		return
	}
	overdue := workflow.Now(ctx).Add(textOverdue)
	r.texts.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			text, _ := r.order.Text(kind)
			return durably(ctx, "Text: "+string(kind), window, textActivities.SendText, text, nil)
		},
		pointless: func() bool {
			return r.order.Pointless(kind) && !workflow.Now(r.ctx).Before(overdue)
		},
		onDropped: func(ctx workflow.Context, err error) {
			note := order.Entry{Note: order.NoteTextSkipped, Reason: string(kind)}
			if !errors.Is(err, errUnwanted) {
				note = order.Entry{Note: order.NoteTextFailed, Reason: string(kind) + ": " + reasonOf(err)}
			}
			r.order.Record(note, workflow.Now(ctx))
			r.publish(ctx)
		},
	})
}

// project copies the order to the read model. Of two projections in the lane the
// first is under way with an older snapshot, and the second takes the newest
// when its turn comes: a third would find nothing new.
func (r *orderRun) project() {
	if len(r.readModel.queue) > 1 {
		return
	}
	r.readModel.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			projection := r.projection(ctx)
			if err := locallyFirst(ctx, "Update the read model", window, projectionActivities.ProjectOrder, projection); err != nil {
				return err
			}
			r.projected = projection.Version
			return nil
		},
		// Nothing new, where a pointless text is old news.
		pointless: func() bool { return r.projected == r.order.Version() },
	})
}

func (r *orderRun) projection(ctx workflow.Context) order.Projection {
	info := workflow.GetInfo(ctx)
	return order.Projection{
		Snapshot: r.order.Snapshot(), RunID: info.WorkflowExecution.RunID, HistoryLength: info.GetCurrentHistoryLength(),
	}
}

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
	paymentActivities     *activities.Payments
	textActivities        *activities.Texts
	pointsActivities      *activities.Points
	projectionActivities  *activities.Projection
	reservationActivities *activities.Reservation
)

// creditPoints books the member's points. It tries locally first, and so may run
// in a workflow task that is lost with its worker, for an acceptance that never
// happens when the customer's cancel is first after all. That is why
// takeBackPoints is registered before the store is asked.
func (r *orderRun) creditPoints(ctx workflow.Context, points int64) {
	entry := r.pointsEntry(ctx, order.PointsCredit, points)
	r.points.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			return locallyFirst(ctx, "Credit the points", window, nil, pointsActivities.CreditPoints, entry, nil)
		},
		onDropped: func(ctx workflow.Context, err error) {
			if !errors.Is(err, errUnwanted) {
				r.forfeited = true
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

// adjustPoints takes back what the part of the order has earned that the refund gives back.
// Points that have not been asked for yet are fewer by themselves, and of points that the
// member could not be credited with nothing is taken.
func (r *orderRun) adjustPoints(ctx workflow.Context, refund int) {
	points := r.order.Snapshot().Points
	if r.credited == nil || r.forfeited || *r.credited == points {
		return
	}
	entry := r.pointsEntry(ctx, order.PointsAdjust(refund), points-*r.credited)
	r.credited = &points
	r.points.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			return durably(ctx, "Adjust the points", window, pointsActivities.AdjustPoints, entry, nil)
		},
		pointless: func() bool { return r.forfeited },
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
	due := workflow.Now(ctx)
	overdue := due.Add(textOverdue)
	r.texts.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			text, _ := r.order.Text(kind)
			text.Brand = r.terms.Brand.In(text.Language)
			if r.placement.PickupAt != nil {
				text.PickupAt = r.terms.Local(*r.placement.PickupAt)
			}
			ctx = workflow.WithTaskQueue(ctx, TaskQueueNotifications)
			return durably(ctx, "Text: "+string(kind), window, textActivities.SendText, text, nil)
		},
		pointless: func() bool {
			return r.order.Pointless(kind) && !workflow.Now(r.ctx).Before(overdue)
		},
		expires:     func() time.Time { return r.textExpires(due) },
		alarmedOnce: true,
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

// textExpires returns when a text is given up that was due at the given time: an hour
// after the order's end, or after it was due when that is later. Zero while the order
// has not ended.
func (r *orderRun) textExpires(due time.Time) time.Time {
	switch {
	case r.endedAt.IsZero():
		return time.Time{}
	case due.After(r.endedAt):
		return due.Add(textLife)
	default:
		return r.endedAt.Add(textLife)
	}
}

// project writes into the database what the order's last change means there: its row, its
// pick-up number, its place on the board. Of two projections in the queue the first is
// under way with an older snapshot, and the second takes the newest when its turn comes: a
// third would find nothing new.
func (r *orderRun) project() {
	if len(r.readModel.effects) > 1 || r.projected == r.order.Version() {
		return
	}
	r.readModel.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			projection, number := r.projection(ctx), ""
			slow := func() { r.behind = true }
			err := locallyFirst(ctx, "Update the read model", window, slow, projectionActivities.ProjectOrder, projection, &number)
			if err != nil {
				return err
			}
			if number != "" {
				r.order.AssignPickupNumber(number)
			}
			r.projected, r.behind = projection.Version, false
			return nil
		},
		// Nothing new, where a pointless text is old news.
		pointless: func() bool { return r.projected == r.order.Version() },
	})
}

// projection returns the order as it is, on its way to the database. An order that comes to
// the board is to have a pick-up number of the day on which it is picked up, in the store's zone.
func (r *orderRun) projection(ctx workflow.Context) order.Projection {
	info := workflow.GetInfo(ctx)
	p := order.Projection{
		Snapshot: r.order.Snapshot(), RefundWorkflow: r.refundWorkflow,
		RunID: info.WorkflowExecution.RunID, HistoryLength: info.GetCurrentHistoryLength(), TakenAt: workflow.Now(ctx),
	}
	if p.PickupNumber == nil && p.Status.OnBoard() {
		today := r.terms.Local(workflow.Now(ctx)).Format(time.DateOnly)
		p.PickupDay = r.pickUpDay(today)
		p.PickupAhead = p.PickupDay > today
	}
	return p
}

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
	acceptanceActivities *activities.Acceptance
	storeActivities      *activities.Store
)

// putOnBoard shows the order to the store, and brings back its pick-up number.
// The activity waits on the store's own task queue while the store is away.
func (r *orderRun) putOnBoard(ctx workflow.Context) {
	const summary = "Put the order on the store's board"
	paidAt := workflow.Now(ctx)
	r.store.add(&effect{attempt: func(ctx workflow.Context, window time.Duration) error {
		ctx = workflow.WithTaskQueue(ctx, TaskQueueStore)
		if r.unprojected() && r.showOnBoard(ctx, summary, paidAt) {
			return nil
		}
		in := activities.BoardOrder{OrderID: r.placement.ID, PaidAt: paidAt}
		var number string
		if err := durably(ctx, summary, window, storeActivities.PutOnBoard, in, &number); err != nil {
			return err
		}
		r.order.AssignPickupNumber(number)
		r.publish(ctx)
		return nil
	}})
}

// toldByBoard reports whether the event has paid for an order that the board will
// bring into the read model. The process that placed the order does so as well, before
// it answers, if it can; where neither has, whoever asks is answered from here. An
// order that the read model has, because its customer had to confirm the payment, is
// not left to the board: it would be shown as it was.
func (r *orderRun) toldByBoard(event order.Event) bool {
	_, cancelled := r.order.RequestedCancel()
	return event.Name == order.PaymentSucceeded && !cancelled && r.unprojected()
}

// unprojected reports whether this run of the workflow has written nothing of the
// order into the read model, and nothing is on its way there.
func (r *orderRun) unprojected() bool {
	return r.writesTogether() && r.projected == 0 && r.readModel.idle()
}

// showOnBoard has the store bring the order into the read model, with its pick-up
// number, and reports whether it has. When the store is not quick about it, or the
// order has moved on meanwhile, the read model is written from here.
func (r *orderRun) showOnBoard(ctx workflow.Context, summary string, paidAt time.Time) bool {
	in := activities.PaidOrder{PaidAt: paidAt, Projection: r.projection(ctx)}
	var number string
	err := durably(ctx, summary, boardWithin, storeActivities.ShowOnBoard, in, &number)
	if err == nil {
		moved := r.order.Version() != in.Projection.Version
		r.order.AssignPickupNumber(number)
		if !moved {
			r.projected = r.order.Version()
		}
	}
	r.publish(r.ctx)
	return err == nil
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
			const summary = "Credit the points"
			switch {
			case !r.rewardsTogether:
				return locallyFirst(ctx, summary, window, pointsActivities.CreditPoints, entry)
			case r.recorded(ctx).Credited:
				return nil
			default:
				return durably(ctx, summary, window, pointsActivities.CreditPoints, entry, nil)
			}
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
	due := workflow.Now(ctx)
	overdue := due.Add(textOverdue)
	r.texts.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			text, _ := r.order.Text(kind)
			ctx = workflow.WithTaskQueue(ctx, TaskQueueNotifications)
			return durably(ctx, "Text: "+string(kind), window, textActivities.SendText, text, nil)
		},
		pointless: func() bool {
			return r.order.Pointless(kind) && !workflow.Now(r.ctx).Before(overdue)
		},
		expires:     func() time.Time { return r.textExpires(due) },
		alarmedOnce: r.paced(),
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
	case !r.paced() || r.endedAt.IsZero():
		return time.Time{}
	case due.After(r.endedAt):
		return due.Add(textLife)
	default:
		return r.endedAt.Add(textLife)
	}
}

// project copies the order to the read model. Of two projections in the lane the
// first is under way with an older snapshot, and the second takes the newest
// when its turn comes: a third would find nothing new.
func (r *orderRun) project() {
	if len(r.readModel.queue) > 1 || r.projected == r.order.Version() {
		return
	}
	r.readModel.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			projection := r.projection(ctx)
			if err := r.write(ctx, window, projection); err != nil {
				return err
			}
			r.projected = projection.Version
			return nil
		},
		// Nothing new, where a pointless text is old news.
		pointless: func() bool { return r.projected == r.order.Version() },
	})
}

// write writes the projection, and with that of the acceptance the points that it
// is worth.
func (r *orderRun) write(ctx workflow.Context, window time.Duration, projection order.Projection) error {
	const summary = "Update the read model"
	if !r.rewardsTogether || r.acceptance != nil {
		return locallyFirst(ctx, summary, window, projectionActivities.ProjectOrder, projection)
	}
	r.recordAcceptance(ctx, projection)
	if r.recorded(ctx).Projected {
		return nil
	}
	return durably(ctx, summary, window, projectionActivities.ProjectOrder, projection, nil)
}

// recordAcceptance tries to write the acceptance and its points together, once.
// What comes of it is [orderRun.recorded]; what does not is written by itself.
func (r *orderRun) recordAcceptance(ctx workflow.Context, projection order.Projection) {
	in := activities.Accepted{Projection: projection, Credit: r.pointsEntry(ctx, order.PointsCredit, projection.Points)}
	ctx = workflow.WithLocalActivityOptions(ctx, localOptions("Update the read model, credit the points"))
	r.acceptance = workflow.ExecuteLocalActivity(ctx, acceptanceActivities.RecordAcceptance, in)
}

// recorded waits for what the write of the acceptance and its points has come to.
func (r *orderRun) recorded(ctx workflow.Context) (done activities.Recorded) {
	r.await(r.ctx, func() bool { return r.acceptance != nil })
	if err := r.acceptance.Get(ctx, &done); err != nil {
		return activities.Recorded{} // neither is known to be written
	}
	return done
}

func (r *orderRun) projection(ctx workflow.Context) order.Projection {
	info := workflow.GetInfo(ctx)
	return order.Projection{
		Snapshot: r.order.Snapshot(), RunID: info.WorkflowExecution.RunID, HistoryLength: info.GetCurrentHistoryLength(),
	}
}

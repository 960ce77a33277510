package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
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

// The search attributes of an order's workflow.
var (
	// OrderStatus is where the order stands.
	OrderStatus = temporal.NewSearchAttributeKeyKeyword("OrderStatus")
	// StuckOn lists what the order is stuck on; it is unset when healthy.
	StuckOn = temporal.NewSearchAttributeKeyKeywordList("StuckOn")
)

// The failure codes of a payment that no provider declined.
const (
	FailurePaymentTimeout = "payment_timeout"
	FailurePaymentRefused = "payment_refused"
)

// chargeKey and refundKey are the idempotency keys of an order's two movements
// of money.
func (r *orderRun) chargeKey() string { return r.placement.ID + "/charge" }
func (r *orderRun) refundKey() string { return r.placement.ID + "/refund" }

// charge takes the money, under one idempotency key, until the outcome is known
// or the payment deadline has passed. It is the one effect that the customer
// waits for, so it is no lane's.
func (r *orderRun) charge(ctx workflow.Context) (result order.ChargeResult, err error) {
	charge := order.Charge{
		OrderID: r.placement.ID, IdempotencyKey: r.chargeKey(),
		Amount: r.order.Snapshot().Total, PaymentMethod: r.placement.PaymentMethod,
	}
	deadline := workflow.Now(ctx).Add(r.terms.PayWithin)
	for left := r.terms.PayWithin; ; left = deadline.Sub(workflow.Now(ctx)) {
		ctx := workflow.WithActivityOptions(ctx, chargeOptions(left))
		err = workflow.ExecuteActivity(ctx, paymentActivities.Charge, charge).Get(ctx, &result)
		if err == nil || isPermanent(err) || deadline.Sub(workflow.Now(ctx)) < shortestCharge {
			return result, err
		}
	}
}

// releasePayment compensates the charge: it refunds what was captured, and
// makes sure that a payment whose outcome is unknown is not captured any more.
func (r *orderRun) releasePayment(workflow.Context) {
	if r.order.Status() == order.PaymentFailed {
		r.voidPayment()
		return
	}
	r.refundPayment()
}

func (r *orderRun) voidPayment() {
	r.payment.add(&effect{attempt: func(ctx workflow.Context, window time.Duration) error {
		void := order.Void{
			OrderID: r.placement.ID, ChargeKey: r.chargeKey(),
			Amount: r.order.Snapshot().Total, PaymentMethod: r.placement.PaymentMethod,
		}
		var result order.VoidResult
		if err := durably(ctx, "Void the payment", window, paymentActivities.VoidPayment, void, &result); err != nil {
			return err
		}
		if result.Captured {
			r.reference = result.Reference
			r.must(ctx, order.Event{Name: order.ChargeFound})
			r.refundPayment()
		}
		return nil
	}})
}

// refundPayment gives the money back. A refund that the provider refuses for
// good waits for the operator, who settles it by other means.
func (r *orderRun) refundPayment() {
	r.refund.add(&effect{attempt: func(ctx workflow.Context, window time.Duration) error {
		refund := order.RefundRequest{
			OrderID: r.placement.ID, IdempotencyKey: r.refundKey(),
			ChargeKey: r.chargeKey(), Reference: r.reference, Amount: r.order.Snapshot().Total,
		}
		var result order.RefundResult
		if err := durably(ctx, "Refund the customer", window, paymentActivities.Refund, refund, &result); err != nil {
			return err
		}
		r.must(ctx, order.Event{Name: order.RefundMade})
		return nil
	}})
}

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
func (r *orderRun) withdrawFromBoard(workflow.Context) { r.store.withdraw() }

// creditPoints books the member's points.
func (r *orderRun) creditPoints(ctx workflow.Context) {
	entry := r.pointsEntry(ctx, order.PointsCredit, r.order.Snapshot().Points)
	r.points.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			return locallyFirst(ctx, "Credit the points", window, pointsActivities.CreditPoints, entry)
		},
		dropped: func(ctx workflow.Context, err error) {
			if !errors.Is(err, errOver) {
				r.order.ForfeitPoints(reasonOf(err), workflow.Now(ctx))
				r.publish(ctx)
			}
		},
	})
}

// takeBackPoints compensates creditPoints: a credit still to come is barred, one
// that came is reversed.
func (r *orderRun) takeBackPoints(ctx workflow.Context) {
	entry := r.pointsEntry(ctx, order.PointsTakeBack, 0)
	r.points.withdraw()
	r.points.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			return locallyFirst(ctx, "Take the points back", window, pointsActivities.TakeBackPoints, entry)
		},
		dropped: func(workflow.Context, error) {}, // no such member: nothing to take back
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
		dropped: func(ctx workflow.Context, err error) {
			note := order.Entry{Note: order.NoteTextSkipped, Reason: string(kind)}
			if !errors.Is(err, errOver) {
				note = order.Entry{Note: order.NoteTextFailed, Reason: string(kind) + ": " + reasonOf(err)}
			}
			r.order.Record(note, workflow.Now(ctx))
			r.publish(ctx)
		},
	})
}

// project copies the order to the read model. One projection waits at most:
// it takes the newest version when its turn comes.
func (r *orderRun) project() {
	if len(r.readModel.queue) > 1 {
		return
	}
	r.readModel.add(&effect{
		attempt: func(ctx workflow.Context, window time.Duration) error {
			snapshot := r.order.Snapshot()
			if err := locallyFirst(ctx, "Update the read model", window, projectionActivities.ProjectOrder, snapshot); err != nil {
				return err
			}
			r.projected = snapshot.Version
			return nil
		},
		pointless: func() bool { return r.projected == r.order.Version() },
	})
}

func (r *orderRun) upsertStatus(ctx workflow.Context, status order.Status) {
	if err := workflow.UpsertTypedSearchAttributes(ctx, OrderStatus.ValueSet(string(status))); err != nil {
		panic(err) // only an empty update is refused
	}
}

// publishStuck makes what the order is stuck on searchable and readable.
func (r *orderRun) publishStuck(ctx workflow.Context) {
	var stuck []string
	for _, l := range r.lanes() {
		if l.stuck {
			stuck = append(stuck, l.name)
		}
	}
	r.order.SetStuckOn(stuck)
	update := StuckOn.ValueUnset()
	if len(stuck) > 0 {
		update = StuckOn.ValueSet(stuck)
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, update); err != nil {
		panic(err) // only an empty update is refused
	}
	r.publish(ctx)
}

// durably runs an activity for one window of retries, visible as pending.
func durably(ctx workflow.Context, summary string, window time.Duration, activity, input, result any) error {
	ctx = workflow.WithActivityOptions(ctx, withTaskQueueOf(ctx, effectOptions(summary, window)))
	return workflow.ExecuteActivity(ctx, activity, input).Get(ctx, result)
}

// withTaskQueueOf keeps the task queue that ctx names.
func withTaskQueueOf(ctx workflow.Context, options workflow.ActivityOptions) workflow.ActivityOptions {
	options.TaskQueue = workflow.GetActivityOptions(ctx).TaskQueue
	return options
}

// locallyFirst tries a quick database write as a local activity, and goes on
// durably when that was not enough.
func locallyFirst(ctx workflow.Context, summary string, window time.Duration, activity, input any) error {
	local := workflow.WithLocalActivityOptions(ctx, localOptions(summary))
	err := workflow.ExecuteLocalActivity(local, activity, input).Get(local, nil)
	if err == nil || isPermanent(err) {
		return err
	}
	return durably(ctx, summary, window, activity, input, nil)
}

// reasonOf returns the sentence of an activity's refusal, without its cause.
func reasonOf(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Message()
	}
	return err.Error()
}

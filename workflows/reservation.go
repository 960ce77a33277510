package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// reserve takes what of the order is scarce, before it is paid for: points, a coupon's use, room in a
// slot. An order that cannot have them, or not in time, ends with nothing charged. One without
// any goes on at once.
func (r *orderRun) reserve(ctx workflow.Context) {
	reservation := r.reservationNow(ctx)
	if reservation == nil {
		return
	}
	r.compensations.register(r.releaseReservation)
	var result order.ReservationResult
	within := reserveWithin
	if r.reset { // of a history of before the reset nothing but the events counts
		within = reserveAgainWithin
	}
	err := locallyFirst(ctx, "Reserve", within, nil, reservationActivities.Reserve, *reservation, &result)
	switch {
	case err != nil:
		result.Refused = order.RefusedUnavailable
	case result.Earlier != nil:
		r.restore(ctx, *result.Earlier)
		r.applyEarly(ctx, order.ChargeResult{Reset: true, Earlier: result.Earlier})
		return
	}
	if result.Refused != "" {
		r.must(ctx, order.Event{Name: order.PaymentRefused, FailureCode: result.Refused})
		r.applyEarly(ctx, order.ChargeResult{Reset: result.Reset})
	}
}

// reservationNow returns what is to be reserved for the order, from now until it counts as lost; nil
// for nothing.
func (r *orderRun) reservationNow(ctx workflow.Context) *order.Reservation {
	reservation := r.placement.Reservation()
	if reservation != nil {
		reservation.At, reservation.Reset = workflow.Now(ctx), r.reset
		reservation.ExpiresAt = r.actBy().Add(reservedUntil)
	}
	return reservation
}

// releaseReservation compensates reserve: what is reserved is given back, and a reservation that may
// still come is barred. For an order that was handed over before its workflow was reset it stays.
func (r *orderRun) releaseReservation(ctx workflow.Context) {
	reservation := r.reservationNow(ctx)
	r.reservation.add(&effect{attempt: func(ctx workflow.Context, window time.Duration) error {
		var result order.ReleaseResult
		err := durably(ctx, "Release the reservation", window, reservationActivities.Release, *reservation, &result)
		if err == nil && result.Kept != "" {
			r.note(ctx, order.Entry{Note: order.NoteRefused, Actor: order.ActorOperator,
				Reason: fmt.Sprintf("nothing is released: the order was %s before its workflow was reset", result.Kept)})
		}
		return err
	}})
}

// returnPoints gives back the points that were spent on what the refund gives back.
func (r *orderRun) returnPoints(ctx workflow.Context, refund order.Refund) {
	if refund.Points == 0 {
		return
	}
	entry := r.pointsEntry(ctx, order.PointsReturn(refund.Number), refund.Points)
	r.reservation.add(&effect{attempt: func(ctx workflow.Context, window time.Duration) error {
		return durably(ctx, "Return the points", window, reservationActivities.ReturnPoints, entry, nil)
	}})
}

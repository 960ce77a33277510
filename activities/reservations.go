package activities

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// Reservation are the activities that reserve what of an order is scarce.
type Reservation struct {
	Reservations Reservations
	// Runs tells of orders whose workflow is run again. Nil in tests that run no order twice.
	Runs Runs
}

// Reserve takes what the order needs that is scarce, or says why it is refused. For an order that an
// earlier run of its workflow has brought beyond the payment the result says how that run has
// left it, and nothing is reserved.
func (a *Reservation) Reserve(ctx context.Context, reservation order.Reservation) (order.ReservationResult, error) {
	if reservation.Reset {
		if earlier, err := earlierRun(ctx, a.Runs); earlier != nil || err != nil {
			return order.ReservationResult{Earlier: earlier}, report(ctx, order.EffectReservation, OK, err)
		}
	}
	result, err := a.Reservations.Reserve(ctx, reservation)
	result.Reset = reservation.Reset
	if err == nil && result.Refused == order.RefusedReleased { // started again after it was undone
		result.Earlier, err = earlierRun(ctx, a.Runs)
	}
	return result, report(ctx, order.EffectReservation, OK, err)
}

// reservedAgain is how long a reservation lasts at least when its order is charged late.
const reservedAgain = time.Hour

// stillReserved fails with CodeUncertain when what the order had reserved was released. It looks only
// where that can be: of an order whose workflow was reset, and when the reservation has expired, so that
// whoever releases what is lost may have come first. What stands is the order's for [reservedAgain].
func stillReserved(ctx context.Context, reservations Reservations, charge order.Charge, now time.Time) error {
	r := charge.Reservation
	if r == nil || reservations == nil || !charge.Reset && now.Before(r.ExpiresAt) {
		return nil
	}
	again := *r
	if lasts := now.Add(reservedAgain); again.ExpiresAt.Before(lasts) {
		again.ExpiresAt = lasts
	}
	result, err := reservations.Reserve(ctx, again)
	if err == nil && result.Refused != "" {
		// An earlier attempt may have taken the money: it is looked for, and goes back.
		err = &order.Error{Code: order.CodeUncertain, Message: "what the order had reserved was released: " + result.Refused}
	}
	return err
}

// Release gives back what the order has reserved. Of an order that was handed over, or not fetched,
// before its workflow was reset it is kept, and the result says so.
func (a *Reservation) Release(ctx context.Context, reservation order.Reservation) (result order.ReleaseResult, err error) {
	if reservation.Reset {
		earlier, err := earlierRun(ctx, a.Runs)
		if err != nil {
			return result, report(ctx, order.EffectReservation, OK, err)
		}
		if earlier != nil && kept(earlier.Order.Status) {
			err := a.Reservations.KeepReservations(ctx, []string{reservation.OrderID}, reservation.At)
			return order.ReleaseResult{Kept: earlier.Order.Status}, report(ctx, order.EffectReservation, OK, err)
		}
	}
	return result, report(ctx, order.EffectReservation, OK, a.Reservations.Release(ctx, reservation))
}

// ReturnPoints gives back the points that were spent on a part of an order.
func (a *Reservation) ReturnPoints(ctx context.Context, entry order.PointsEntry) error {
	return report(ctx, order.EffectReservation, OK, a.Reservations.ReturnPoints(ctx, entry))
}

// kept reports whether an order in that status has ended, and what it has cost is the store's.
func kept(status order.Status) bool { return status.Terminal() && status.Refundable() }

package activities

import (
	"context"

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

// Release gives back what the order has reserved.
func (a *Reservation) Release(ctx context.Context, reservation order.Reservation) error {
	return report(ctx, order.EffectReservation, OK, a.Reservations.Release(ctx, reservation))
}

// ReturnPoints gives back the points that were spent on a part of an order.
func (a *Reservation) ReturnPoints(ctx context.Context, entry order.PointsEntry) error {
	return report(ctx, order.EffectReservation, OK, a.Reservations.ReturnPoints(ctx, entry))
}

package storage_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

var _ activities.Reservations = (*storage.DB)(nil)

// noon is a slot of the stores in these tests.
var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// withPoints returns a member with so many points.
func withPoints(t *testing.T, d *storage.DB, phone string, points int64) string {
	t.Helper()
	number, _ := signUp(t, d, phone)
	require.NoError(t, d.Credit(t.Context(), entryOf("ord_earned_"+number, number, points)))
	return number
}

func reservationOf(orderID, number string, points int64) order.Reservation {
	return order.Reservation{OrderID: orderID, MembershipNumber: number, Points: points, At: opening, ExpiresAt: opening.Add(time.Hour)}
}

func reserve(t *testing.T, d *storage.DB, r order.Reservation) string {
	t.Helper()
	result, err := d.Reserve(t.Context(), r)
	require.NoError(t, err)
	return result.Refused
}

func balanceOf(t *testing.T, d *storage.DB, number string) int64 {
	t.Helper()
	balance, _ := account(t, d, number)
	return balance
}

func TestPointsAreSpentOnceAndGoBackOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 500)
		for range 2 {
			require.Empty(t, reserve(t, d, reservationOf("ord_1", number, 300)))
			require.EqualValues(t, 200, balanceOf(t, d, number))
		}
		require.Equal(t, order.RefusedPoints, reserve(t, d, reservationOf("ord_2", number, 201)))
		require.Equal(t, order.RefusedPoints, reserve(t, d, reservationOf("ord_3", "0000000000", 100)))
		back := entryOf("ord_1", number, 100)
		back.Kind = order.PointsReturn(1)
		for range 2 {
			require.NoError(t, d.ReturnPoints(t.Context(), back))
			require.EqualValues(t, 300, balanceOf(t, d, number))
		}
		for range 2 {
			require.NoError(t, d.Release(t.Context(), reservationOf("ord_1", number, 300)))
			require.EqualValues(t, 500, balanceOf(t, d, number))
		}
		back.Kind = order.PointsReturn(2)
		require.NoError(t, d.ReturnPoints(t.Context(), back))
		require.EqualValues(t, 500, balanceOf(t, d, number))
		require.Equal(t, order.RefusedReleased, reserve(t, d, reservationOf("ord_1", number, 300)))
	})
}

// What an order earns and what is spent on it are apart: the one is taken back without the other.
func TestPointsEarnedAndSpentOnOneOrderAreApart(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 500)
		require.Empty(t, reserve(t, d, reservationOf("ord_1", number, 300)))
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 40)))
		require.EqualValues(t, 240, balanceOf(t, d, number))
		require.NoError(t, d.TakeBack(t.Context(), entryOf("ord_1", number, 0)))
		require.EqualValues(t, 200, balanceOf(t, d, number))
		require.NoError(t, d.Release(t.Context(), reservationOf("ord_1", number, 0)))
		require.EqualValues(t, 500, balanceOf(t, d, number))
	})
}

func TestAReleaseBarsAReservationThatComesLate(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 500)
		require.NoError(t, d.Release(t.Context(), reservationOf("ord_1", number, 300)))
		require.Equal(t, order.RefusedReleased, reserve(t, d, reservationOf("ord_1", number, 300)))
		require.EqualValues(t, 500, balanceOf(t, d, number))
	})
}

// A refusal of one leaves nothing of the others.
func TestAReservationIsAllOrNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 500)
		full := reservationOf("ord_1", number, 300)
		full.Slot = &order.Slot{At: noon, Cups: 4, Capacity: 4}
		require.Empty(t, reserve(t, d, full))
		full.OrderID, full.Points, full.Slot.Cups = "ord_2", 200, 1
		require.Equal(t, order.RefusedSlot, reserve(t, d, full))
		full.Coupon, full.OrderID, full.Slot = "NONE", "ord_3", nil
		require.Equal(t, order.RefusedCouponUnknown, reserve(t, d, full))
		require.EqualValues(t, 200, balanceOf(t, d, number))
		require.NoError(t, d.Release(t.Context(), reservationOf("ord_1", number, 0)))
		require.Empty(t, reserve(t, d, order.Reservation{OrderID: "ord_4", Slot: &order.Slot{At: noon, Cups: 4, Capacity: 4}, At: opening}))
	})
}

// More than one slot holds is made in the slots before it, too.
func TestALargeOrderTakesTheSlotsBefore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		take := func(id string, at time.Time, cups int) string {
			return reserve(t, d, order.Reservation{OrderID: id, At: opening, Slot: &order.Slot{At: at, Cups: cups, Capacity: 20}})
		}
		require.Empty(t, take("ord_1", noon, 45))
		require.Equal(t, order.RefusedSlot, take("ord_2", noon, 1))
		require.Equal(t, order.RefusedSlot, take("ord_3", noon.Add(-order.SlotLength), 1))
		require.Equal(t, order.RefusedSlot, take("ord_4", noon.Add(-2*order.SlotLength), 16))
		require.Empty(t, take("ord_5", noon.Add(-2*order.SlotLength), 15))
		require.NoError(t, d.Release(t.Context(), order.Reservation{OrderID: "ord_1", At: opening}))
		require.Empty(t, take("ord_6", noon, 20))
	})
}

// Of many orders at once as many succeed as there is, whatever they are for.
func TestOfManyReservationsAtOnceAsManySucceedAsThereIs(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 500)
		for name, of := range map[string]struct {
			most int64
			add  func(*order.Reservation)
		}{
			"points": {5, func(r *order.Reservation) { r.MembershipNumber, r.Points = number, 100 }},
			"slot":   {3, func(r *order.Reservation) { r.Slot = &order.Slot{At: noon, Cups: 1, Capacity: 3} }},
		} {
			var taken atomic.Int64
			var wg sync.WaitGroup
			for i := range 40 {
				wg.Go(func() {
					r := order.Reservation{OrderID: fmt.Sprint("ord_", name, i), At: opening}
					of.add(&r)
					for {
						result, err := d.Reserve(context.Background(), r)
						if order.ErrorCode(err) == order.CodeUnavailable { // too busy
							continue
						}
						if err == nil && result.Refused == "" {
							taken.Add(1)
						}
						return
					}
				})
			}
			wg.Wait()
			require.Equal(t, of.most, taken.Load(), name)
		}
	})
}

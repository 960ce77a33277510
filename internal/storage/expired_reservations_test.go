package storage_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/reservationstore"
	"github.com/cafeforme/cafeforme/order"
)

// full is a reservation of everything that is scarce: of 300 points, the coupon HELLO and three cups at noon.
func full(orderID, number string) order.Reservation {
	r := reservationOf(orderID, number, 300)
	r.Coupon, r.Slot = "HELLO", &order.Slot{At: noon, Cups: 3, Capacity: 20}
	return r
}

// addHello adds the coupon HELLO, which may be used ten times.
func addHello(t *testing.T, d *storage.DB) {
	t.Helper()
	require.NoError(t, d.Exec(t.Context(),
		"INSERT INTO coupons (code, document, version, uses, uses_per_member, used) VALUES ('HELLO', '{}', 1, 10, 0, 0)"))
}

// expired returns the reservations that have expired by that time.
func expired(t *testing.T, d *storage.DB, by time.Time) (ids []string) {
	t.Helper()
	for after := (reservationstore.Expired{}); ; {
		some, err := d.ExpiredReservations(t.Context(), by, after)
		require.NoError(t, err)
		if len(some) == 0 {
			return ids
		}
		for _, after = range some {
			ids = append(ids, after.OrderID+" "+string(after.Status))
		}
	}
}

// balanced asserts that points, coupons and slots are those of the reservations that stand.
func balanced(t *testing.T, d *storage.DB) {
	t.Helper()
	coupons, err := d.MiscountedCoupons(t.Context())
	require.NoError(t, err)
	require.Empty(t, coupons)
	slots, err := d.MiscountedSlots(t.Context(), noon.Add(-24*time.Hour))
	require.NoError(t, err)
	require.Empty(t, slots)
}

func TestWhatHasExpiredIsListedUntilItIsKeptOrReleased(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 1000)
		addHello(t, d)
		for _, id := range []string{"ord_1", "ord_2", "ord_3"} {
			require.Empty(t, reserve(t, d, full(id, number)))
		}
		projected(t, d, projection(placed(t, "ord_2", opening, order.PaymentSucceeded)))
		require.Empty(t, expired(t, d, opening.Add(time.Hour)))
		by := opening.Add(time.Hour + time.Second)
		require.Equal(t, []string{"ord_1 ", "ord_2 paid", "ord_3 "}, expired(t, d, by))

		released, err := d.ReleaseExpired(t.Context(), "ord_1", opening)
		require.NoError(t, err)
		require.False(t, released, "it has not expired")
		for _, want := range []bool{true, false} {
			released, err := d.ReleaseExpired(t.Context(), "ord_1", by)
			require.NoError(t, err)
			require.Equal(t, want, released)
			require.EqualValues(t, 400, balanceOf(t, d, number))
			balanced(t, d)
		}
		require.NoError(t, d.KeepReservations(t.Context(), []string{"ord_1", "ord_2"}, by))
		require.Equal(t, []string{"ord_3 "}, expired(t, d, by))
		released, err = d.ReleaseExpired(t.Context(), "ord_2", by)
		require.NoError(t, err)
		require.False(t, released, "it is kept")
		reserving, err := d.OrdersReserving(t.Context(), opening)
		require.NoError(t, err)
		require.Equal(t, []string{"ord_3"}, reserving)
	})
}

// An order that reserves again, because its workflow was reset, has its reservation for as long as it
// asks for: nobody releases it meanwhile.
func TestAReservationThatIsAskedForAgainLastsLonger(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 500)
		r := reservationOf("ord_1", number, 300)
		require.Empty(t, reserve(t, d, r))
		r.ExpiresAt = r.ExpiresAt.Add(time.Hour)
		require.Empty(t, reserve(t, d, r))
		require.Empty(t, expired(t, d, opening.Add(90*time.Minute)))
		released, err := d.ReleaseExpired(t.Context(), "ord_1", opening.Add(90*time.Minute))
		require.NoError(t, err)
		require.False(t, released)
		r.ExpiresAt = opening
		require.Empty(t, reserve(t, d, r))
		require.Empty(t, expired(t, d, opening.Add(90*time.Minute)), "it never lasts less")
	})
}

// What is released is forgotten, and slots that are past; what is kept stays. An order of a slot that
// is long past is still released.
func TestReservationsAreForgottenWhenNothingNeedsThem(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 1000)
		addHello(t, d)
		for _, id := range []string{"ord_released", "ord_kept", "ord_late"} {
			require.Empty(t, reserve(t, d, full(id, number)))
		}
		require.NoError(t, d.Release(t.Context(), reservationOf("ord_released", "", 0)))
		require.NoError(t, d.ForgetReservations(t.Context(), opening))
		has := func() (ids []string) {
			all, err := d.ReservationsOf(t.Context(), []string{"ord_kept", "ord_late", "ord_released"})
			require.NoError(t, err)
			for _, r := range all {
				ids = append(ids, r.OrderID)
			}
			return ids
		}
		require.ElementsMatch(t, []string{"ord_kept", "ord_late", "ord_released"}, has())

		require.NoError(t, d.ForgetReservations(t.Context(), noon.Add(time.Hour)))
		require.ElementsMatch(t, []string{"ord_kept", "ord_late"}, has())
		slots, err := d.Dump(t.Context(), "slots")
		require.NoError(t, err)
		require.Empty(t, slots)
		require.NoError(t, d.Release(t.Context(), reservationOf("ord_late", "", 0)))
		require.EqualValues(t, 700, balanceOf(t, d, number))
	})
}

func TestMiscountedCouponsAndSlotsAreFound(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 1000)
		addHello(t, d)
		large := full("ord_1", number)
		large.Slot.Cups = 25
		require.Empty(t, reserve(t, d, large))
		balanced(t, d)
		stored, err := d.ReservationsOf(t.Context(), []string{"ord_1", "ord_2"})
		require.NoError(t, err)
		large.Store = order.MainStore
		require.Equal(t, []order.StoredReservation{{Reservation: large}}, stored)

		require.NoError(t, d.Exec(t.Context(), "UPDATE coupons SET used = 2"))
		require.NoError(t, d.Exec(t.Context(), fmt.Sprintf("UPDATE slots SET cups = 3 WHERE at = %d", noon.UnixMicro())))
		coupons, err := d.MiscountedCoupons(t.Context())
		require.NoError(t, err)
		require.Equal(t, []reservationstore.CouponUses{{Code: "HELLO", Used: 2, Reserved: 1}}, coupons)
		slots, err := d.MiscountedSlots(t.Context(), opening)
		require.NoError(t, err)
		require.Equal(t, []reservationstore.SlotCups{{Store: order.MainStore, At: noon, Cups: 3, Reserved: 20}}, slots)
		slots, err = d.MiscountedSlots(t.Context(), noon.Add(time.Second))
		require.NoError(t, err)
		require.Empty(t, slots)
	})
}

func TestAStoreThatMakesNothingForLaterHasNoSlots(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		r := order.Reservation{OrderID: "ord_1", At: opening, Slot: &order.Slot{At: noon, Cups: 1}}
		require.Equal(t, order.RefusedSlot, reserve(t, d, r))
	})
}

// A member is erased while an order is made: the ledger goes on to balance, and nothing more can be spent.
func TestWhatAnErasedMemberHasReservedIsReleased(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 500)
		addHello(t, d)
		require.Empty(t, reserve(t, d, full("ord_1", number)))
		_, err := d.Erase(t.Context(), number, opening)
		require.NoError(t, err)
		require.Equal(t, order.RefusedPoints, reserve(t, d, reservationOf("ord_2", number, 100)))
		require.NoError(t, d.Release(t.Context(), reservationOf("ord_1", number, 300)))
		entries, err := d.PointsOf(t.Context(), []string{"ord_1"})
		require.NoError(t, err)
		var sum int64
		for _, entry := range entries {
			sum += entry.Points
		}
		require.Zero(t, sum)
		balanced(t, d)
	})
}

// The database was restored from a backup of before an order reserved anything: its release and its refund
// find nothing, and take nothing from others.
func TestAReleaseOfWhatABackupDoesNotHaveChangesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := withPoints(t, d, "+821012345678", 500)
		addHello(t, d)
		other := full("ord_other", number)
		require.Empty(t, reserve(t, d, other))
		back := entryOf("ord_1", number, 100)
		back.Kind = order.PointsReturn(1)
		require.NoError(t, d.ReturnPoints(t.Context(), back))
		require.NoError(t, d.Release(t.Context(), full("ord_1", number)))
		require.EqualValues(t, 200, balanceOf(t, d, number))
		balanced(t, d)
	})
}

// Orders of everything at once, large ones that take each other's slots too, are reserved and released by
// many at the same time: nobody waits for somebody who waits for them, and everything balances.
func TestReservingAndReleasingAtOnceNeverLocksUp(t *testing.T) {
	t.Parallel()
	needsPostgres(t)
	d := open(t, newPostgres(t))
	members := make([]string, 3)
	for i := range members {
		members[i] = withPoints(t, d, fmt.Sprintf("+82101234560%d", i), 2000)
	}
	addHello(t, d)
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			for round := range 4 {
				r := full(fmt.Sprintf("ord_%d_%d", i, round), members[i%len(members)])
				r.Slot = &order.Slot{At: noon.Add(time.Duration(i%4) * order.SlotLength), Cups: 1 + i*2, Capacity: 20}
				_, err := d.Reserve(t.Context(), r)
				assert.NoError(t, err)
				assert.NoError(t, d.Release(t.Context(), r))
			}
		})
	}
	all.Wait()
	balanced(t, d)
	for _, number := range members {
		require.EqualValues(t, 2000, balanceOf(t, d, number))
	}
	slots, err := d.Dump(t.Context(), "slots")
	require.NoError(t, err)
	require.NotRegexp(t, `\|[1-9][0-9]*\|\n`, slots, "no cup is left")
}

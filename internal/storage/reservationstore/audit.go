package reservationstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// reservationRow is the row of a reservation with its times.
type reservationRow struct {
	reserved
	OrderID    string `db:"order_id"`
	ReservedAt int64  `db:"reserved_at"`
	ExpiresAt  int64  `db:"expires_at"`
	ReleasedAt int64  `db:"released_at"`
}

func (r reservationRow) stored() order.StoredReservation {
	stored := order.StoredReservation{Reservation: order.Reservation{
		OrderID: r.OrderID, Store: r.Store, MembershipNumber: r.Member, Points: r.Points, Coupon: r.Coupon,
		At: sqldb.TimeOf(r.ReservedAt), ExpiresAt: sqldb.TimeOf(r.ExpiresAt),
	}}
	if r.SlotAt != 0 {
		stored.Slot = &order.Slot{At: sqldb.TimeOf(r.SlotAt), Cups: r.Cups, Capacity: r.Capacity}
	}
	if r.ReleasedAt != 0 {
		at := sqldb.TimeOf(r.ReleasedAt)
		stored.ReleasedAt = &at
	}
	return stored
}

// ReservationsOf returns what these orders have reserved, those without any left out.
func (s *Reservations) ReservationsOf(ctx context.Context, orderIDs []string) (all []order.StoredReservation, err error) {
	defer sqldb.Wrap(&err, "read the reservations of %d orders", len(orderIDs))
	var rows []reservationRow
	err = sqldb.ListIn(ctx, s.pool, &rows, `
		SELECT order_id, store, membership_number, points, coupon, slot_at, cups, capacity, reserved_at, expires_at, released_at
		FROM reservations WHERE order_id IN (?)`, orderIDs)
	for _, row := range rows {
		all = append(all, row.stored())
	}
	return all, err
}

// OrdersReserving returns the orders whose reservations stand and are not known to be kept,
// whenever they were made.
func (s *Reservations) OrdersReserving(ctx context.Context, _ time.Time) (ids []string, err error) {
	defer sqldb.Wrap(&err, "list the orders that reserve something")
	err = sqldb.List(ctx, s.pool, &ids, reservingQuery)
	return ids, err
}

// reservingQuery has the condition of the index reservations_to_expire, word for word.
const reservingQuery = "SELECT order_id FROM reservations WHERE released_at = 0 AND kept_at = 0 ORDER BY expires_at, order_id"

// CouponUses is how often a coupon counts as used, and how many reservations that stand use it.
type CouponUses struct {
	Code     string `db:"code"`
	Used     int64  `db:"used"`
	Reserved int64  `db:"reserved"`
}

// couponUsesQuery reads both at one moment. It has the condition of the index reservations_of_coupon.
const couponUsesQuery = `
	SELECT code, used, reserved FROM (
		SELECT coupons.code, coupons.used, (
			SELECT COUNT(*) FROM reservations
			WHERE reservations.coupon = coupons.code AND reservations.coupon <> '' AND reservations.released_at = 0
		) AS reserved FROM coupons
	) AS uses WHERE used <> reserved ORDER BY code`

// MiscountedCoupons returns the coupons whose uses are not those of the reservations that stand.
func (s *Reservations) MiscountedCoupons(ctx context.Context) (uses []CouponUses, err error) {
	defer sqldb.Wrap(&err, "count the uses of coupons")
	err = sqldb.List(ctx, s.pool, &uses, couponUsesQuery)
	return uses, err
}

// SlotCups is how many cups of a store's slot count as taken, and how many reservations that stand take.
type SlotCups struct {
	Store    string
	At       time.Time
	Cups     int
	Reserved int
}

// slotRow is a slot, or for Capacity above zero the reservation of one.
type slotRow struct {
	Store    string `db:"store"`
	At       int64  `db:"at"`
	Cups     int    `db:"cups"`
	Capacity int    `db:"capacity"`
}

// slotCupsQuery reads the slots and the reservations at one moment. It has the conditions of the
// indexes slots_by_time and reservations_of_slots.
const slotCupsQuery = `
	SELECT store, at, cups, 0 AS capacity FROM slots WHERE at >= ?
	UNION ALL
	SELECT store, slot_at AS at, cups, capacity FROM reservations WHERE released_at = 0 AND slot_at <> 0 AND slot_at >= ?`

// MiscountedSlots returns the slots since that time whose cups are not those of the reservations that
// stand.
func (s *Reservations) MiscountedSlots(ctx context.Context, since time.Time) (wrong []SlotCups, err error) {
	defer sqldb.Wrap(&err, "count the cups of slots")
	var rows []slotRow
	if err := sqldb.List(ctx, s.pool, &rows, slotCupsQuery, sqldb.Micros(since), sqldb.Micros(since)); err != nil {
		return nil, fmt.Errorf("read the slots: %w", err)
	}
	var all []*SlotCups
	of := map[slotRow]*SlotCups{}
	slotOf := func(store string, at int64) *SlotCups {
		key := slotRow{Store: store, At: at}
		if of[key] == nil {
			of[key] = &SlotCups{Store: store, At: sqldb.TimeOf(at)}
			all = append(all, of[key])
		}
		return of[key]
	}
	for _, row := range rows {
		if row.Capacity == 0 {
			slotOf(row.Store, row.At).Cups += row.Cups
			continue
		}
		for _, part := range (order.Slot{At: sqldb.TimeOf(row.At), Cups: row.Cups, Capacity: row.Capacity}).Parts() {
			if !part.At.Before(since) {
				slotOf(row.Store, sqldb.Micros(part.At)).Reserved += part.Cups
			}
		}
	}
	for _, slot := range all {
		if slot.Cups != slot.Reserved {
			wrong = append(wrong, *slot)
		}
	}
	return wrong, nil
}

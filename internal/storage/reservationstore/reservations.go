// Package reservationstore keeps what orders have reserved: points, uses of coupons, room in slots.
// Start at Reserve.
package reservationstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/storage/memberstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// Reservations is the room of the database. It is safe for concurrent use.
type Reservations struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Reservations { return &Reservations{pool: pool} }

// refusal ends the transaction of a reservation that is refused, with everything it has taken.
type refusal string

func (r refusal) Error() string { return "refused: " + string(r) }

// Reserve takes what the reservation names, all or nothing, once for its order, or says why it is
// refused. An order whose reservation was released is refused with [order.RefusedReleased].
//
// Whoever reserves or releases locks the order's row, then the member's, the coupon's and those of the
// slots, the earliest first.
func (s *Reservations) Reserve(ctx context.Context, r order.Reservation) (_ order.ReservationResult, err error) {
	defer sqldb.Wrap(&err, "reserve for order %s", r.OrderID)
	err = s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		added, err := add(ctx, tx, r, 0)
		switch {
		case err != nil:
			return err
		case !added:
			return stands(ctx, tx, r)
		}
		if err := spend(ctx, tx, r); err != nil {
			return err
		}
		if err := useCoupon(ctx, tx, r); err != nil {
			return err
		}
		return takeSlots(ctx, tx, r)
	})
	if why := refusal(""); errors.As(err, &why) {
		return order.ReservationResult{Refused: string(why)}, nil
	}
	return order.ReservationResult{}, err
}

// add adds the row of an order's reservation, unless it has one, and reports whether it did.
func add(ctx context.Context, tx sqldb.Querier, r order.Reservation, releasedAt int64) (bool, error) {
	slot, at := order.Slot{}, int64(0)
	if r.Slot != nil {
		slot, at = *r.Slot, sqldb.Micros(r.Slot.At)
	}
	added, err := sqldb.Exec(ctx, tx, `
		INSERT INTO reservations (order_id, store, membership_number, points, coupon, slot_at, cups, capacity, reserved_at, expires_at, released_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO NOTHING`,
		r.OrderID, cmp.Or(r.Store, order.MainStore), r.MembershipNumber, r.Points, r.Coupon, at, slot.Cups, slot.Capacity,
		sqldb.Micros(r.At), sqldb.Micros(r.ExpiresAt), releasedAt)
	return added == 1, err
}

// stands refuses an order whose reservation was released. One that stands is as good as new, and
// lasts as long.
func stands(ctx context.Context, tx sqldb.Querier, r order.Reservation) error {
	expiresAt := sqldb.Micros(r.ExpiresAt)
	standing, err := sqldb.Exec(ctx, tx, `
		UPDATE reservations SET expires_at = CASE WHEN expires_at < ? THEN ? ELSE expires_at END WHERE order_id = ? AND released_at = 0`,
		expiresAt, expiresAt, r.OrderID)
	if err == nil && standing == 0 {
		err = refusal(order.RefusedReleased)
	}
	return err
}

func spend(ctx context.Context, tx sqldb.Querier, r order.Reservation) error {
	if r.Points == 0 {
		return nil
	}
	enough, err := memberstore.Spend(ctx, tx, order.PointsEntry{
		OrderID: r.OrderID, MembershipNumber: r.MembershipNumber, Points: r.Points, At: r.At,
	})
	if err == nil && !enough {
		err = refusal(order.RefusedPoints)
	}
	return err
}

// useCoupon counts a use of the coupon, if there is one left for all and for the member. The row of
// the coupon is locked before the member's uses are counted.
func useCoupon(ctx context.Context, tx sqldb.Querier, r order.Reservation) error {
	if r.Coupon == "" {
		return nil
	}
	var coupon struct {
		Uses   int64 `db:"uses"`
		Member int64 `db:"uses_per_member"`
		Used   int64 `db:"used"`
		Ended  bool  `db:"ended"`
	}
	err := sqldb.Get(ctx, tx, &coupon, "UPDATE coupons SET used = used + 1 WHERE code = ? RETURNING uses, uses_per_member, used, ended <> 0 AS ended", r.Coupon)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return refusal(order.RefusedCouponUnknown)
	case err != nil:
		return fmt.Errorf("use the coupon: %w", err)
	case coupon.Ended:
		return refusal(order.RefusedCouponEnded)
	case coupon.Uses > 0 && coupon.Used > coupon.Uses:
		return refusal(order.RefusedCouponUsedUp)
	case coupon.Member == 0:
		return nil
	}
	var uses int64 // this one included
	err = sqldb.Get(ctx, tx, &uses, `
		SELECT COUNT(*) FROM reservations WHERE coupon = ? AND coupon <> '' AND membership_number = ? AND released_at = 0`,
		r.Coupon, r.MembershipNumber)
	if err == nil && (r.MembershipNumber == "" || uses > coupon.Member) {
		err = refusal(order.RefusedCouponUsedByMember)
	}
	return err
}

// takeSlots takes room in the slot, and in those before it for what is more than one slot holds.
func takeSlots(ctx context.Context, tx sqldb.Querier, r order.Reservation) error {
	if r.Slot == nil {
		return nil
	}
	if r.Slot.Capacity <= 0 { // a store that makes nothing for later
		return refusal(order.RefusedSlot)
	}
	for _, slot := range r.Slot.Parts() {
		taken, err := sqldb.Exec(ctx, tx, `
			INSERT INTO slots (store, at, cups) VALUES (?, ?, ?)
			ON CONFLICT (store, at) DO UPDATE SET cups = slots.cups + excluded.cups WHERE slots.cups + excluded.cups <= ?`,
			cmp.Or(r.Store, order.MainStore), sqldb.Micros(slot.At), slot.Cups, slot.Capacity)
		if err != nil {
			return fmt.Errorf("take room in a slot: %w", err)
		}
		if taken == 0 {
			return refusal(order.RefusedSlot)
		}
	}
	return nil
}

// ReservedCups returns the store's slots from a time on and before another in which cups are reserved.
func (s *Reservations) ReservedCups(ctx context.Context, store string, from, until time.Time) (slots []order.Slot, err error) {
	defer sqldb.Wrap(&err, "read the slots of %s", store)
	var rows []struct {
		At   int64 `db:"at"`
		Cups int   `db:"cups"`
	}
	err = sqldb.List(ctx, s.pool, &rows, "SELECT at, cups FROM slots WHERE store = ? AND at >= ? AND at < ? AND cups > 0",
		store, sqldb.Micros(from), sqldb.Micros(until))
	for _, row := range rows {
		slots = append(slots, order.Slot{At: sqldb.TimeOf(row.At), Cups: row.Cups})
	}
	return slots, err
}

// reserved is the row of a reservation.
type reserved struct {
	Store    string `db:"store"`
	Member   string `db:"membership_number"`
	Points   int64  `db:"points"`
	Coupon   string `db:"coupon"`
	SlotAt   int64  `db:"slot_at"`
	Cups     int    `db:"cups"`
	Capacity int    `db:"capacity"`
}

// Release gives back what the order has reserved, less the points that went back before, and bars a
// reservation that has not come yet. Of the reservation it reads the order and the time.
func (s *Reservations) Release(ctx context.Context, r order.Reservation) (err error) {
	defer sqldb.Wrap(&err, "release the reservation of order %s", r.OrderID)
	return s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		if added, err := add(ctx, tx, r, sqldb.Micros(r.At)); err != nil || added {
			return err
		}
		_, err := release(ctx, tx, r.OrderID, r.At, "")
		return err
	})
}

// release gives back what the order has reserved, if it stands and the condition, which ends the
// statement's, holds of it. It reports false, having done nothing, when not.
func release(ctx context.Context, tx sqldb.Querier, orderID string, at time.Time, condition string, args ...any) (bool, error) {
	var was reserved
	err := sqldb.Get(ctx, tx, &was, `
		UPDATE reservations SET released_at = ? WHERE order_id = ? AND released_at = 0`+condition+`
		RETURNING store, membership_number, points, coupon, slot_at, cups, capacity`, append([]any{sqldb.Micros(at), orderID}, args...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil // released before
	} else if err != nil {
		return false, err
	}
	return true, was.giveBack(ctx, tx, orderID, at)
}

// giveBack gives everything back. The rows of slots that are long past are gone, and so may be a
// coupon's.
func (r reserved) giveBack(ctx context.Context, tx sqldb.Querier, orderID string, at time.Time) error {
	if r.Points > 0 {
		err := memberstore.ReturnSpent(ctx, tx, order.PointsEntry{
			OrderID: orderID, MembershipNumber: r.Member, Kind: order.PointsRelease, Points: r.Points, At: at,
		})
		if err != nil {
			return err
		}
	}
	if r.Coupon != "" {
		if _, err := sqldb.Exec(ctx, tx, "UPDATE coupons SET used = used - 1 WHERE code = ?", r.Coupon); err != nil {
			return fmt.Errorf("give the coupon's use back: %w", err)
		}
	}
	if r.SlotAt == 0 {
		return nil
	}
	for _, slot := range (order.Slot{At: sqldb.TimeOf(r.SlotAt), Cups: r.Cups, Capacity: r.Capacity}).Parts() {
		_, err := sqldb.Exec(ctx, tx, "UPDATE slots SET cups = cups - ? WHERE store = ? AND at = ?", slot.Cups, r.Store, sqldb.Micros(slot.At))
		if err != nil {
			return fmt.Errorf("give the room in a slot back: %w", err)
		}
	}
	return nil
}

// ReturnPoints books, once under its kind, that points which were spent on an order go back, never
// more than are left of them. It does nothing when the order's reservation was released, which has
// given all of them back.
func (s *Reservations) ReturnPoints(ctx context.Context, entry order.PointsEntry) (err error) {
	defer sqldb.Wrap(&err, "return the points spent on order %s", entry.OrderID)
	return s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		standing, err := sqldb.Exec(ctx, tx, "UPDATE reservations SET order_id = order_id WHERE order_id = ? AND released_at = 0", entry.OrderID)
		if err != nil || standing == 0 {
			return err
		}
		return memberstore.ReturnSpent(ctx, tx, entry)
	})
}

package reservationstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// expiredAtOnce is how many reservations that have expired are listed at a time.
	expiredAtOnce = 100
	// forgottenAtOnce is how many rows are deleted by one statement.
	forgottenAtOnce = 1000
)

// Expired is a reservation that stands although the time has passed in which its order was to be paid.
// Nearly all are of orders that are being made, or were.
type Expired struct {
	OrderID   string `db:"order_id"`
	ExpiresAt int64  `db:"expires_at"`
	// Status is that of the order in the read model; empty when it is not there.
	Status order.Status `db:"status"`
}

// expiredQuery has the condition of the index reservations_to_expire, word for word.
const expiredQuery = `
	SELECT reservations.order_id, reservations.expires_at, COALESCE(orders.status, '') AS status
	FROM reservations LEFT JOIN orders ON orders.id = reservations.order_id
	WHERE reservations.released_at = 0 AND reservations.kept_at = 0 AND reservations.expires_at < ?
		AND (reservations.expires_at, reservations.order_id) > (?, ?)
	ORDER BY reservations.expires_at, reservations.order_id LIMIT ?`

// ExpiredReservations returns some of the reservations that stand although they expired before that
// time and that are not known to be kept, in the order in which they expired, after another one.
// None is left when there are none.
func (s *Reservations) ExpiredReservations(ctx context.Context, before time.Time, after Expired) (expired []Expired, err error) {
	defer sqldb.Wrap(&err, "list the reservations that have expired")
	err = sqldb.List(ctx, s.pool, &expired, expiredQuery, sqldb.Micros(before), after.ExpiresAt, after.OrderID, expiredAtOnce)
	return expired, err
}

// ReleaseExpired is [Reservations.Release] for a reservation that has expired. It reports false, having
// done nothing, when it has not, or was released before.
func (s *Reservations) ReleaseExpired(ctx context.Context, orderID string, now time.Time) (released bool, err error) {
	defer sqldb.Wrap(&err, "release the expired reservation of order %s", orderID)
	err = s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) (err error) {
		released, err = release(ctx, tx, orderID, now, " AND kept_at = 0 AND expires_at < ?", sqldb.Micros(now))
		return err
	})
	return released, err
}

// KeepReservations records that the orders have kept what they have reserved, for good: nothing of
// it expires any more.
func (s *Reservations) KeepReservations(ctx context.Context, orderIDs []string, now time.Time) (err error) {
	defer sqldb.Wrap(&err, "keep the reservations of %d orders", len(orderIDs))
	return sqldb.ExecIn(ctx, s.pool,
		"UPDATE reservations SET kept_at = ? WHERE released_at = 0 AND kept_at = 0 AND order_id IN (?)", orderIDs, sqldb.Micros(now))
}

// PostponeExpiry has the reservations of these orders, which are alive, last until then.
func (s *Reservations) PostponeExpiry(ctx context.Context, orderIDs []string, until time.Time) (err error) {
	defer sqldb.Wrap(&err, "let the reservations of %d orders last", len(orderIDs))
	return sqldb.ExecIn(ctx, s.pool,
		"UPDATE reservations SET expires_at = ? WHERE released_at = 0 AND kept_at = 0 AND order_id IN (?)", orderIDs, sqldb.Micros(until))
}

// The statements have the conditions of the indexes reservations_to_forget and slots_by_time.
const (
	forgetReleasedQuery = `DELETE FROM reservations WHERE order_id IN (
		SELECT order_id FROM reservations WHERE released_at <> 0 AND released_at < ? ORDER BY released_at LIMIT ?)`
	forgetSlotsQuery = `DELETE FROM slots WHERE (store, at) IN (SELECT store, at FROM slots WHERE at < ? ORDER BY at LIMIT ?)`
)

// ForgetReservations deletes the reservations that were released before that time, when no attempt to
// reserve can come any more that they bar, and the slots that began before it. What orders
// have kept stays: a coupon's uses are counted by it, and so is what a refund may give back.
func (s *Reservations) ForgetReservations(ctx context.Context, before time.Time) (err error) {
	defer sqldb.Wrap(&err, "forget reservations")
	for _, query := range []string{forgetReleasedQuery, forgetSlotsQuery} {
		for deleted := int64(forgottenAtOnce); deleted == forgottenAtOnce; {
			if deleted, err = sqldb.Exec(ctx, s.pool, query, sqldb.Micros(before), forgottenAtOnce); err != nil {
				return fmt.Errorf("delete: %w", err)
			}
		}
	}
	return nil
}

package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"
)

// ForgetGuests forgets the customers of orders that have ended and have not changed
// since before, unless they are members': the personal parts of the order (see
// [order.Snapshot.Anonymized]) and the words of its texts. What was charged and refunded
// stays. Quarantines of phones that were over before that time go, too. Progress is told,
// now and then, how many orders have been rewritten; the result is how many in all.
//
// An order that cannot be read keeps no other from being forgotten: the error names it.
func (d *DB) ForgetGuests(ctx context.Context, before time.Time, progress func(orders int)) (orders int, err error) {
	defer wrap(&err, "forget guests")
	if err := d.endQuarantines(ctx, before); err != nil {
		return 0, err
	}
	var unreadable error
	after := toForgetRow{UpdatedAt: math.MinInt64}
	for {
		rows, err := d.toForget(ctx, before, after)
		if err != nil || len(rows) == 0 {
			return orders, errors.Join(unreadable, err)
		}
		if err := d.forgetWords(ctx, idsOf(rows)); err != nil {
			return orders, err
		}
		for _, row := range rows {
			document, err := row.anonymized()
			if err != nil {
				unreadable = errors.Join(unreadable, err)
				continue
			}
			changed, err := d.forget(ctx, row, document)
			if err != nil {
				return orders, err
			}
			orders += changed
		}
		progress(orders)
		after = rows[len(rows)-1]
	}
}

func idsOf(rows []toForgetRow) []string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids
}

// toForgetRow is an order whose guest is to be forgotten.
type toForgetRow struct {
	orderRow
	UpdatedAt int64 `db:"updated_at"`
}

// toForgetQuery has the condition of the index orders_to_forget, word for word, which
// the databases recognize.
const toForgetQuery = `
	SELECT id, placed_at, document, updated_at FROM orders
	WHERE membership_number IS NULL AND forgotten_at IS NULL
		AND status IN ('payment_failed', 'picked_up', 'rejected', 'cancelled', 'expired', 'unclaimed')
		AND updated_at < ? AND (updated_at, id) > (?, ?)
	ORDER BY updated_at, id LIMIT ?`

// toForget returns some of the orders, after another one.
func (d *DB) toForget(ctx context.Context, before time.Time, after toForgetRow) (rows []toForgetRow, err error) {
	err = list(ctx, d.pool, &rows, toForgetQuery, micros(before), after.UpdatedAt, after.ID, erasedAtOnce)
	if err != nil {
		return nil, fmt.Errorf("list the orders of guests: %w", err)
	}
	return rows, nil
}

// forget stores the order without its guest, and returns 1 unless it has changed
// meanwhile.
func (d *DB) forget(ctx context.Context, row toForgetRow, document string) (changed int, err error) {
	n, err := exec(ctx, d.pool, "UPDATE orders SET document = ?, forgotten_at = ? WHERE id = ? AND document = ?",
		document, micros(time.Now()), row.ID, row.Document)
	if err != nil {
		return 0, fmt.Errorf("forget the guest of order %s: %w", row.ID, err)
	}
	return int(n), nil
}

// anonymized returns the document without who the customer is.
func (r orderRow) anonymized() (string, error) {
	snapshot, err := r.snapshot()
	if err != nil {
		return "", err
	}
	document, err := json.Marshal(snapshot.Anonymized())
	if err != nil {
		return "", fmt.Errorf("encode order %s: %w", r.ID, err)
	}
	return string(document), nil
}

// forgetWords leaves of the orders' texts which there were, and what became of them.
func (d *DB) forgetWords(ctx context.Context, ids []string) error {
	query, args, err := sqlx.In("UPDATE texts SET words = '' WHERE words <> '' AND order_id IN (?)", ids)
	if err == nil {
		_, err = exec(ctx, d.pool.unprepared(), query, args...)
	}
	if err != nil {
		return fmt.Errorf("forget the words of texts: %w", err)
	}
	return nil
}

// endQuarantines forgets the phones that could get texts again before that time. One
// that has opted out, or never gets any, stays.
func (d *DB) endQuarantines(ctx context.Context, before time.Time) error {
	_, err := exec(ctx, d.pool, "DELETE FROM quarantined_phones WHERE until_at <> 0 AND until_at < ? AND opted_out = 0", micros(before))
	if err != nil {
		return fmt.Errorf("forget quarantines: %w", err)
	}
	return nil
}

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/storage/memberstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// ForgetGuests forgets the customers of orders that have ended and have not changed
// since before, unless a member has claimed them (see [DB.ClaimOrder]): the personal
// parts of the order (see [order.Snapshot.Anonymized]) and the words of its texts. What
// was charged and refunded stays. A membership number alone makes an order nobody's own:
// anybody can type one. What has expired elsewhere goes, too: see [DB.sweep]. Progress is
// told, now and then, how many orders have been rewritten; the result is how many in all.
//
// An order that cannot be read keeps no other from being forgotten: the error names it.
func (d *DB) ForgetGuests(ctx context.Context, before time.Time, progress func(orders int)) (orders int, err error) {
	defer sqldb.Wrap(&err, "forget guests")
	if err := d.sweep(ctx, before, time.Now(), func() { progress(0) }); err != nil {
		return 0, err
	}
	var unreadable error
	after := toForgetRow{UpdatedAt: math.MinInt64}
	for {
		rows, err := d.toForget(ctx, before, after)
		if err != nil || len(rows) == 0 {
			return orders, errors.Join(unreadable, err)
		}
		guests, err := d.keepMembers(ctx, rows)
		if err != nil {
			return orders, err
		}
		forgotten, broken, err := d.forgetAll(ctx, guests)
		orders, unreadable = orders+forgotten, errors.Join(unreadable, broken)
		if err != nil {
			return orders, err
		}
		progress(orders)
		after = rows[len(rows)-1]
	}
}

// keepMembers marks the orders that a member has claimed, so that they are not looked at
// again, and returns the others.
func (d *DB) keepMembers(ctx context.Context, rows []toForgetRow) (guests []toForgetRow, err error) {
	var claimed []toForgetRow
	for _, row := range rows {
		if row.Claimed {
			claimed = append(claimed, row)
		} else {
			guests = append(guests, row)
		}
	}
	err = sqldb.ExecIn(ctx, d.pool, "UPDATE orders SET kept_at = ? WHERE id IN (?)", idsOf(claimed), sqldb.Micros(time.Now()))
	if err != nil {
		return nil, fmt.Errorf("keep the orders of members: %w", err)
	}
	return guests, nil
}

// forgetAll forgets the guests of these orders, and returns how many orders it has
// rewritten, and what is wrong with those that cannot be read.
func (d *DB) forgetAll(ctx context.Context, rows []toForgetRow) (orders int, unreadable, err error) {
	if err := d.forgetWords(ctx, idsOf(rows)); err != nil {
		return 0, nil, err
	}
	for _, row := range rows {
		document, err := row.anonymized()
		if err != nil {
			unreadable = errors.Join(unreadable, err)
			continue
		}
		changed, err := d.forget(ctx, row, document)
		if err != nil {
			return orders, unreadable, err
		}
		orders += changed
	}
	return orders, unreadable, nil
}

func idsOf(rows []toForgetRow) []string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids
}

// toForgetRow is an order whose guest is to be forgotten, unless a member has claimed it.
type toForgetRow struct {
	orderRow
	UpdatedAt int64 `db:"updated_at"`
	Claimed   bool  `db:"claimed"`
}

// toForgetColumns reads a [toForgetRow].
const toForgetColumns = `
	SELECT id, placed_at, document, pickup_sequence, updated_at, EXISTS (
		SELECT 1 FROM member_orders claim
		WHERE claim.order_id = orders.id AND claim.membership_number = orders.membership_number) AS claimed
	FROM orders`

// toForgetQuery has the condition of the index orders_to_forget, word for word, which
// the databases recognize.
const toForgetQuery = toForgetColumns + `
	WHERE kept_at IS NULL AND forgotten_at IS NULL
		AND status IN ('payment_failed', 'picked_up', 'rejected', 'cancelled', 'expired', 'unclaimed')
		AND updated_at < ? AND (updated_at, id) > (?, ?)
	ORDER BY updated_at, id LIMIT ?`

// toForget returns some of the orders, after another one.
func (d *DB) toForget(ctx context.Context, before time.Time, after toForgetRow) (rows []toForgetRow, err error) {
	err = sqldb.List(ctx, d.pool, &rows, toForgetQuery, sqldb.Micros(before), after.UpdatedAt, after.ID, erasedAtOnce)
	if err != nil {
		return nil, fmt.Errorf("list the orders that have ended: %w", err)
	}
	return rows, nil
}

// forget stores the order without its guest, and returns 1 unless it has changed
// meanwhile.
func (d *DB) forget(ctx context.Context, row toForgetRow, document string) (changed int, err error) {
	n, err := sqldb.Exec(ctx, d.pool, "UPDATE orders SET document = ?, forgotten_at = ? WHERE id = ? AND document = ?",
		document, sqldb.Micros(time.Now()), row.ID, row.Document)
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
	if err := sqldb.ExecIn(ctx, d.pool, "UPDATE texts SET words = ? WHERE words <> '' AND order_id IN (?)", ids, ""); err != nil {
		return fmt.Errorf("forget the words of texts: %w", err)
	}
	return nil
}

// sweptAtOnce is how many entries of the audit log lose their address in one statement.
const sweptAtOnce = 1000

// sweep forgets the phones whose quarantine was over before that time and the addresses
// of sign-ins that failed before it; and now, whatever that time is, the one-time codes,
// the names given with them, and the sessions of members and of the staff that can no
// longer be used, which otherwise stay until somebody asks for another. Progress is called
// while there are many addresses.
func (d *DB) sweep(ctx context.Context, before, now time.Time, progress func()) error {
	if err := d.forgetAddresses(ctx, before, progress); err != nil {
		return err
	}
	for _, expired := range []struct {
		what, statement string
		before          time.Time
	}{
		// A phone that has opted out, or never gets any texts, stays.
		{"quarantines", "DELETE FROM quarantined_phones WHERE until_at <> 0 AND until_at < ? AND opted_out = 0", before},
		{"one-time codes", "DELETE FROM one_time_codes WHERE created_at <= ?", now.Add(-memberstore.CodeWindow)},
		{"names given with codes", "UPDATE one_time_codes SET name = '' WHERE created_at <= ? AND name <> ''", now.Add(-memberstore.CodeLifetime)},
		{"members' sessions", "DELETE FROM member_tokens WHERE last_used_at <= ?", now.Add(-memberstore.TokenIdle)},
		{"staff sessions", "DELETE FROM staff_sessions WHERE expires_at <= ?", now},
		{"challenges", "DELETE FROM staff_challenges WHERE expires_at <= ?", now},
	} {
		if _, err := sqldb.Exec(ctx, d.pool, expired.statement, sqldb.Micros(expired.before)); err != nil {
			return fmt.Errorf("forget %s: %w", expired.what, err)
		}
	}
	return nil
}

// forgetAddresses blanks who tried to sign in and failed before that time: the one change
// that the audit log lets through.
func (d *DB) forgetAddresses(ctx context.Context, before time.Time, progress func()) error {
	for {
		blanked, err := sqldb.Exec(ctx, d.pool, forgetAddressesQuery, sqldb.Micros(before), sweptAtOnce)
		if err != nil {
			return fmt.Errorf("forget the addresses of sign-ins that failed: %w", err)
		}
		if blanked == 0 {
			return nil
		}
		progress()
	}
}

// forgetAddressesQuery has the condition of the index audit_log_addresses, word for word.
const forgetAddressesQuery = `
	UPDATE audit_log SET actor = '' WHERE id IN (
		SELECT id FROM audit_log WHERE action = '` + string(auditlog.SignInFailed) + `' AND actor <> '' AND at < ? ORDER BY at LIMIT ?)`

package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/order"
)

// OrdersOf returns those of the orders that the read model has, by their IDs.
// Callers ask for a few hundred at a time.
func (d *DB) OrdersOf(ctx context.Context, ids []string) (found map[string]order.Snapshot, err error) {
	defer wrap(&err, "read %d orders", len(ids))
	var rows []orderRow
	if err := d.listIn(ctx, &rows, "SELECT id, placed_at, document FROM orders WHERE id IN (?)", ids); err != nil {
		return nil, err
	}
	found = make(map[string]order.Snapshot, len(rows))
	for _, row := range rows {
		if found[row.ID], err = row.snapshot(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// PointsOf returns the lines of the points ledger of these orders, oldest first.
// Callers ask for a few hundred orders at a time.
func (d *DB) PointsOf(ctx context.Context, orderIDs []string) (entries []order.PointsEntry, err error) {
	defer wrap(&err, "read the points of %d orders", len(orderIDs))
	var rows []struct {
		entryRow
		MembershipNumber string `db:"membership_number"`
	}
	err = d.listIn(ctx, &rows, `
		SELECT order_id, kind, membership_number, points, at FROM points_entries
		WHERE order_id IN (?) ORDER BY at, order_id, kind`, orderIDs)
	for _, r := range rows {
		entries = append(entries, order.PointsEntry{
			OrderID: r.OrderID, MembershipNumber: r.MembershipNumber, Kind: r.Kind, Points: r.Points, At: timeOf(r.At),
		})
	}
	return entries, err
}

// listIn runs a query whose one argument is the list of names.
func (d *DB) listIn(ctx context.Context, dest any, query string, names []string) error {
	var known []string
	for _, name := range names {
		if storable(name) {
			known = append(known, name)
		}
	}
	if len(known) == 0 {
		return nil
	}
	query, args, err := sqlx.In(query, known)
	if err != nil {
		return fmt.Errorf("name what is looked for: %w", err)
	}
	return list(ctx, d.pool, dest, query, args...)
}

// Reproject stores the snapshot in the read model in place of the version that
// the caller saw there, whatever that is; zero stands for none. Unlike
// [DB.Project] it mends an entry that is wrong under the right version, or ahead
// of its workflow; the order's next projection replaces it in any case. It
// reports false, and changes nothing, when another version is there by now.
func (d *DB) Reproject(ctx context.Context, snapshot order.Snapshot, seen int64) (done bool, err error) {
	defer wrap(&err, "project order %s again", snapshot.ID)
	document, err := json.Marshal(snapshot)
	if err != nil {
		return false, fmt.Errorf("encode the snapshot: %w", err)
	}
	changed, err := exec(ctx, d.pool, `
		INSERT INTO orders (id, status, version, membership_number, pickup_number, placed_at, updated_at, document)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET
			status = excluded.status, version = excluded.version,
			membership_number = excluded.membership_number, pickup_number = excluded.pickup_number,
			updated_at = excluded.updated_at, document = excluded.document, run_id = '', history_length = 0
		WHERE orders.version = ?`,
		snapshot.ID, snapshot.Status, snapshot.Version, memberColumn(snapshot.MembershipNumber), snapshot.PickupNumber,
		micros(snapshot.PlacedAt), micros(time.Now()), string(document), seen)
	if err != nil {
		return false, err
	}
	return changed == 1, d.keepErased(ctx, snapshot)
}

package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/order"
)

// OrdersOf returns those of the orders that the read model has, by their IDs, and
// what their columns say. Callers ask for a few hundred at a time.
func (d *DB) OrdersOf(ctx context.Context, ids []string) (found map[string]order.Stored, err error) {
	defer wrap(&err, "read %d orders", len(ids))
	var rows []storedRow
	err = d.listIn(ctx, &rows, `
		SELECT id, placed_at, document, status, version, membership_number, pickup_number FROM orders WHERE id IN (?)`, ids)
	if err != nil {
		return nil, err
	}
	found = make(map[string]order.Stored, len(rows))
	for _, row := range rows {
		if found[row.ID], err = row.stored(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// storedRow is a row of the read model, with the columns that are looked for.
type storedRow struct {
	orderRow
	Status           order.Status   `db:"status"`
	Version          int64          `db:"version"`
	MembershipNumber sql.NullString `db:"membership_number"`
	PickupNumber     *string        `db:"pickup_number"`
}

func (r storedRow) stored() (order.Stored, error) {
	document, err := r.snapshot()
	columns := document
	columns.ID, columns.Status, columns.Version, columns.PickupNumber = r.ID, r.Status, r.Version, r.PickupNumber
	if memberColumn(document.MembershipNumber) != r.MembershipNumber {
		columns.MembershipNumber = r.MembershipNumber.String
	}
	if micros(document.PlacedAt) != r.PlacedAt { // the column is coarser
		columns.PlacedAt = timeOf(r.PlacedAt)
	}
	return order.Stored{Snapshot: document, Columns: columns}, err
}

// OrdersSince returns the orders that were projected since then.
func (d *DB) OrdersSince(ctx context.Context, since time.Time) (ids []string, err error) {
	defer wrap(&err, "list the orders since %s", since)
	err = list(ctx, d.pool, &ids, "SELECT id FROM orders WHERE updated_at >= ? ORDER BY id", micros(since))
	return ids, err
}

// OrdersNotEnded returns the orders that are in a status which is not their last.
func (d *DB) OrdersNotEnded(ctx context.Context) (ids []string, err error) {
	defer wrap(&err, "list the orders that have not ended")
	var open []string
	for _, status := range order.Statuses() {
		if !status.Terminal() {
			open = append(open, string(status))
		}
	}
	err = d.listIn(ctx, &ids, "SELECT id FROM orders WHERE status IN (?) ORDER BY id", open)
	return ids, err
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
	return list(ctx, d.pool.unprepared(), dest, query, args...)
}

// Reproject stores the snapshot in the read model in place of what the caller saw
// there, by the number of its change ([DB.Revision]); zero stands for no entry, and
// for one from before changes were numbered. Versions do not tell entries apart: a
// workflow task that was lost may have written the one that happened instead. Unlike
// [DB.Project] it mends an entry that is wrong under the right version, or ahead
// of its workflow; the order's next projection replaces it in any case. It
// reports false, and changes nothing, when the entry is another by now.
func (d *DB) Reproject(ctx context.Context, snapshot order.Snapshot, seen int64) (done bool, err error) {
	defer wrap(&err, "project order %s again", snapshot.ID)
	document, err := json.Marshal(snapshot)
	if err != nil {
		return false, fmt.Errorf("encode the snapshot: %w", err)
	}
	member := memberColumn(snapshot.MembershipNumber)
	stored, err := d.announcer.changeOrder(ctx, member, `
		INSERT INTO orders (id, status, version, membership_number, pickup_number, placed_at, updated_at, document, change_number)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, `+changeNumber+`)
		ON CONFLICT (id) DO UPDATE SET
			status = excluded.status, version = excluded.version,
			membership_number = excluded.membership_number, pickup_number = excluded.pickup_number,
			placed_at = excluded.placed_at, updated_at = excluded.updated_at, document = excluded.document, run_id = '', history_length = 0,
			change_number = excluded.change_number, forgotten_at = NULL
		WHERE orders.change_number = ?`,
		snapshot.ID, snapshot.Status, snapshot.Version, member, snapshot.PickupNumber,
		micros(snapshot.PlacedAt), micros(time.Now()), string(document), seen)
	if err != nil {
		return false, err
	}
	return stored.Rows == 1, d.keepErased(ctx, stored, snapshot)
}

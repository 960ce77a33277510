package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage/memberstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// OrdersOf returns those of the orders that the read model has, by their IDs, and
// what their columns say. Callers ask for a few hundred at a time.
func (d *DB) OrdersOf(ctx context.Context, ids []string) (found map[string]readmodel.Stored, err error) {
	defer sqldb.Wrap(&err, "read %d orders", len(ids))
	var rows []storedRow
	err = sqldb.ListIn(ctx, d.pool, &rows, `
		SELECT id, placed_at, document, pickup_sequence, store, status, version, membership_number FROM orders WHERE id IN (?)`, ids)
	if err != nil {
		return nil, err
	}
	found = make(map[string]readmodel.Stored, len(rows))
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
	Store            string         `db:"store"`
	Status           order.Status   `db:"status"`
	Version          int64          `db:"version"`
	MembershipNumber sql.NullString `db:"membership_number"`
}

func (r storedRow) stored() (readmodel.Stored, error) {
	document, err := r.snapshot()
	columns := document
	columns.ID, columns.Store, columns.Status, columns.Version = r.ID, r.Store, r.Status, r.Version
	columns.PickupNumber = pickupNumberOf(r.PickupSequence)
	if memberstore.MemberColumn(document.MembershipNumber) != r.MembershipNumber {
		columns.MembershipNumber = r.MembershipNumber.String
	}
	if sqldb.Micros(document.PlacedAt) != r.PlacedAt { // the column is coarser
		columns.PlacedAt = sqldb.TimeOf(r.PlacedAt)
	}
	return readmodel.Stored{Snapshot: document, Columns: columns}, err
}

// OrdersSince returns the orders that were projected since then.
func (d *DB) OrdersSince(ctx context.Context, since time.Time) (ids []string, err error) {
	defer sqldb.Wrap(&err, "list the orders since %s", since)
	err = sqldb.List(ctx, d.pool, &ids, "SELECT id FROM orders WHERE updated_at >= ? ORDER BY id", sqldb.Micros(since))
	return ids, err
}

// OrdersNotEnded returns the orders that are in a status which is not their last.
func (d *DB) OrdersNotEnded(ctx context.Context) (ids []string, err error) {
	defer sqldb.Wrap(&err, "list the orders that have not ended")
	err = sqldb.ListIn(ctx, d.pool, &ids, "SELECT id FROM orders WHERE status IN (?) ORDER BY id", openStatuses())
	return ids, err
}

// CountOpen returns how many orders there are in each status that is not their last.
// Orders whose customer has not paid yet are among them once the customer has to act.
func (d *DB) CountOpen(ctx context.Context) (counts map[string]int64, err error) {
	defer sqldb.Wrap(&err, "count the orders that have not ended")
	counts = map[string]int64{}
	for _, status := range openStatuses() {
		counts[status] = 0
	}
	var rows []struct {
		Status string `db:"status"`
		Orders int64  `db:"orders"`
	}
	err = sqldb.ListIn(ctx, d.pool, &rows, "SELECT status, COUNT(*) AS orders FROM orders WHERE status IN (?) GROUP BY status", openStatuses())
	for _, row := range rows {
		counts[row.Status] = row.Orders
	}
	return counts, err
}

func openStatuses() (open []string) {
	for _, status := range order.Statuses() {
		if !status.Terminal() {
			open = append(open, string(status))
		}
	}
	return open
}

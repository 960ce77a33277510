package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/storage/memberstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// erasedAtOnce is how many orders are read at a time to be rewritten.
const erasedAtOnce = 100

// Erase forgets who the member is: name, phone, tokens and one-time codes, and
// what the read model's orders tell of the customer (see
// [order.Snapshot.Anonymized]). The points ledger stays under the number,
// which is never given to anyone else. It returns how many orders it has
// rewritten; to erase a member again finishes what was interrupted, and the
// member's tokens are the last to go, so that the member can ask for it again. It
// fails with CodeNotFound when the number was never a member's.
func (d *DB) Erase(ctx context.Context, number string, now time.Time) (orders int, err error) {
	defer sqldb.Wrap(&err, "erase a member")
	if !sqldb.Storable(number) {
		return 0, sqldb.NotFound("member", number)
	}
	err = d.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		return memberstore.EraseMember(ctx, tx, number, now)
	})
	if err != nil {
		return 0, err
	}
	// From here on [DB.Project] leaves the customer out. What it stored before is
	// there to be found.
	if orders, err = d.eraseOrders(ctx, number); err != nil {
		return orders, err
	}
	return orders, d.EndSessions(ctx, number)
}

// eraseOrders rewrites the member's orders, some at a time.
func (d *DB) eraseOrders(ctx context.Context, number string) (orders int, err error) {
	for after := ""; ; {
		rows, err := d.memberRows(ctx, number, after)
		if err != nil || len(rows) == 0 {
			return orders, err
		}
		for _, row := range rows {
			changed, err := d.eraseOrder(ctx, row)
			if err == nil {
				err = d.forgetWords(ctx, []string{row.ID})
			}
			if err != nil {
				return orders, err
			}
			orders += changed
		}
		after = rows[len(rows)-1].ID
	}
}

// memberRows returns some of the member's orders, after an ID.
func (d *DB) memberRows(ctx context.Context, number, after string) (rows []orderRow, err error) {
	err = sqldb.List(ctx, d.pool, &rows, `
		SELECT id, placed_at, document, pickup_sequence FROM orders WHERE membership_number = ? AND id > ? ORDER BY id LIMIT ?`,
		number, after, erasedAtOnce)
	return rows, err
}

// eraseOrder rewrites an order without its customer, and returns 1 if that made
// a difference. An order that was projected meanwhile has been rewritten by
// [DB.Project].
func (d *DB) eraseOrder(ctx context.Context, row orderRow) (changed int, err error) {
	snapshot, err := row.snapshot()
	if err != nil || snapshot.Erased {
		return 0, err
	}
	document, err := row.anonymized()
	if err != nil {
		return 0, err
	}
	n, err := sqldb.Exec(ctx, d.pool, "UPDATE orders SET document = ? WHERE id = ? AND document = ?", document, row.ID, row.Document)
	return int(n), err
}

// keepErased rewrites an order that was just stored, if its member has been
// erased. It looks after the order is stored, or with that, and [DB.Erase] looks for
// orders after the member is marked: whichever comes second finds what the other did.
func (d *DB) keepErased(ctx context.Context, done stored, snapshot order.Snapshot) error {
	erased, err := done.Erased, error(nil)
	if !done.Looked {
		erased, err = d.Erased(ctx, snapshot.MembershipNumber)
	}
	if err != nil || !erased {
		return err
	}
	var row orderRow
	err = sqldb.Get(ctx, d.pool, &row, "SELECT id, placed_at, document, pickup_sequence FROM orders WHERE id = ?", snapshot.ID)
	if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	_, err = d.eraseOrder(ctx, row)
	return err
}

package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/storage/memberstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// Project writes what a change of an order means for the database, in one statement: its
// row, with its pick-up number, and by that its place on the board, in lists and among the
// changes. It does nothing when a projection from later in the run's history is stored
// already, or one from the same place by a task that began later, or one of a refund's
// workflow, which comes after the order's and after those of refunds of a lower number. That
// is no error: projections may come late, and in any order. Of two runs of one workflow the
// later call's stays.
//
// An order that is to come to the board and has no number yet is given one: the next of its
// store's day that no order on the store's board has. Project returns the number that the order has; empty
// for none. The orders of a member who was erased are stored without their customer.
func (d *DB) Project(ctx context.Context, p order.Projection) (number string, err error) {
	defer sqldb.Wrap(&err, "project order %s", p.ID)
	row, err := newOrderWrite(p)
	if err != nil {
		return "", err
	}
	done, err := d.announcer.storeOrder(ctx, row, guard{
		condition: `excluded.refund_workflow > orders.refund_workflow OR excluded.refund_workflow = orders.refund_workflow
			AND (excluded.run_id <> orders.run_id
				OR (excluded.history_length, excluded.taken_at) >= (orders.history_length, orders.taken_at))`,
		number: "COALESCE(orders.pickup_sequence, excluded.pickup_sequence)", // the first that it was given
	})
	if err != nil {
		return "", err
	}
	if done.PickupSequence.Valid {
		number = pickupNumber(done.PickupSequence.Int64)
	}
	return number, d.keepErased(ctx, done, p.Snapshot)
}

// Reproject stores the snapshot in the read model in place of what the caller saw
// there, by the number of its change ([DB.Revision]); zero stands for no entry, and
// for one from before changes were numbered. Versions do not tell entries apart: a
// workflow task that was lost may have written the one that happened instead. Unlike
// [DB.Project] it mends an entry that is wrong under the right version, or ahead
// of its workflow; the order's next projection replaces it in any case. It
// reports false, and changes nothing, when the entry is another by now.
func (d *DB) Reproject(ctx context.Context, snapshot order.Snapshot, seen int64) (done bool, err error) {
	defer sqldb.Wrap(&err, "project order %s again", snapshot.ID)
	row, err := newOrderWrite(order.Projection{Snapshot: snapshot})
	if err != nil {
		return false, err
	}
	stored, err := d.announcer.storeOrder(ctx, row, guard{
		condition: "orders.change_number = ?", args: []any{seen},
		number: "COALESCE(excluded.pickup_sequence, orders.pickup_sequence)", // the one that its customer was told
	})
	if err != nil {
		return false, err
	}
	return stored.Rows == 1, d.keepErased(ctx, stored, snapshot)
}

// guard is the condition under which the row of an order that is there is replaced, and
// the pick-up number that it has then.
type guard struct {
	condition string
	args      []any
	number    string
}

// nextChange draws the number of a change of the store that is its argument. Whoever draws
// one keeps the store's row to itself until the change is visible.
const nextChange = `
	INSERT INTO order_changes (store, last) VALUES (?, 1)
	ON CONFLICT (store) DO UPDATE SET last = order_changes.last + 1 RETURNING last`

// orderWrite is a row of the read model that is to be written. Its snapshot names its store.
type orderWrite struct {
	order.Projection
	Member   sql.NullString
	Document string
	// PickupAt is when an order for later is picked up, in microseconds; 0 for one for now. Offered is 0
	// for one for later that the store was not offered yet, and 1 otherwise; OfferedAt is when it was.
	PickupAt, Offered, OfferedAt int64
	// PickupSequence is the number that the order knows it has.
	PickupSequence sql.NullInt64
}

func newOrderWrite(p order.Projection) (orderWrite, error) {
	p.Store = p.StoreOrMain()
	document, err := json.Marshal(p.Snapshot)
	if err != nil {
		return orderWrite{}, fmt.Errorf("encode the snapshot: %w", err)
	}
	row := orderWrite{
		Projection: p, Member: memberstore.MemberColumn(p.MembershipNumber), Document: string(document), PickupSequence: sequenceOf(p.PickupNumber),
	}
	if p.PickupAt != nil {
		row.PickupAt = sqldb.Micros(*p.PickupAt)
	}
	switch {
	case p.OfferedAt != nil:
		row.Offered, row.OfferedAt = 1, sqldb.Micros(*p.OfferedAt)
	case p.WasOffered():
		row.Offered, row.OfferedAt = 1, sqldb.Micros(p.PlacedAt)
	}
	return row, nil
}

// values are the arguments of [upsertOrder].
func (w orderWrite) values() []any {
	return []any{
		w.ID, w.Store, w.Status, w.Version, w.Member, sqldb.Micros(w.PlacedAt), sqldb.Micros(time.Now()), w.Document,
		w.RefundWorkflow, w.RunID, w.HistoryLength, sqldb.Micros(w.TakenAt), w.Cups(), w.PickupAt, w.Offered, w.OfferedAt,
		w.PickupSequence,
	}
}

// upsertOrder is the statement that stores an order, without a RETURNING clause. Beside the
// values it has the expressions of the change's number, which becomes visible in its order
// because it is taken under a lock that is kept until then, of the pick-up number, whose
// argument is the last of the values, and of that number's day.
func upsertOrder(change, pickupSequence, pickupDay string, guard guard) string {
	return `
		INSERT INTO orders (id, store, status, version, membership_number, placed_at, updated_at, document,
			refund_workflow, run_id, history_length, taken_at, cups, pickup_at, offered, offered_at,
			pickup_sequence, pickup_day, change_number)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ` + pickupSequence + `, ` + pickupDay + `, ` + change + `)
		ON CONFLICT (id) DO UPDATE SET
			store = excluded.store, status = excluded.status, version = excluded.version, membership_number = excluded.membership_number,
			placed_at = excluded.placed_at, updated_at = excluded.updated_at, document = excluded.document,
			refund_workflow = CASE WHEN excluded.refund_workflow > orders.refund_workflow
				THEN excluded.refund_workflow ELSE orders.refund_workflow END,
			run_id = excluded.run_id, history_length = excluded.history_length, taken_at = excluded.taken_at,
			cups = excluded.cups, pickup_at = excluded.pickup_at, offered = excluded.offered,
			offered_at = excluded.offered_at,
			pickup_day = CASE WHEN orders.pickup_sequence IS NULL THEN excluded.pickup_day ELSE orders.pickup_day END,
			pickup_sequence = ` + guard.number + `,
			change_number = excluded.change_number, forgotten_at = NULL
		WHERE ` + guard.condition
}

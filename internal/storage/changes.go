package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// announcer tells whoever listens what has changed: all processes on PostgreSQL,
// this process on SQLite, which one process has to itself.
type announcer interface {
	// storeOrder stores the order where the guard holds, with the number of the change,
	// and announces the change if there was one.
	storeOrder(ctx context.Context, row orderWrite, guard guard) (stored, error)
	// changeMenu runs change in a transaction, and announces that the menu, the hours or
	// the brand are others if it has changed any rows.
	changeMenu(ctx context.Context, change func(ctx context.Context, tx sqldb.Querier) (rows int64, err error)) error
	// listen is [DB.Listen].
	listen(ctx context.Context, report func(readmodel.Change, error))
}

// stored is what came of storing an order.
type stored struct {
	// Rows is how many were changed.
	Rows int64 `db:"rows"`
	// Looked: the member was looked for, and nobody was erasing it meanwhile. Erased is
	// what was found.
	Looked bool `db:"looked"`
	Erased bool `db:"erased"`
	// PickupSequence is the number that the order has on the board.
	PickupSequence sql.NullInt64 `db:"pickup_sequence"`
}

// Listen reports every change of an order in the read model, of the menu and of
// the hours, whichever process made it, until ctx ends. Reports come one at a
// time and soon: who gets them must not make them wait. The zero [readmodel.Change]
// comes at the start, and whenever changes may have been missed; an error says
// that none come for now, and is only news.
func (d *DB) Listen(ctx context.Context, report func(readmodel.Change, error)) {
	d.announcer.listen(ctx, report)
}

// Latest returns the number of the latest change of an order.
func (d *DB) Latest(ctx context.Context) (number int64, err error) {
	defer sqldb.Wrap(&err, "read the number of the latest change")
	err = sqldb.Get(ctx, d.pool, &number, "SELECT last FROM order_changes")
	return number, err
}

// Since returns the orders that have changed after the change of that number, as
// they are now: the longest unchanged first, at most limit of them.
func (d *DB) Since(ctx context.Context, number int64, limit int) (revisions []readmodel.Revision, err error) {
	defer sqldb.Wrap(&err, "read what has changed")
	var rows []revisionRow
	err = sqldb.List(ctx, d.pool, &rows, `
		SELECT id, placed_at, document, pickup_sequence, change_number FROM orders
		WHERE change_number > ? ORDER BY change_number LIMIT ?`, number, limit)
	if err != nil {
		return nil, err
	}
	revisions = make([]readmodel.Revision, len(rows))
	for i, row := range rows {
		if revisions[i], err = row.revision(); err != nil {
			return nil, err
		}
	}
	return revisions, nil
}

// Revision is [DB.Order] with the number of the order's latest change.
func (d *DB) Revision(ctx context.Context, id string) (revision readmodel.Revision, err error) {
	defer sqldb.Wrap(&err, "read order %s", id)
	if !sqldb.Storable(id) {
		return readmodel.Revision{}, sqldb.NotFound("order", id)
	}
	var row revisionRow
	err = sqldb.Get(ctx, d.pool, &row, "SELECT id, placed_at, document, pickup_sequence, change_number FROM orders WHERE id = ?", id)
	if err != nil {
		return readmodel.Revision{}, sqldb.OrNotFound(err, "order", id)
	}
	return row.revision()
}

// revisionRow is a row of the read model with its number.
type revisionRow struct {
	orderRow
	Number int64 `db:"change_number"`
}

func (r revisionRow) revision() (readmodel.Revision, error) {
	snapshot, err := r.snapshot()
	return readmodel.Revision{Snapshot: snapshot, Number: r.Number}, err
}

// The channel of the announcements, and what is announced on it: "menu", or an
// order as "NUMBER VERSION ID". An ID is no personal data, but it is the
// permission to see its order: who can listen can also read the table.
const (
	channel    = "cafeforme_changes"
	menuChange = "menu"
)

// changeOf reads an announcement.
func changeOf(announced string) (readmodel.Change, error) {
	if announced == menuChange {
		return readmodel.Change{Menu: true}, nil
	}
	bad := fmt.Errorf("%q announces nothing known", announced)
	parts := strings.SplitN(announced, " ", 3)
	if len(parts) != 3 {
		return readmodel.Change{}, bad
	}
	number, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return readmodel.Change{}, bad
	}
	version, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return readmodel.Change{}, bad
	}
	return readmodel.Change{OrderID: parts[2], Version: version, Number: number}, nil
}

// notifier announces through PostgreSQL. Each change of an order is one statement, which
// commits by itself: a process that stops in the middle keeps no lock.
type notifier struct {
	pool *sqldb.Pool
	// dsn is what the connection that listens is made with.
	dsn string
}

// storeOrder is one statement, which draws the order's number and looks for the member as
// well. The member's row is locked until that is visible, so that [DB.Erase] finds the
// order; one that is locked by somebody else is not waited for, because the lock on the
// number of changes is everybody's.
func (n *notifier) storeOrder(ctx context.Context, row orderWrite, guard guard) (s stored, err error) {
	query := `
		WITH member AS (SELECT erased_at FROM members WHERE number = ? FOR SHARE SKIP LOCKED),
		tick AS (UPDATE order_changes SET last = last + 1 RETURNING last),
		series AS (` + nextPickupNumber + `),
		changed AS (` + upsertOrder("(SELECT last FROM tick)", "COALESCE(?, (SELECT last_number FROM series))", "(SELECT day FROM series)", guard) + `
			RETURNING change_number, version, id, pickup_sequence),
		told AS MATERIALIZED (SELECT pg_notify('` + channel + `', change_number || ' ' || version || ' ' || id) FROM changed)
		SELECT (SELECT COUNT(*) FROM told) AS rows,
			EXISTS (SELECT 1 FROM member) AS looked, EXISTS (SELECT 1 FROM member WHERE erased_at IS NOT NULL) AS erased,
			COALESCE((SELECT pickup_sequence FROM changed), (SELECT pickup_sequence FROM orders WHERE id = ?)) AS pickup_sequence`
	args := []any{row.Member, mainStore, row.PickupDay, row.ID}
	args = append(append(append(args, row.values()...), guard.args...), row.ID)
	err = sqldb.Get(ctx, n.pool, &s, query, args...)
	return s, err
}

// changeMenu announces within the transaction: PostgreSQL tells of it on commit.
func (n *notifier) changeMenu(ctx context.Context, change func(context.Context, sqldb.Querier) (int64, error)) error {
	return n.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		rows, err := change(ctx, tx)
		if err != nil || rows == 0 {
			return err
		}
		_, err = sqldb.Exec(ctx, tx, "SELECT pg_notify(?, ?)", channel, menuChange)
		return err
	})
}

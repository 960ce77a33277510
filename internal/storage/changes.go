package storage

import (
	"context"
	"database/sql"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// announcer tells whoever listens what has changed: all processes on PostgreSQL,
// this process on SQLite, which one process has to itself.
type announcer interface {
	// storeOrder stores the order where the guard holds, with the number of the change
	// among those of its store, and announces the change if there was one.
	storeOrder(ctx context.Context, row orderWrite, guard guard) (stored, error)
	// changeMenu runs change in a transaction, and announces whose menu, hours or brand are
	// others now: change returns the store, [allMenus], or [noMenu] if nothing has changed.
	changeMenu(ctx context.Context, change func(ctx context.Context, tx sqldb.Querier) (whose string, err error)) error
	// listen is [DB.Listen].
	listen(ctx context.Context, report func(readmodel.Change, error))
	// close announces what is left to announce.
	close()
}

// Whose menu has changed, when it is not one store's.
const (
	noMenu   = ""
	allMenus = "*"
)

// menuChange returns the change of a menu.
func menuChange(whose string) readmodel.Change {
	if whose == allMenus {
		return readmodel.Change{Menu: true}
	}
	return readmodel.Change{Store: whose, Menu: true}
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
	// ChangeNumber is the number of the change, if there was one, and Announced whether it
	// was announced with it.
	ChangeNumber sql.NullInt64 `db:"change_number"`
	Announced    bool          `db:"announced"`
}

// Listen reports that orders have changed in the read model, or the menu and the hours,
// whichever process has changed them, until ctx ends. Reports come one at a time and
// soon: who gets them must not make them wait. The zero [readmodel.Change] comes at the
// start, and whenever changes may have been missed; an error says that none come for now,
// and is only news. A process that dies may take its last reports with it: see
// [DB.LatestOf].
func (d *DB) Listen(ctx context.Context, report func(readmodel.Change, error)) {
	d.announcer.listen(ctx, report)
}

// Latest returns the number of the latest change of an order of the store; zero when there
// was none.
func (d *DB) Latest(ctx context.Context, store string) (number int64, err error) {
	latest, err := d.LatestOf(ctx, []string{store})
	return latest[store], err
}

// LatestOf returns the number of the latest change of an order of each of the stores, as
// far as there was one. Callers ask for some thousands at most.
func (d *DB) LatestOf(ctx context.Context, stores []string) (latest map[string]int64, err error) {
	defer sqldb.Wrap(&err, "read the numbers of the latest changes")
	var rows []struct {
		Store string `db:"store"`
		Last  int64  `db:"last"`
	}
	err = sqldb.ListIn(ctx, d.pool, &rows, latestQuery, stores)
	latest = make(map[string]int64, len(rows))
	for _, row := range rows {
		latest[row.Store] = row.Last
	}
	return latest, err
}

const latestQuery = "SELECT store, last FROM order_changes WHERE store IN (?)"

// Since returns the store's orders that have changed after the change of that number, as
// they are now: the longest unchanged first, at most limit of them.
func (d *DB) Since(ctx context.Context, store string, number int64, limit int) (revisions []readmodel.Revision, err error) {
	defer sqldb.Wrap(&err, "read what has changed")
	var rows []revisionRow
	if err := sqldb.List(ctx, d.pool, &rows, sinceQuery, store, number, limit); err != nil {
		return nil, err
	}
	return revisionsOf(rows)
}

const sinceQuery = `
	SELECT id, placed_at, document, pickup_sequence, change_number FROM orders
	WHERE store = ? AND change_number > ? ORDER BY change_number LIMIT ?`

// ChangedOf returns those of the orders that have changed after the change of that number
// of their store, as they are now. Callers ask for a few hundred at a time.
func (d *DB) ChangedOf(ctx context.Context, ids []string, number int64) (revisions []readmodel.Revision, err error) {
	defer sqldb.Wrap(&err, "read which of %d orders have changed", len(ids))
	if len(ids) == 0 {
		return nil, nil
	}
	query, args, err := sqlx.In(changedOfQuery, ids, number)
	if err != nil {
		return nil, err
	}
	var rows []revisionRow
	if err := sqldb.List(ctx, d.pool.Unprepared(), &rows, query, args...); err != nil {
		return nil, err
	}
	return revisionsOf(rows)
}

const changedOfQuery = `
	SELECT id, placed_at, document, pickup_sequence, change_number FROM orders
	WHERE id IN (?) AND change_number > ? ORDER BY change_number`

// Revision is [DB.Order] with the number of the order's latest change.
func (d *DB) Revision(ctx context.Context, id string) (revision readmodel.Revision, err error) {
	defer sqldb.Wrap(&err, "read order %s", id)
	if !sqldb.Storable(id) {
		return readmodel.Revision{}, sqldb.NotFound("order", id)
	}
	var row revisionRow
	err = sqldb.Get(ctx, d.pool, &row, revisionQuery, id)
	if err != nil {
		return readmodel.Revision{}, sqldb.OrNotFound(err, "order", id)
	}
	return row.revision()
}

const revisionQuery = "SELECT id, placed_at, document, pickup_sequence, change_number FROM orders WHERE id = ?"

// revisionRow is a row of the read model with its number.
type revisionRow struct {
	orderRow
	Number int64 `db:"change_number"`
}

func (r revisionRow) revision() (readmodel.Revision, error) {
	snapshot, err := r.snapshot()
	return readmodel.Revision{Snapshot: snapshot, Number: r.Number}, err
}

func revisionsOf(rows []revisionRow) (revisions []readmodel.Revision, err error) {
	revisions = make([]readmodel.Revision, len(rows))
	for i, row := range rows {
		if revisions[i], err = row.revision(); err != nil {
			return nil, err
		}
	}
	return revisions, nil
}

// Package storestore keeps the stores: the document of each, and whether its staff has paused it.
// Start at [Directory.Stores] and [Put].
package storestore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/internal/store"
)

// Directory is the room of the database. It is safe for concurrent use.
type Directory struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Directory { return &Directory{pool: pool} }

// Row is a store as the database has it.
type Row struct {
	StoreVersion int64  `db:"store_version"`
	Store        string `db:"store"`
	Pause        string `db:"pause"`
}

// Columns are those of a [Row], of the table "stores s".
const Columns = "s.version AS store_version, s.document AS store, s.pause AS pause"

// State returns the store.
func (r Row) State() (state store.State, err error) {
	state.Version = r.StoreVersion
	if err := json.Unmarshal([]byte(r.Store), &state.Store); err != nil {
		return store.State{}, fmt.Errorf("decode a store: %w", err)
	}
	if err := json.Unmarshal([]byte(r.Pause), &state.Pause); err != nil {
		return store.State{}, fmt.Errorf("decode the pause of a store: %w", err)
	}
	return state, nil
}

// openOrders finds the orders of which stores have something to make, in the words of the index
// orders_open.
const openOrders = "status IN ('paid', 'accepted') AND offered = 1"

// OpenCupsColumns are those of [OpenCupsRow], of the table "stores s".
const OpenCupsColumns = `
	(SELECT CAST(COALESCE(SUM(cups), 0) AS BIGINT) FROM orders WHERE orders.store = s.store AND ` + openOrders + ` AND pickup_at = 0) AS open_now,
	(SELECT CAST(COALESCE(SUM(cups), 0) AS BIGINT) FROM orders WHERE orders.store = s.store AND ` + openOrders + ` AND pickup_at > 0) AS open_later`

// OpenCupsRow is what a store has yet to make, as the database has it.
type OpenCupsRow struct {
	OpenNow   int `db:"open_now"`
	OpenLater int `db:"open_later"`
}

// Cups returns what the store has yet to make.
func (r OpenCupsRow) Cups() store.OpenCups { return store.OpenCups{Now: r.OpenNow, Later: r.OpenLater} }

// OpenCupsQuery reads what all stores have yet to make that have anything to make.
const OpenCupsQuery = `
	SELECT store, CAST(SUM(CASE WHEN pickup_at = 0 THEN cups ELSE 0 END) AS BIGINT) AS open_now,
		CAST(SUM(CASE WHEN pickup_at > 0 THEN cups ELSE 0 END) AS BIGINT) AS open_later
	FROM orders WHERE ` + openOrders

// OpenCups returns what each of the stores has yet to make, or each of all where none is named. Those
// that have nothing to make are not among them.
func (d *Directory) OpenCups(ctx context.Context, stores ...string) (cups map[string]store.OpenCups, err error) {
	defer sqldb.Wrap(&err, "read what stores have to make")
	var rows []struct {
		OpenCupsRow
		Store string `db:"store"`
	}
	if len(stores) == 0 {
		err = sqldb.List(ctx, d.pool, &rows, OpenCupsQuery+" GROUP BY store")
	} else {
		err = sqldb.ListIn(ctx, d.pool, &rows, OpenCupsQuery+" AND store IN (?) GROUP BY store", stores)
	}
	cups = make(map[string]store.OpenCups, len(rows))
	for _, row := range rows {
		cups[row.Store] = row.Cups()
	}
	return cups, err
}

// Stores returns all stores, in their order, with what they have yet to make.
func (d *Directory) Stores(ctx context.Context) (states []store.State, err error) {
	defer sqldb.Wrap(&err, "read the stores")
	var rows []Row
	if err := sqldb.List(ctx, d.pool, &rows, "SELECT "+Columns+" FROM stores s ORDER BY s.position, s.store"); err != nil {
		return nil, err
	}
	open, err := d.OpenCups(ctx)
	if err != nil {
		return nil, err
	}
	states = make([]store.State, len(rows))
	for i, row := range rows {
		if states[i], err = row.State(); err != nil {
			return nil, err
		}
		states[i].OpenCups = open[states[i].Store.Store]
	}
	return states, nil
}

// CountStores returns how many stores there are.
func (d *Directory) CountStores(ctx context.Context) (stores int, err error) {
	defer sqldb.Wrap(&err, "count the stores")
	return count(ctx, d.pool)
}

func count(ctx context.Context, q sqldb.Querier) (stores int, err error) {
	err = sqldb.Get(ctx, q, &stores, "SELECT COUNT(*) FROM stores")
	return stores, err
}

// Store returns the store of that slug, or CodeNotFound.
func (d *Directory) Store(ctx context.Context, slug string) (state store.State, err error) {
	defer sqldb.Wrap(&err, "read the store %s", slug)
	return Read(ctx, d.pool, slug)
}

// Read returns the store of that slug in a transaction, or CodeNotFound.
func Read(ctx context.Context, q sqldb.Querier, slug string) (store.State, error) {
	if !sqldb.Storable(slug) {
		return store.State{}, sqldb.NotFound("store", slug)
	}
	var row Row
	if err := sqldb.Get(ctx, q, &row, "SELECT "+Columns+" FROM stores s WHERE s.store = ?", slug); err != nil {
		return store.State{}, sqldb.OrNotFound(err, "store", slug)
	}
	return row.State()
}

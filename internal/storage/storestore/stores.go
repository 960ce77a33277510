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

// Stores returns all stores, in their order.
func (d *Directory) Stores(ctx context.Context) (states []store.State, err error) {
	defer sqldb.Wrap(&err, "read the stores")
	var rows []Row
	if err := sqldb.List(ctx, d.pool, &rows, "SELECT "+Columns+" FROM stores s ORDER BY s.position, s.store"); err != nil {
		return nil, err
	}
	states = make([]store.State, len(rows))
	for i, row := range rows {
		if states[i], err = row.State(); err != nil {
			return nil, err
		}
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

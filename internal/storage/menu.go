package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/internal/storage/storestore"
)

// menuQuery reads what a store's menu is made of. The catalog, which can be large, comes only when
// it is another one than the reader has.
const menuQuery = `
	SELECT ` + storestore.Columns + `, ` + storestore.OpenCupsColumns + `, m.overrides, c.version, CASE WHEN c.version = ? THEN '' ELSE c.document END AS document
	FROM stores s JOIN store_menus m ON m.store = s.store JOIN catalog c ON c.id = 1
	WHERE s.store = ?`

// Menu returns what the menu of the store of that slug is made of, or CodeNotFound.
func (d *DB) Menu(ctx context.Context, slug string) (state catalog.State, err error) {
	defer sqldb.Wrap(&err, "read the menu of the store %s", slug)
	return d.catalogs.read(ctx, d.pool, slug)
}

// catalogReader reads the menu, and keeps the latest catalog that it has decoded. Nobody changes a
// catalog that it has given away.
type catalogReader struct {
	mu      sync.Mutex
	version int64
	catalog catalog.Catalog
}

func (r *catalogReader) read(ctx context.Context, from sqldb.Querier, slug string) (state catalog.State, err error) {
	if !sqldb.Storable(slug) {
		return state, sqldb.NotFound("store", slug)
	}
	version, known := r.latest()
	var row menuRow
	if err := sqldb.Get(ctx, from, &row, menuQuery, version, slug); err != nil {
		return state, sqldb.OrNotFound(err, "store", slug)
	}
	state.Version, state.Catalog = row.Version, known
	if state.Store, err = row.State(); err != nil {
		return catalog.State{}, err
	}
	state.Store.OpenCups = row.Cups()
	if err := json.Unmarshal([]byte(row.Overrides), &state.Overrides); err != nil {
		return catalog.State{}, fmt.Errorf("decode what the store says of the menu: %w", err)
	}
	if row.Document == "" {
		return state, nil
	}
	state.Catalog = catalog.Catalog{}
	if err := json.Unmarshal([]byte(row.Document), &state.Catalog); err != nil {
		return catalog.State{}, fmt.Errorf("decode the catalog: %w", err)
	}
	r.keep(row.Version, state.Catalog)
	return state, nil
}

type menuRow struct {
	storestore.Row
	storestore.OpenCupsRow
	Overrides string `db:"overrides"`
	Version   int64  `db:"version"`
	Document  string `db:"document"`
}

func (r *catalogReader) latest() (int64, catalog.Catalog) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.version, r.catalog
}

func (r *catalogReader) keep(version int64, c catalog.Catalog) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.version, r.catalog = version, c
}

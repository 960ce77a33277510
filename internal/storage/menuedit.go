package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/internal/storage/storestore"
	"github.com/cafeforme/cafeforme/internal/store"
)

// EditMenu changes what the store of that slug says otherwise than the catalog, and through the main
// store the catalog as well: edit gets them as they are, and returns them as they are to be. Its error
// is returned, and nothing is changed then. Nobody else edits them meanwhile. What is different
// afterwards is in the audit log, with who has done it. The state that is returned is the new one; the
// store itself is changed by [DB.PutStore] and [DB.SetPause]. Without such a store it is CodeNotFound.
func (d *DB) EditMenu(ctx context.Context, slug string, edit func(catalog.State) (catalog.State, error)) (now catalog.State, err error) {
	defer sqldb.Wrap(&err, "change the menu of the store %s", slug)
	var refused error
	err = d.announcer.changeMenu(ctx, func(ctx context.Context, tx sqldb.Querier) (whose string, err error) {
		before, err := d.lockMenu(ctx, tx, slug)
		if err != nil {
			return noMenu, err
		}
		now, refused = edit(before)
		if refused != nil {
			now = before
		}
		now.Store, now.Version = before.Store, before.Version
		rows, err := writeMenu(ctx, tx, slug, before, &now)
		switch {
		case err != nil || rows == 0:
			return noMenu, err
		case now.Version != before.Version:
			return allMenus, nil // the catalog is all stores'
		default:
			return slug, nil
		}
	})
	if refused != nil {
		return now, refused
	}
	return now, err
}

// lockMenu returns the state, which nobody else changes until the transaction is over. Whoever edits
// the catalog has the lock of the main store's menu, and takes those of other stores after it.
func (d *DB) lockMenu(ctx context.Context, tx sqldb.Querier, slug string) (catalog.State, error) {
	lock := func() (int64, error) {
		return sqldb.Exec(ctx, tx, "UPDATE store_menus SET overrides = overrides WHERE store = ?", slug)
	}
	if slug == store.Main { // the lock that processes of the build before take
		lock = func() (int64, error) { return sqldb.Exec(ctx, tx, "UPDATE store_hours SET open = open WHERE id = 1") }
	}
	if !sqldb.Storable(slug) {
		return catalog.State{}, sqldb.NotFound("store", slug)
	}
	if _, err := lock(); err != nil {
		return catalog.State{}, fmt.Errorf("lock the menu: %w", err)
	}
	return d.catalogs.read(ctx, tx, slug)
}

// writeMenu writes what is different, and returns how many rows that were.
func writeMenu(ctx context.Context, tx sqldb.Querier, slug string, before catalog.State, now *catalog.State) (rows int64, err error) {
	if changes := catalog.Diff(before.Catalog, now.Catalog); len(changes) > 0 {
		if slug != store.Main {
			return 0, errors.New("the catalog is edited through the main store")
		}
		now.Version++
		now.Overrides = now.Overrides.After(before.Catalog, now.Catalog)
		if err := writeCatalog(ctx, tx, *now, changes); err != nil {
			return 0, err
		}
		if err := followCatalog(ctx, tx, before.Catalog, now); err != nil {
			return 0, err
		}
		rows++
	}
	if !reflect.DeepEqual(before.Overrides, now.Overrides) {
		if err := writeOverrides(ctx, tx, slug, before.Overrides, now.Overrides); err != nil {
			return 0, err
		}
		rows++
	}
	return rows, nil
}

// followCatalog changes what follows from a change of the catalog: what the other stores say
// otherwise, and the currency of all stores.
func followCatalog(ctx context.Context, tx sqldb.Querier, before catalog.Catalog, now *catalog.State) error {
	if err := overridesFollow(ctx, tx, before, now.Catalog); err != nil {
		return err
	}
	currency := now.Catalog.Currency()
	if before.Currency() == currency {
		return nil
	}
	if err := storestore.SetCurrency(ctx, tx, currency); err != nil {
		return err
	}
	var err error
	now.Store, err = storestore.Read(ctx, tx, store.Main)
	return err
}

// overridesFollow writes what stays of what the other stores say, once the catalog was changed. It
// takes the locks of all their menus, also of those that say nothing: somebody may be about to say
// something of a product that the catalog has no more.
func overridesFollow(ctx context.Context, tx sqldb.Querier, before, now catalog.Catalog) error {
	type overridesRow struct {
		Store     string `db:"store"`
		Overrides string `db:"overrides"`
	}
	var rows []overridesRow
	err := sqldb.List(ctx, tx, &rows, "UPDATE store_menus SET overrides = overrides WHERE store <> 'main' RETURNING store, overrides")
	if err != nil {
		return fmt.Errorf("lock what the stores say of the menu: %w", err)
	}
	slices.SortFunc(rows, func(a, b overridesRow) int { return cmp.Compare(a.Store, b.Store) }) // as the audit log has it
	for _, row := range rows {
		var said catalog.Overrides
		if err := json.Unmarshal([]byte(row.Overrides), &said); err != nil {
			return fmt.Errorf("decode what the store %s says of the menu: %w", row.Store, err)
		}
		if stays := said.After(before, now); !reflect.DeepEqual(stays, said) {
			if err := writeOverrides(ctx, tx, row.Store, said, stays); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxAuditedChanges is how many entries of one change of the catalog the audit log tells one by
// one. Of a larger change it tells how many there were.
const maxAuditedChanges = 100

func writeCatalog(ctx context.Context, tx sqldb.Querier, now catalog.State, changes []catalog.Change) error {
	document, err := json.Marshal(now.Catalog)
	if err != nil {
		return fmt.Errorf("encode the catalog: %w", err)
	}
	err = sqldb.ExecOne(ctx, tx, "UPDATE catalog SET version = ?, document = ? WHERE id = 1", now.Version, string(document))
	if err != nil {
		return err
	}
	if auditlog.Unconditional(ctx) {
		was, is := map[string]int64{"version": now.Version - 1}, map[string]int64{"version": now.Version, "entries": int64(len(changes))}
		if err := record(ctx, tx, auditlog.Entry{Action: auditlog.CatalogReplaced, Subject: "catalog"}, was, is); err != nil {
			return err
		}
	}
	if len(changes) > maxAuditedChanges {
		return record(ctx, tx, auditlog.Entry{Action: auditlog.CatalogPut, Subject: "catalog"}, nil, map[string]int{"entries": len(changes)})
	}
	for _, change := range changes {
		if err := record(ctx, tx, auditlog.Entry{Action: actionOf(change), Subject: subjectOf(change)}, change.Before, change.After); err != nil {
			return err
		}
	}
	return nil
}

// actionOf returns what the audit log calls a change: items of the menu have names of their own.
func actionOf(change catalog.Change) auditlog.Action {
	_, was := change.Before.(catalog.Item)
	_, is := change.After.(catalog.Item)
	switch {
	case is:
		return auditlog.MenuItemPut
	case was:
		return auditlog.MenuItemRemoved
	default:
		return auditlog.CatalogPut
	}
}

// subjectOf returns what a change is about: a product, or the path of another entry.
func subjectOf(change catalog.Change) string {
	for _, entry := range []any{change.After, change.Before} {
		if item, ok := entry.(catalog.Item); ok {
			return item.Product
		}
	}
	return change.Path
}

func writeOverrides(ctx context.Context, tx sqldb.Querier, slug string, before, now catalog.Overrides) error {
	overrides, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("encode what the store says of the menu: %w", err)
	}
	if err := sqldb.ExecOne(ctx, tx, "UPDATE store_menus SET overrides = ? WHERE store = ?", string(overrides), slug); err != nil {
		return err
	}
	if err := recordOverrides(ctx, tx, slug, "", before.Items, now.Items); err != nil {
		return err
	}
	return recordOverrides(ctx, tx, slug, "options/", before.Options, now.Options)
}

// recordOverrides writes into the audit log what a store says otherwise now, and what it says no more.
func recordOverrides(ctx context.Context, tx sqldb.Querier, slug, prefix string, before, now map[string]catalog.Override) error {
	all := maps.Clone(before)
	if all == nil {
		all = map[string]catalog.Override{}
	}
	maps.Copy(all, now)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		was, is := said(before, key), said(now, key)
		if reflect.DeepEqual(was, is) {
			continue
		}
		if err := record(ctx, tx, auditlog.Entry{Action: auditlog.AvailabilitySet, Store: slug, Subject: prefix + key}, was, is); err != nil {
			return err
		}
	}
	return nil
}

// said returns what is said of the key; nil for nothing.
func said(overrides map[string]catalog.Override, key string) any {
	if override, ok := overrides[key]; ok {
		return override
	}
	return nil
}

// record writes into the audit log that something is another one; before is nil for what was not
// there, and after for what is not there any more.
func record(ctx context.Context, tx sqldb.Querier, entry auditlog.Entry, before, after any) (err error) {
	entry.Actor = auditlog.Actor(ctx)
	if before != nil {
		if entry.Before, err = auditlog.JSON(before); err != nil {
			return err
		}
	}
	if after != nil {
		if entry.After, err = auditlog.JSON(after); err != nil {
			return err
		}
	}
	return auditstore.Record(ctx, tx, entry)
}

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// EditMenu changes the catalog and what the store says otherwise: edit gets them as they are, and
// returns them as they are to be. Its error is returned, and nothing is changed then. Nobody
// else edits meanwhile. What is different afterwards is in the audit log, with who has done it. The
// state that is returned is the new one.
func (d *DB) EditMenu(ctx context.Context, edit func(catalog.State) (catalog.State, error)) (now catalog.State, err error) {
	defer sqldb.Wrap(&err, "change the menu")
	var refused error
	err = d.announcer.changeMenu(ctx, func(ctx context.Context, tx sqldb.Querier) (whose string, err error) {
		before, err := d.lockMenu(ctx, tx)
		if err != nil {
			return noMenu, err
		}
		now, refused = edit(before)
		if refused != nil {
			now = before
		}
		now.Version = before.Version
		rows, err := writeMenu(ctx, tx, before, &now)
		switch {
		case err != nil || rows == 0:
			return noMenu, err
		case now.Version != before.Version:
			return allMenus, nil // the catalog is all stores'
		default:
			return order.MainStore, nil
		}
	})
	if refused != nil {
		return now, refused
	}
	return now, err
}

// lockMenu returns the state, which nobody else changes until the transaction is over: the lock of
// the hours' row is everybody's who edits.
func (d *DB) lockMenu(ctx context.Context, tx sqldb.Querier) (catalog.State, error) {
	if err := sqldb.ExecOne(ctx, tx, "UPDATE store_hours SET open = open WHERE id = 1"); err != nil {
		return catalog.State{}, fmt.Errorf("lock the menu: %w", err)
	}
	return d.catalogs.read(ctx, tx)
}

// writeMenu writes what is different, and returns how many rows that were.
func writeMenu(ctx context.Context, tx sqldb.Querier, before catalog.State, now *catalog.State) (rows int64, err error) {
	if changes := catalog.Diff(before.Catalog, now.Catalog); len(changes) > 0 {
		now.Version++
		now.Overrides = now.Overrides.After(before.Catalog, now.Catalog)
		if err := writeCatalog(ctx, tx, *now, changes); err != nil {
			return 0, err
		}
		rows++
	}
	if !reflect.DeepEqual(before.Overrides, now.Overrides) {
		if err := writeOverrides(ctx, tx, before.Overrides, now.Overrides); err != nil {
			return 0, err
		}
		rows++
	}
	if before.Open != now.Open {
		if err := writeOpen(ctx, tx, now.Open); err != nil {
			return 0, err
		}
		rows++
	}
	return rows, nil
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
		if err := record(ctx, tx, auditlog.CatalogReplaced, "catalog", was, is); err != nil {
			return err
		}
	}
	if len(changes) > maxAuditedChanges {
		return record(ctx, tx, auditlog.CatalogPut, "catalog", nil, map[string]int{"entries": len(changes)})
	}
	for _, change := range changes {
		if err := record(ctx, tx, actionOf(change), subjectOf(change), change.Before, change.After); err != nil {
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

func writeOverrides(ctx context.Context, tx sqldb.Querier, before, now catalog.Overrides) error {
	overrides, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("encode what the store says of the menu: %w", err)
	}
	if err := sqldb.ExecOne(ctx, tx, "UPDATE store_menus SET overrides = ? WHERE store = 'main'", string(overrides)); err != nil {
		return err
	}
	if err := recordAvailability(ctx, tx, "", before.Items, now.Items); err != nil {
		return err
	}
	return recordAvailability(ctx, tx, "options/", before.Options, now.Options)
}

// recordAvailability writes into the audit log what a store says otherwise now.
func recordAvailability(ctx context.Context, tx sqldb.Querier, prefix string, before, now map[string]catalog.Availability) error {
	for _, key := range slices.Sorted(maps.Keys(now)) {
		old, known := before[key]
		said := now[key]
		if known && old == said {
			continue
		}
		var was any
		if known {
			was = old
		}
		if err := record(ctx, tx, auditlog.AvailabilitySet, prefix+key, was, said); err != nil {
			return err
		}
	}
	return nil
}

func writeOpen(ctx context.Context, tx sqldb.Querier, open bool) error {
	if err := sqldb.ExecOne(ctx, tx, "UPDATE store_hours SET open = ? WHERE id = 1", open); err != nil {
		return err
	}
	return record(ctx, tx, auditlog.HoursSet, "hours", map[string]bool{"open": !open}, map[string]bool{"open": open})
}

// record writes into the audit log that something is another one; before is nil for what was not
// there, and after for what is not there any more.
func record(ctx context.Context, tx sqldb.Querier, action auditlog.Action, subject string, before, after any) (err error) {
	entry := auditlog.Entry{Actor: auditlog.Actor(ctx), Action: action, Subject: subject}
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

package storestore

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Put makes or changes the store in the transaction: edit gets it as it is, with version 0 when there
// is none, and returns its document. Nobody else edits it meanwhile. It returns the store, and whether
// it is another one.
func Put(ctx context.Context, tx sqldb.Querier, slug string, edit func(store.State) (store.Store, error)) (now store.State, changed bool, err error) {
	before, err := lock(ctx, tx, slug)
	if err != nil {
		return store.State{}, false, err
	}
	now = before
	if now.Store, err = edit(before); err != nil {
		return before, false, err
	}
	if now.Store.Store != slug {
		return before, false, fmt.Errorf("the store %s cannot become %q", slug, now.Store.Store)
	}
	if before.Version > 0 && reflect.DeepEqual(now.Store, before.Store) {
		return before, false, nil
	}
	now.Version++
	return now, true, write(ctx, tx, before, now)
}

// lock makes sure that there is a row for the store, which nobody else changes until the transaction
// is over, and returns what is in it.
func lock(ctx context.Context, tx sqldb.Querier, slug string) (store.State, error) {
	err := sqldb.ExecOne(ctx, tx, `
		INSERT INTO stores (store, position, version, document, pause)
		VALUES (?, (SELECT COALESCE(MAX(position), 0) + 1 FROM stores), 0, '{}', '{"paused":false}')
		ON CONFLICT (store) DO UPDATE SET version = stores.version`, slug)
	if err != nil {
		return store.State{}, fmt.Errorf("lock the store: %w", err)
	}
	return Read(ctx, tx, slug)
}

func write(ctx context.Context, tx sqldb.Querier, before, now store.State) (err error) {
	entry := auditlog.Entry{Actor: auditlog.Actor(ctx), Action: auditlog.StorePut, Store: now.Store.Store, Subject: now.Store.Store}
	if before.Version == 0 {
		if err := add(ctx, tx, now.Store.Store); err != nil {
			return err
		}
	} else if entry.Before, err = auditlog.JSON(before.Store); err != nil {
		return err
	}
	if entry.After, err = auditlog.JSON(now.Store); err != nil {
		return err
	}
	err = sqldb.ExecOne(ctx, tx, "UPDATE stores SET version = ?, document = ? WHERE store = ?", now.Version, entry.After, now.Store.Store)
	if err != nil {
		return err
	}
	return auditstore.Record(ctx, tx, entry)
}

// add gives a new store its menu: what it says otherwise than the catalog, which is nothing yet.
func add(ctx context.Context, tx sqldb.Querier, slug string) error {
	stores, err := count(ctx, tx)
	if err != nil {
		return err
	}
	if stores > limits.Stores {
		return &order.Error{Code: order.CodeInvalid, Field: "store", Message: fmt.Sprintf("store is one too many: there can be %d", limits.Stores)}
	}
	_, err = sqldb.Exec(ctx, tx, "INSERT INTO store_menus (store, overrides) VALUES (?, '{}') ON CONFLICT (store) DO NOTHING", slug)
	return err
}

// SetCurrency gives all stores the currency that their catalog has now.
func SetCurrency(ctx context.Context, tx sqldb.Querier, currency string) error {
	var slugs []string
	if err := sqldb.List(ctx, tx, &slugs, "SELECT store FROM stores ORDER BY store"); err != nil {
		return err
	}
	for _, slug := range slugs {
		_, _, err := Put(ctx, tx, slug, func(state store.State) (store.Store, error) {
			state.Currency = currency
			return state.Store, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// SetPause pauses the store in the transaction, or ends its pause. It returns whether that is another
// one, and CodeNotFound when there is no such store.
func SetPause(ctx context.Context, tx sqldb.Querier, slug string, pause store.Pause) (changed bool, err error) {
	before, err := lockPause(ctx, tx, slug)
	if err != nil || pause.Paused == before.Paused && pause.Until.Equal(before.Until) {
		return false, err
	}
	document, err := json.Marshal(pause)
	if err != nil {
		return false, fmt.Errorf("encode a pause: %w", err)
	}
	if slug == store.Main {
		if err := tellOldProcesses(ctx, tx, pause); err != nil {
			return false, err
		}
	}
	if err := sqldb.ExecOne(ctx, tx, "UPDATE stores SET pause = ? WHERE store = ?", string(document), slug); err != nil {
		return false, err
	}
	return true, recordPause(ctx, tx, slug, before, pause)
}

// lockPause returns the store's pause, which nobody else changes until the transaction is over.
func lockPause(ctx context.Context, tx sqldb.Querier, slug string) (store.Pause, error) {
	if slug == store.Main {
		if err := lockOldProcesses(ctx, tx); err != nil {
			return store.Pause{}, err
		}
	}
	if !sqldb.Storable(slug) {
		return store.Pause{}, sqldb.NotFound("store", slug)
	}
	if _, err := sqldb.Exec(ctx, tx, "UPDATE stores SET pause = pause WHERE store = ?", slug); err != nil {
		return store.Pause{}, fmt.Errorf("lock the pause: %w", err)
	}
	state, err := Read(ctx, tx, slug)
	return state.Pause, err
}

// said is a pause as the API and the audit log have it.
type said struct {
	Open  bool      `json:"open"`
	Until time.Time `json:"until,omitzero"`
}

func recordPause(ctx context.Context, tx sqldb.Querier, slug string, before, now store.Pause) (err error) {
	entry := auditlog.Entry{Actor: auditlog.Actor(ctx), Action: auditlog.HoursSet, Store: slug, Subject: "hours"}
	if entry.Before, err = auditlog.JSON(said{!before.Paused, before.Until}); err != nil {
		return err
	}
	if entry.After, err = auditlog.JSON(said{!now.Paused, now.Until}); err != nil {
		return err
	}
	return auditstore.Record(ctx, tx, entry)
}

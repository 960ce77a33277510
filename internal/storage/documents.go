package storage

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/storage/brandstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/internal/storage/storestore"
	"github.com/cafeforme/cafeforme/internal/store"
)

// EditBrand changes the brand into what edit returns, who gets it as it is, and returns that. Its
// error is returned, and nothing is changed then. Nobody else edits meanwhile. The change is
// announced as one of the menu: whoever shows the one shows the other.
func (d *DB) EditBrand(ctx context.Context, edit func(brand.Brand) (brand.Brand, error)) (now brand.Brand, err error) {
	defer sqldb.Wrap(&err, "change the brand")
	err = d.changeDocument(ctx, allMenus, func(ctx context.Context, tx sqldb.Querier) (changed bool, err error) {
		now, changed, err = brandstore.Edit(ctx, tx, edit)
		return changed, err
	})
	return now, err
}

// PutStore makes the store of that slug, or changes it: edit gets it as it is, with version 0 when
// there is none, and returns its document. Its error is returned, and nothing is changed then. Nobody
// else edits the store meanwhile. A new one comes last, and sells what the catalog has. The change is
// in the audit log, and announced as one of the menu. One store too many is CodeInvalid with the
// field "store".
func (d *DB) PutStore(ctx context.Context, slug string, edit func(store.State) (store.Store, error)) (now store.State, err error) {
	defer sqldb.Wrap(&err, "change the store %s", slug)
	err = d.changeDocument(ctx, slug, func(ctx context.Context, tx sqldb.Querier) (changed bool, err error) {
		now, changed, err = storestore.Put(ctx, tx, slug, edit)
		return changed, err
	})
	return now, err
}

// SetPause pauses the store of that slug, or ends its pause; CodeNotFound when there is none. The
// change is in the audit log, and announced as one of the menu.
func (d *DB) SetPause(ctx context.Context, slug string, pause store.Pause) (err error) {
	defer sqldb.Wrap(&err, "pause the store %s", slug)
	return d.changeDocument(ctx, slug, func(ctx context.Context, tx sqldb.Querier) (bool, error) {
		return storestore.SetPause(ctx, tx, slug, pause)
	})
}

// changeDocument runs change in a transaction, and announces the change, if there was one, as one of
// the menu of a store, or of [allMenus].
func (d *DB) changeDocument(ctx context.Context, whose string, change func(context.Context, sqldb.Querier) (changed bool, err error)) error {
	return d.announcer.changeMenu(ctx, func(ctx context.Context, tx sqldb.Querier) (string, error) {
		changed, err := change(ctx, tx)
		if err != nil || !changed {
			return noMenu, err
		}
		return whose, nil
	})
}

// settingIDSecret is the setting that keeps the secret of the order IDs.
const settingIDSecret = "id_secret"

// IDSecret returns the 32 random bytes that order IDs are derived with. They
// are made the first time, and stay the same from then on.
func (d *DB) IDSecret(ctx context.Context) (secret []byte, err error) {
	defer sqldb.Wrap(&err, "read the secret of the order IDs")
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("make a random secret: %w", err)
	}
	_, err = sqldb.Exec(ctx, d.pool, "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
		settingIDSecret, hex.EncodeToString(fresh))
	if err != nil {
		return nil, fmt.Errorf("store a new secret: %w", err)
	}
	var kept string
	if err := sqldb.Get(ctx, d.pool, &kept, "SELECT value FROM settings WHERE name = ?", settingIDSecret); err != nil {
		return nil, err
	}
	return hex.DecodeString(kept)
}

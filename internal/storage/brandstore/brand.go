// Package brandstore keeps the brand, as one of the settings. Start at [Edit].
package brandstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// Brands is the room of the database. It is safe for concurrent use.
type Brands struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Brands { return &Brands{pool: pool} }

// setting is the name of the brand among the settings.
const setting = "brand"

// Brand returns the brand: the default one until there is another.
func (b *Brands) Brand(ctx context.Context) (now brand.Brand, err error) {
	defer sqldb.Wrap(&err, "read the brand")
	now, err = read(ctx, b.pool)
	if errors.Is(err, sql.ErrNoRows) {
		return brand.Default(), nil
	}
	return now, err
}

// Edit changes the brand in the transaction into what edit returns, who gets it as it is, and returns
// that, and whether it is another one.
func Edit(ctx context.Context, tx sqldb.Querier, edit func(brand.Brand) (brand.Brand, error)) (now brand.Brand, changed bool, err error) {
	if err := lock(ctx, tx); err != nil {
		return brand.Brand{}, false, err
	}
	before, err := read(ctx, tx)
	if err != nil {
		return brand.Brand{}, false, err
	}
	if now, err = edit(before); err != nil || reflect.DeepEqual(now, before) {
		return now, false, err
	}
	return now, true, write(ctx, tx, before, now)
}

// lock makes sure that there is a brand, and that nobody else changes it until the transaction is over.
func lock(ctx context.Context, tx sqldb.Querier) error {
	document, err := auditlog.JSON(brand.Default())
	if err != nil {
		return err
	}
	return sqldb.ExecOne(ctx, tx,
		"INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = settings.value", setting, document)
}

func read(ctx context.Context, q sqldb.Querier) (now brand.Brand, err error) {
	var document string
	if err := sqldb.Get(ctx, q, &document, "SELECT value FROM settings WHERE name = ?", setting); err != nil {
		return brand.Brand{}, err
	}
	if err := json.Unmarshal([]byte(document), &now); err != nil {
		return brand.Brand{}, fmt.Errorf("decode the brand: %w", err)
	}
	return now, nil
}

func write(ctx context.Context, tx sqldb.Querier, before, now brand.Brand) (err error) {
	entry := auditlog.Entry{Actor: auditlog.Actor(ctx), Action: auditlog.BrandSet, Subject: setting}
	if auditlog.Unconditional(ctx) {
		entry.Action = auditlog.BrandReplaced
	}
	if entry.Before, err = auditlog.JSON(before); err != nil {
		return err
	}
	if entry.After, err = auditlog.JSON(now); err != nil {
		return err
	}
	if err := sqldb.ExecOne(ctx, tx, "UPDATE settings SET value = ? WHERE name = ?", entry.After, setting); err != nil {
		return err
	}
	return auditstore.Record(ctx, tx, entry)
}

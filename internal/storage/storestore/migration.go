package storestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pressly/goose/v3"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// version is the migration that brings the stores.
const version = 27

const storesTable = `CREATE TABLE stores (
	store    TEXT   NOT NULL PRIMARY KEY,
	position BIGINT NOT NULL,
	version  BIGINT NOT NULL,
	document TEXT   NOT NULL,
	pause    TEXT   NOT NULL
)`

// followHours takes over what processes of the build before say of the one store that they know, until
// they have been replaced. On SQLite there are none: one process has the database to itself.
var followHours = []string{
	`CREATE FUNCTION pause_main_store() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		UPDATE stores SET pause = CASE WHEN NEW.open THEN '{"paused":false}' ELSE '{"paused":true}' END WHERE store = 'main';
		RETURN NULL;
	END $$`,
	`CREATE TRIGGER store_hours_pause_main_store AFTER UPDATE ON store_hours
		FOR EACH ROW WHEN (OLD.open <> NEW.open) EXECUTE FUNCTION pause_main_store()`,
}

// tellOldProcesses says whether the store is open where processes of the build before look for it.
// They know no pause with an end: to them it lasts until the staff ends it.
func tellOldProcesses(ctx context.Context, tx sqldb.Querier, pause store.Pause) error {
	return sqldb.ExecOne(ctx, tx, "UPDATE store_hours SET open = ? WHERE id = 1", !pause.Paused)
}

// lockOldProcesses keeps processes of the build before from opening or closing the store until the
// transaction is over.
func lockOldProcesses(ctx context.Context, tx sqldb.Querier) error {
	return sqldb.ExecOne(ctx, tx, "UPDATE store_hours SET open = open WHERE id = 1")
}

// Migration makes the table of the stores, with the one that there has always been: paused if it was
// closed, always open otherwise, and in no time zone of its own, so that the configured one counts.
func Migration(dialect goose.Dialect) *goose.Migration {
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		statements := slices.Concat([]string{storesTable}, auditstore.StoreColumn(dialect))
		if dialect == goose.DialectPostgres {
			statements = append(statements, followHours...)
		}
		for _, statement := range statements {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("make the table of the stores: %w", err)
			}
		}
		return addMain(ctx, tx)
	}}, nil)
}

// addMain adds the store that there has always been.
func addMain(ctx context.Context, tx *sql.Tx) error {
	main, err := firstStore(ctx, tx)
	if err != nil {
		return err
	}
	document, err := json.Marshal(main.Store)
	if err != nil {
		return fmt.Errorf("encode the first store: %w", err)
	}
	pause, err := json.Marshal(main.Pause)
	if err != nil {
		return fmt.Errorf("encode the pause of the first store: %w", err)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO stores (store, position, version, document, pause) VALUES ($1, 1, 1, $2, $3)",
		store.Main, string(document), string(pause))
	if err != nil {
		return fmt.Errorf("write the first store: %w", err)
	}
	return nil
}

func firstStore(ctx context.Context, tx *sql.Tx) (store.State, error) {
	open, document := true, "{}"
	err := tx.QueryRowContext(ctx, "SELECT h.open, c.document FROM store_hours h JOIN catalog c ON c.id = 1 WHERE h.id = 1").Scan(&open, &document)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return store.State{}, fmt.Errorf("read whether the store is open: %w", err)
	}
	var sold catalog.Catalog
	if err := json.Unmarshal([]byte(document), &sold); err != nil {
		return store.State{}, fmt.Errorf("decode the catalog: %w", err)
	}
	return store.State{
		Store: store.Store{
			Store: store.Main, Name: order.Names{order.Korean: "본점", order.English: "Main store"}, Currency: sold.Currency(),
			PrepMinutes: store.PrepMinutes, CupsPerSlot: store.CupsPerSlot,
		},
		Pause: store.Pause{Paused: !open},
	}, nil
}

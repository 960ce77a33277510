package auditstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// Filter says which entries of the audit log are wanted.
type Filter struct {
	// Since is the time of the first one; zero for any.
	Since time.Time
	// Actor is whose entries they are; empty for everybody's.
	Actor string
	// Store is the store that they are about; empty for all, and for what is about all of them.
	Store string
	// Limit is how many there are at most: the latest.
	Limit int
}

// Record adds an entry to the audit log. Its time is now where it has none.
func (l *Log) Record(ctx context.Context, e auditlog.Entry) (err error) {
	defer sqldb.Wrap(&err, "write the audit log")
	return Record(ctx, l.pool, e)
}

// Record adds an entry in the transaction, or on the connections, that it is given: what is
// changed and what is written of it become visible together.
func Record(ctx context.Context, q sqldb.Querier, e auditlog.Entry) error {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	err := sqldb.ExecOne(ctx, q, `
		INSERT INTO audit_log (at, actor, action, store, subject, old_value, new_value) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		sqldb.Micros(e.At), e.Actor, string(e.Action), e.Store, e.Subject, e.Before, e.After)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

// AuditLog returns the entries that pass the filter, oldest first.
func (l *Log) AuditLog(ctx context.Context, f Filter) (entries []auditlog.Entry, err error) {
	defer sqldb.Wrap(&err, "read the audit log")
	if !sqldb.Storable(f.Actor) || !sqldb.Storable(f.Store) {
		return nil, nil
	}
	var since int64
	if !f.Since.IsZero() {
		since = sqldb.Micros(f.Since)
	}
	var rows []struct {
		At       int64  `db:"at"`
		Actor    string `db:"actor"`
		Action   string `db:"action"`
		Store    string `db:"store"`
		Subject  string `db:"subject"`
		OldValue string `db:"old_value"`
		NewValue string `db:"new_value"`
	}
	err = sqldb.List(ctx, l.pool, &rows, `
		SELECT at, actor, action, store, subject, old_value, new_value FROM audit_log
		WHERE at >= ? AND (actor = ? OR CAST(? AS TEXT) = '') AND (store = ? OR CAST(? AS TEXT) = '') ORDER BY at DESC, id DESC LIMIT ?`,
		since, f.Actor, f.Actor, f.Store, f.Store, f.Limit)
	for _, r := range slices.Backward(rows) {
		entries = append(entries, auditlog.Entry{
			At: sqldb.TimeOf(r.At), Actor: r.Actor, Action: auditlog.Action(r.Action), Store: r.Store, Subject: r.Subject,
			Before: r.OldValue, After: r.NewValue,
		})
	}
	return entries, err
}

// The migrations of the audit log.
const (
	// auditLogVersion makes it.
	auditLogVersion = 18
	// auditAddressesVersion lets addresses of strangers be blanked in it.
	auditAddressesVersion = 22
)

// Migrations make the table that entries can only be added to. Triggers are
// written in no language that both databases have.
func Migrations(dialect goose.Dialect) []*goose.Migration {
	if dialect == goose.DialectSQLite3 {
		return []*goose.Migration{
			statements(auditLogVersion, auditLogOnSQLite), statements(auditAddressesVersion, auditAddressesOnSQLite),
		}
	}
	return []*goose.Migration{
		statements(auditLogVersion, auditLogOnPostgres), statements(auditAddressesVersion, auditAddressesOnPostgres),
	}
}

// statements returns the migration to that version which runs them.
func statements(version int64, all []string) *goose.Migration {
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		for _, statement := range all {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("migrate the audit log: %w", err)
			}
		}
		return nil
	}}, nil)
}

const auditLogColumns = `
	at        BIGINT NOT NULL,
	actor     TEXT   NOT NULL,
	action    TEXT   NOT NULL,
	subject   TEXT   NOT NULL,
	old_value TEXT   NOT NULL,
	new_value TEXT   NOT NULL
)`

const auditLogIndex = `CREATE INDEX audit_log_by_time ON audit_log (at, id)`

var auditLogOnPostgres = []string{
	`CREATE TABLE audit_log (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,` + auditLogColumns,
	auditLogIndex,
	`CREATE FUNCTION refuse_audit_log_change() RETURNS trigger LANGUAGE plpgsql
		AS $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$`,
	`CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
		FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_log_change()`,
}

// SQLite has no statement triggers, and replaces rows without a trigger of DELETE.
var auditLogOnSQLite = []string{
	`CREATE TABLE audit_log (id INTEGER PRIMARY KEY AUTOINCREMENT,` + auditLogColumns,
	auditLogIndex,
	`CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
		BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
	`CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
		BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
	`CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
		WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)
		BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
}

// blanksAddress is the one change that is let through: the address of a sign-in that
// failed, which is a stranger's, is blanked.
const blanksAddress = `(
	OLD.action = 'sign_in.failed' AND NEW.actor = '' AND NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.action = OLD.action
	AND NEW.subject = OLD.subject AND NEW.old_value = OLD.old_value AND NEW.new_value = OLD.new_value)`

// auditAddressesIndex has the entries with an address: those that are to be blanked.
const auditAddressesIndex = `CREATE INDEX audit_log_addresses ON audit_log (at) WHERE action = 'sign_in.failed' AND actor <> ''`

var auditAddressesOnPostgres = []string{
	auditAddressesIndex,
	`DROP TRIGGER audit_log_append_only ON audit_log`,
	`CREATE TRIGGER audit_log_append_only BEFORE DELETE OR TRUNCATE ON audit_log
		FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_log_change()`,
	noUpdateOnPostgres(blanksAddress),
}

var auditAddressesOnSQLite = []string{
	auditAddressesIndex,
	`DROP TRIGGER audit_log_no_update`,
	noUpdateOnSQLite(blanksAddress),
}

// The triggers that let no update through but one.
func noUpdateOnPostgres(but string) string {
	return `CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
		FOR EACH ROW WHEN (NOT ` + but + `) EXECUTE FUNCTION refuse_audit_log_change()`
}

func noUpdateOnSQLite(but string) string {
	return `CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log WHEN NOT ` + but + `
		BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`
}

// storeColumn says whose entry it is. What was written before there were stores is of the only one.
const storeColumn = `ALTER TABLE audit_log ADD COLUMN store TEXT NOT NULL DEFAULT 'main'`

const storeIndex = `CREATE INDEX audit_log_by_store ON audit_log (store, at, id)`

// StoreColumn returns the statements of the migration that brings the stores: those for the audit log.
func StoreColumn(dialect goose.Dialect) []string {
	const but = `(` + blanksAddress + ` AND NEW.store = OLD.store)`
	if dialect == goose.DialectSQLite3 {
		return []string{storeColumn, storeIndex, `DROP TRIGGER audit_log_no_update`, noUpdateOnSQLite(but)}
	}
	return []string{storeColumn, storeIndex, `DROP TRIGGER audit_log_no_update ON audit_log`, noUpdateOnPostgres(but)}
}

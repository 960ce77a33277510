package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// statementTimeout is how long one statement, or one transaction, may take when
// the caller allows more.
const statementTimeout = 10 * time.Second

// querier is the pool, or a transaction. Queries have question marks for their
// arguments, whatever the database.
type querier interface {
	sqlx.ExtContext
	Rebind(query string) string
}

// get scans the first row into dest: a struct or a single value. It fails with
// [sql.ErrNoRows] when there is none.
func get(ctx context.Context, q querier, dest any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	return sqlx.GetContext(ctx, q, dest, q.Rebind(query), args...)
}

// list scans all rows into dest, a slice. Callers see to it that there are few.
func list(ctx context.Context, q querier, dest any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	return sqlx.SelectContext(ctx, q, dest, q.Rebind(query), args...)
}

// exec returns how many rows the statement has changed.
func exec(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	result, err := q.ExecContext(ctx, q.Rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// execOne runs a statement that is to change exactly one row.
func execOne(ctx context.Context, q querier, query string, args ...any) error {
	changed, err := exec(ctx, q, query, args...)
	if err == nil && changed != 1 {
		err = fmt.Errorf("%d rows changed instead of one", changed)
	}
	return err
}

// inTx runs do in a transaction and commits what it did unless it fails. On
// SQLite it is the only writer until then; on PostgreSQL it sees what others
// have committed before each statement, and what must happen one after the
// other takes a row's lock first.
func (d *DB) inTx(ctx context.Context, do func(ctx context.Context, tx *sqlx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	tx, err := d.pool.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := do(ctx, tx); err != nil {
		return rollBack(tx, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// rollBack undoes tx because of err. When the connection has been lost or the
// time is up, the transaction is undone already.
func rollBack(tx *sqlx.Tx, err error) error {
	if undo := tx.Rollback(); undo != nil && !unavailable(undo) {
		return errors.Join(err, fmt.Errorf("roll back: %w", undo))
	}
	return err
}

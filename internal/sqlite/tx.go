package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// InTx runs do in a transaction that holds the write lock, and commits what it
// did unless it fails. An error of do is returned as it is.
func InTx(ctx context.Context, database *DB, do func(tx *sqlx.Tx) error) error {
	tx, err := database.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := do(tx); err != nil {
		return rollBack(tx, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// rollBack undoes tx because of err. That it cannot be undone any more, as the
// context or the connection has ended, is no news: then it is undone already.
func rollBack(tx *sqlx.Tx, err error) error {
	undo := tx.Rollback()
	if undo == nil || Unavailable(undo) || errors.Is(undo, sql.ErrTxDone) {
		return err
	}
	return errors.Join(err, fmt.Errorf("roll back: %w", undo))
}

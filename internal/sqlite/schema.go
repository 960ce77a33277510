package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// OpenWith is [Open] for a database whose schema never changes: statements that
// make what does not exist yet ("CREATE TABLE IF NOT EXISTS ..."). All of them
// are run, or none.
func OpenWith(path, schema string) (*DB, error) {
	database, err := Open(path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	err = InTx(ctx, database, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, schema)
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create the schema of SQLite database %s: %w", path, err), database.Close())
	}
	return database, nil
}

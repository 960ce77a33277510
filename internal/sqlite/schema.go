package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// made is where a file says which schemas it has.
const made = "CREATE TABLE IF NOT EXISTS schemas_made (hash TEXT PRIMARY KEY)"

// OpenWith is [Open] for a database whose schema hardly changes: statements that
// make what does not exist yet ("CREATE TABLE IF NOT EXISTS ..."), or drop what is not
// needed any more ("DROP INDEX IF EXISTS ..."). All of them are run, or none. Where they were run before, nothing is written: a process starts
// while another one keeps everybody from writing.
func OpenWith(path, schema string) (*DB, error) {
	database, err := Open(path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(schema)))
	if isMade(ctx, database, hash) {
		return database, nil
	}
	err = InTx(ctx, database, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, made+";"+schema); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO schemas_made (hash) VALUES (?) ON CONFLICT DO NOTHING", hash)
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create the schema of SQLite database %s: %w", path, err), database.Close())
	}
	return database, nil
}

// isMade reports whether the database says that it has the schema. Whatever keeps it from
// saying so is met again when the schema is made.
func isMade(ctx context.Context, database *DB, hash string) bool {
	var n int
	err := database.GetContext(ctx, &n, "SELECT COUNT(*) FROM schemas_made WHERE hash = ?", hash)
	return err == nil && n > 0
}

package storage

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/internal/storage/storestore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// How long a process waits, in seconds, for another one that migrates.
const (
	lockPeriod = 1
	lockTries  = 300
)

// Migrate brings the database to the version that this binary expects. Several
// processes may do so at the same time. A new database comes with the default
// menu.
func (d *DB) Migrate(ctx context.Context) (err error) {
	defer sqldb.Wrap(&err, "migrate the database")
	return d.withProvider(func(provider *goose.Provider) error {
		_, err := provider.Up(ctx)
		for range provider.ListSources() {
			if err == nil || d.dialect != goose.DialectSQLite3 || ctx.Err() != nil {
				return err
			}
			// SQLite has no lock for migrations: who loses the race to one fails,
			// rolls back, and finds it done the next time.
			_, err = provider.Up(ctx)
		}
		return err
	})
}

// Pending reports whether the database has to be migrated before this binary
// can use it.
func (d *DB) Pending(ctx context.Context) (pending bool, err error) {
	defer sqldb.Wrap(&err, "look for pending migrations")
	err = d.withProvider(func(provider *goose.Provider) error {
		pending, err = provider.HasPending(ctx)
		return err
	})
	return pending, err
}

// withProvider gives do a migration provider. It is not closed, which would close
// its connections: on SQLite they are those of the whole process.
func (d *DB) withProvider(do func(provider *goose.Provider) error) error {
	return d.unlimited(func(connections *sql.DB) error {
		provider, err := newProvider(d.dialect, connections)
		if err != nil {
			return err
		}
		return do(provider)
	})
}

func newProvider(dialect goose.Dialect, pool *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("find the migrations: %w", err)
	}
	written := append(auditstore.Migrations(dialect), catalogMigration(), storestore.Migration(dialect))
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(written...)}
	if dialect == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockPeriod, lockTries))
		if err != nil {
			return nil, fmt.Errorf("make the lock for migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, pool, files, options...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, nil
}

package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
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
	defer wrap(&err, "migrate the database")
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
	defer wrap(&err, "look for pending migrations")
	err = d.withProvider(func(provider *goose.Provider) error {
		pending, err = provider.HasPending(ctx)
		return err
	})
	return pending, err
}

// withProvider gives do a migration provider with connections of its own, on
// which a statement may take as long as it needs.
func (d *DB) withProvider(do func(provider *goose.Provider) error) error {
	pool, err := d.connect()
	if err != nil {
		return err
	}
	provider, err := newProvider(d.dialect, pool)
	if err != nil {
		return errors.Join(err, pool.Close())
	}
	// Closing the provider closes the pool.
	return errors.Join(do(provider), provider.Close())
}

func newProvider(dialect goose.Dialect, pool *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("find the migrations: %w", err)
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
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

// Package storage keeps what the application remembers outside its workflows: the
// read model of the orders, the stores' pick-up numbers, the members with their
// points, tokens and one-time codes, the stores, the menu, the pictures, the settings, and
// the ledger of the texts.
//
// It runs on PostgreSQL and on embedded SQLite with the same queries and the
// same migrations: texts, big integers (times are microseconds since 1970, UTC)
// and nothing that only one of the two has.
//
// Errors are [order.Error] with CodeUnavailable when the database cannot be
// reached, is overloaded or takes too long, and with the codes that a method
// names. Any other error is a fault.
//
// What stands by itself has a room of its own: memberstore, staffstore, textstore, auditstore,
// imagestore, brandstore, storestore, reservationstore and couponstore, whose methods [DB] has, too; here are the orders, the
// menu, and what cuts across. All of them run their SQL by sqldb. Start at [Open] and [DB.Project].
package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/brandstore"
	"github.com/cafeforme/cafeforme/internal/storage/couponstore"
	"github.com/cafeforme/cafeforme/internal/storage/imagestore"
	"github.com/cafeforme/cafeforme/internal/storage/memberstore"
	"github.com/cafeforme/cafeforme/internal/storage/reservationstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/internal/storage/staffstore"
	"github.com/cafeforme/cafeforme/internal/storage/storestore"
	"github.com/cafeforme/cafeforme/internal/storage/textstore"
)

// DB is the application's database. It is safe for concurrent use.
type DB struct {
	*memberstore.Members
	*staffstore.Staff
	*textstore.Texts
	*auditstore.Log
	*imagestore.Images
	*brandstore.Brands
	*storestore.Directory
	*reservationstore.Reservations
	*couponstore.Coupons

	pool    *sqldb.Pool
	dialect goose.Dialect
	// unlimited runs do with connections on which a statement may take as long as
	// it needs: for migrations.
	unlimited func(do func(*sql.DB) error) error
	// catalogs has the catalog that was read last.
	catalogs catalogReader
	// announcer carries the news of changes.
	announcer announcer
}

// Open returns the database at a URL of the form "postgres://..." or
// "sqlite:PATH". A SQLite file is opened, and made when there is none; a
// PostgreSQL server is not contacted yet, so that a process can start while it
// is down: see [DB.Ping] and [DB.Pending].
func Open(databaseURL string) (*DB, error) {
	if path, ok := strings.CutPrefix(databaseURL, "sqlite:"); ok {
		return openSQLite(path)
	}
	scheme, _, ok := strings.Cut(databaseURL, "://")
	if ok && (scheme == "postgres" || scheme == "postgresql") {
		return openPostgres(databaseURL)
	}
	return nil, fmt.Errorf(`open database: its URL must begin with "postgres://" or "sqlite:"`)
}

func openSQLite(path string) (*DB, error) {
	file, err := sqlite.Open(path)
	if err != nil {
		return nil, err
	}
	d := newDB(sqldb.NewPool(file.DB, file), goose.DialectSQLite3, func(do func(*sql.DB) error) error {
		return do(file.DB.DB)
	})
	d.announcer = &local{db: d, listeners: map[*listener]struct{}{}}
	return d, nil
}

// newDB returns the database, without an announcer yet.
func newDB(pool *sqldb.Pool, dialect goose.Dialect, unlimited func(do func(*sql.DB) error) error) *DB {
	return &DB{
		Members: memberstore.New(pool), Staff: staffstore.New(pool), Texts: textstore.New(pool), Log: auditstore.New(pool),
		Images: imagestore.New(pool), Brands: brandstore.New(pool), Directory: storestore.New(pool), Reservations: reservationstore.New(pool),
		Coupons: couponstore.New(pool),
		pool:    pool, dialect: dialect, unlimited: unlimited,
	}
}

// Close announces what has changed and was not announced yet, and closes all connections.
func (d *DB) Close() error {
	d.announcer.close()
	if err := d.pool.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Ping fails with CodeUnavailable unless the database answers.
func (d *DB) Ping(ctx context.Context) (err error) {
	defer sqldb.Wrap(&err, "reach the database")
	var one int
	return sqldb.Get(ctx, d.pool, &one, "SELECT 1")
}

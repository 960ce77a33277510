// Package sqlite opens embedded SQLite databases the one way this code base
// uses them: files that several processes read and write at the same time.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
)

const (
	// busyTimeout is how long a statement waits for another writer.
	busyTimeout = 5 * time.Second
	// openTimeout is how long opening may wait for other processes that open the
	// same file for the first time.
	openTimeout = 10 * time.Second
	// openPause is how long opening waits before it tries again.
	openPause = 10 * time.Millisecond
)

// Open opens the database file at path, and makes the file and its directory
// when they are absent. Any number of processes may have the same file open; all
// who open it in this process share its connections.
//
// Readers never wait. Writers wait for each other, for five seconds at most: a
// transaction takes the write lock when it begins, so that it cannot lose to
// another one half-way.
func Open(path string) (*DB, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.ContainsRune(path, 0) {
		return nil, fmt.Errorf("open SQLite database %q: the path of a file is needed", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the directory of SQLite database %s: %w", path, err)
	}
	database, err := files.open(path)
	if err != nil {
		return nil, fmt.Errorf("open SQLite database %s: %w", path, err)
	}
	if err := connect(database.DB.DB); err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite database %s: %w", path, err), database.Close())
	}
	return database, nil
}

// newPool returns the connections to the file, none of which is made yet.
func newPool(path string) (*sqlx.DB, error) {
	dsn, err := dataSource(path)
	if err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	limit(pool)
	return sqlx.NewDb(pool, "sqlite3"), nil
}

// dataSource returns the URI of the file, with the settings every connection
// starts with. None of them makes the file: one that was deleted is missed.
func dataSource(path string) (string, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	settings := url.Values{
		"mode":          {"rw"},
		"_busy_timeout": {fmt.Sprint(busyTimeout.Milliseconds())},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"NORMAL"},
		"_foreign_keys": {"on"},
		"_txlock":       {"immediate"},
	}
	file := url.URL{Scheme: "file", Path: filepath.ToSlash(whole), RawQuery: settings.Encode()}
	return file.String(), nil
}

// limit keeps the connections few: only one can write at a time, and every one
// that waits to write polls for the lock.
func limit(pool *sql.DB) {
	connections := max(4, runtime.GOMAXPROCS(0))
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
}

// connect makes the first connection. The switch of a new file to WAL needs the
// file for itself and does not wait for the busy timeout, so that it is tried
// until the other processes have let go.
func connect(pool *sql.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	for {
		err := pool.PingContext(ctx)
		if err == nil || !busy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(openPause):
		}
	}
}

// resultCode returns SQLite's primary result code, and zero when err is not
// SQLite's.
func resultCode(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

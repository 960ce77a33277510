package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/schema/sqlite"
	_ "modernc.org/sqlite" // the "sqlite" driver
)

// ensureDatabase makes the file at path if there is none. The caller holds its
// lock. An empty file counts as none: that is what a careless "touch" leaves.
func ensureDatabase(path string) error {
	if err := removeUnfinished(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.Size() > 0:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look at %s: %w", path, err)
	}
	// A log left by a database that was deleted would be replayed into ours.
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a leftover of an earlier database: %w", err)
		}
	}
	return createWhole(path, writeSchema)
}

// unfinishedPrefix names the files in which a database at path is prepared.
func unfinishedPrefix(path string) string {
	return "." + filepath.Base(path) + ".unfinished-"
}

// removeUnfinished deletes what a first start left behind if it was killed.
func removeUnfinished(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("look for unfinished databases: %w", err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), unfinishedPrefix(path)) {
			continue
		}
		if err := os.Remove(filepath.Join(filepath.Dir(path), entry.Name())); err != nil {
			return fmt.Errorf("remove an unfinished database: %w", err)
		}
	}
	return nil
}

// createWhole has write fill a file beside path and renames it to path once it
// is complete and on disk. Whoever finds a file at path finds all of it.
func createWhole(path string, write func(path string) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), unfinishedPrefix(path)+"*")
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	err = write(file.Name())
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("create %s: %w", path, err), removeUnfinished(path))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename in dir last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}

// checkWritable says in one sentence what the server would say in a thousand.
func checkWritable(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("the database cannot be written: %w", err)
	}
	return file.Close()
}

// writeSchema creates the server's tables in the empty file at path. It needs
// neither journal nor syncs: a file that is not finished is thrown away.
func writeSchema(path string) (err error) {
	db, err := sql.Open("sqlite", "file:"+uriPath(path)+"?_pragma=journal_mode(off)&_pragma=synchronous(off)")
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.Begin()
	if err != nil {
		return fmt.Errorf("begin the schema: %w", err)
	}
	if err := sqlite.SetupSchemaOnDB(schemaTx{tx: tx}); err != nil {
		return errors.Join(fmt.Errorf("write the schema: %w", err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit the schema: %w", err)
	}
	return nil
}

// schemaTx lends a transaction to the schema package, which only calls Exec.
// The server's own SQLite plugin would do, but it keeps every connection open
// for the life of the process, and this file is about to be renamed.
type schemaTx struct {
	sqlplugin.AdminDB
	tx *sql.Tx
}

// Exec runs one statement of the schema.
func (s schemaTx) Exec(stmt string, args ...any) error {
	_, err := s.tx.Exec(stmt, args...)
	return err
}

// uriPath escapes what has a meaning of its own in an SQLite URI.
func uriPath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

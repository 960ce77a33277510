package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"syscall"

	"github.com/jmoiron/sqlx"
)

// DB is a database file. Everything that has the same file open in this process
// works on the same connections, which close with the last DB.
type DB struct {
	*sqlx.DB
	release func() error
}

// Close closes the file, unless another part of the process has it open. Closing
// it again does nothing.
func (d *DB) Close() error { return d.release() }

// files are the database files that this process has open. It opens none of them
// in another way: when a process closes a file, it loses all locks that it has on
// it, those of SQLite's own connections included. Another process takes the file
// for itself then, and removes the log that this one still writes to
// (https://www.sqlite.org/howtocorrupt.html, section 2.2).
var files registry

// registry has each file once, whatever it is called.
type registry struct {
	mu     sync.Mutex
	opened []*file
}

type file struct {
	info  fs.FileInfo
	pool  *sqlx.DB
	users int
}

// open returns the file at path, which it makes when it is absent. It makes no
// connection.
func (r *registry) open(path string) (*DB, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := ensure(path)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.opened, func(f *file) bool { return os.SameFile(f.info, info) })
	if i < 0 {
		pool, err := newPool(path)
		if err != nil {
			return nil, err
		}
		i, r.opened = len(r.opened), append(r.opened, &file{info: info, pool: pool})
	}
	f := r.opened[i]
	f.users++
	return &DB{DB: f.pool, release: sync.OnceValue(func() error { return r.release(f) })}, nil
}

// release closes the file when its last user has gone.
func (r *registry) release(f *file) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.users--
	if f.users > 0 {
		return nil
	}
	r.opened = slices.DeleteFunc(r.opened, func(other *file) bool { return other == f })
	return f.pool.Close()
}

// ensure makes the file, for nobody else to read, when it is absent: SQLite gives
// the files that it puts beside it the same mode. A file that is there is looked
// at and not opened.
func ensure(path string) (fs.FileInfo, error) {
	made, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = made.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a directory")
	}
	// SQLite would open it for reading alone, and say so at the first write.
	if err := syscall.Access(path, readAndWrite); err != nil {
		return nil, fmt.Errorf("the file cannot be written: %w", err)
	}
	return info, nil
}

// readAndWrite is the mode R_OK|W_OK of access(2).
const readAndWrite = 4 | 2

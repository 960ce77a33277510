// Package sqlitetest is what other programs do to a database file that the
// process under test has open.
package sqlitetest

import (
	"database/sql"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the "sqlite" driver
)

// The bytes of a database file that stand for the locks of its readers, see "File
// Locking Notes" in os.h of SQLite.
const (
	sharedFirst = 0x40000000 + 2
	sharedSize  = 510
)

// Visit opens the file and closes it as a program with SQLite before 3.51 does:
// unless another process has its lock on the file, it copies the log into the file
// and removes the log. (Newer ones also look whether somebody has the log open.)
// The process that calls it must not have the file open.
func Visit(t testing.TB, path string) {
	t.Helper()
	reader, err := sql.Open("sqlite", "file:"+path)
	require.NoError(t, err)
	_, err = reader.ExecContext(t.Context(), "PRAGMA wal_checkpoint(PASSIVE)")
	require.NoError(t, err)
	require.NoError(t, reader.Close())

	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	exclusive := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: sharedFirst, Len: sharedSize}
	err = syscall.FcntlFlock(file.Fd(), syscall.F_SETLK, &exclusive)
	if err == nil {
		require.NoError(t, os.Remove(path+"-wal"))
		require.NoError(t, os.Remove(path+"-shm"))
	} else {
		require.ErrorIs(t, err, syscall.EAGAIN)
	}
	require.NoError(t, file.Close())
}

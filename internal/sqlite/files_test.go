package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/sqlite"
)

func TestAFileHasOnePoolWhateverItIsCalled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.db")
	database := open(t, path)
	require.NoError(t, os.Symlink(path, filepath.Join(dir, "symbolic.db")))
	require.NoError(t, os.Link(path, filepath.Join(dir, "hard.db")))
	for _, name := range []string{"x.db", "./x.db", "../" + filepath.Base(dir) + "/x.db", "symbolic.db", "hard.db"} {
		require.Same(t, database.DB, open(t, dir+"/"+name).DB, name)
	}
	require.NotSame(t, database.DB, open(t, filepath.Join(dir, "other.db")).DB)
}

func TestTheLastWhoClosesAFileClosesIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	one, other := open(t, path), open(t, path)
	require.NoError(t, one.Close())
	require.NoError(t, one.Close(), "once is enough")
	require.Zero(t, count(t, other))
	require.NoError(t, other.Close())
	_, err := other.ExecContext(t.Context(), "SELECT 1")
	require.ErrorContains(t, err, "closed")

	require.Zero(t, count(t, open(t, path)), "and it can be opened again")
}

func TestAFailureToOpenClosesNothingForOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	database := open(t, path)
	_, err := sqlite.OpenWith(path, "nonsense")
	require.Error(t, err)
	require.Zero(t, count(t, database))
}

func TestAFileInPlaceOfADeletedOneIsAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	deleted := open(t, path)
	require.NoError(t, increment(t.Context(), deleted))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		require.NoError(t, os.Remove(path+suffix))
	}
	require.Zero(t, count(t, open(t, path)))
}

func TestAFileThatCannotBeWrittenIsNotOpened(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everything")
	}
	path := filepath.Join(t.TempDir(), "x.db")
	require.NoError(t, open(t, path).Close())
	require.NoError(t, os.Chmod(path, 0o400))
	_, err := sqlite.Open(path)
	require.ErrorIs(t, err, os.ErrPermission)
}

package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
)

const schema = "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, n BIGINT NOT NULL);" +
	"INSERT INTO counters (name, n) VALUES ('a', 0) ON CONFLICT DO NOTHING"

// increments is how often each process counts.
const increments = 100

// increment reads and writes in one transaction, which loses counts unless
// writers wait for each other.
func increment(ctx context.Context, database *sqlite.DB) error {
	return sqlite.InTx(ctx, database, func(tx *sqlx.Tx) error {
		var n int
		if err := tx.GetContext(ctx, &n, "SELECT n FROM counters"); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE counters SET n = ?", n+1)
		return err
	})
}

func count(t *testing.T, database *sqlite.DB) (n int) {
	t.Helper()
	require.NoError(t, database.GetContext(t.Context(), &n, "SELECT n FROM counters"))
	return n
}

// open opens the database at path and closes it when the test ends.
func open(t *testing.T, path string) *sqlite.DB {
	t.Helper()
	database, err := sqlite.OpenWith(path, schema)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	return database
}

func TestOpenMakesTheFileAndItsDirectory(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"new/dir/x.db", "with space.db", "with?question#and%25.db", "카페.db"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			require.Zero(t, count(t, open(t, path)))
			require.FileExists(t, path)
		})
	}
}

func TestEveryConnectionHasTheSettings(t *testing.T) {
	t.Parallel()
	database := open(t, filepath.Join(t.TempDir(), "x.db"))
	// Connections that are in use at the same time are different ones.
	for range 3 {
		conn, err := database.Connx(t.Context())
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, conn.Close()) })
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "1", "foreign_keys": "1", "busy_timeout": "5000",
		} {
			var value string
			require.NoError(t, conn.GetContext(t.Context(), &value, "PRAGMA "+pragma))
			require.Equal(t, want, value, pragma)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	notADatabase := filepath.Join(dir, "x.db")
	require.NoError(t, os.WriteFile(notADatabase, []byte("this is no database, but something else"), 0o600))
	for path, why := range map[string]string{
		"":                               "the path of a file is needed",
		":memory:":                       "the path of a file is needed",
		dir:                              "is a directory",
		notADatabase:                     "not a database",
		filepath.Join(notADatabase, "y"): "not a directory",
		filepath.Join(dir, "nul\x00.db"): "the path of a file is needed",
	} {
		_, err := sqlite.Open(path)
		require.ErrorContains(t, err, why, "%q", path)
	}
}

func TestAnOpenFileSurvivesManyWhoOpenItForTheFirstTime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			database, err := sqlite.OpenWith(path, schema)
			if assert.NoError(t, err) {
				assert.NoError(t, database.Close())
			}
		})
	}
	all.Wait()
}

func TestNoCountIsLostByManyWriters(t *testing.T) {
	t.Parallel()
	database := open(t, filepath.Join(t.TempDir(), "x.db"))
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() { assert.NoError(t, increment(t.Context(), database)) })
	}
	all.Wait()
	require.Equal(t, 100, count(t, database))
}

func TestNoCountIsLostByManyProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "x.db")
	const processes = 4
	var all sync.WaitGroup
	for range processes {
		all.Go(func() {
			output, err := child(t, "counts", path).CombinedOutput()
			assert.NoError(t, err, string(output))
		})
	}
	all.Wait()
	require.Equal(t, processes*increments, count(t, open(t, path)))
}

func TestATransactionThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	database := open(t, filepath.Join(t.TempDir(), "x.db"))
	failure := errors.New("no")
	err := sqlite.InTx(t.Context(), database, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(t.Context(), "UPDATE counters SET n = 7")
		require.NoError(t, err)
		return failure
	})
	require.ErrorIs(t, err, failure)
	require.Zero(t, count(t, database))
}

func TestASchemaIsMadeWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	_, err := sqlite.OpenWith(path, "CREATE TABLE first (n BIGINT); CREATE TABLE second (nonsense")
	require.ErrorContains(t, err, "create the schema")
	database := open(t, path)
	_, err = database.ExecContext(t.Context(), "SELECT * FROM first")
	require.ErrorContains(t, err, "no such table")
}

func TestAFileIsOpenedWhileAnotherProcessKeepsEverybodyFromWriting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	first := open(t, path)
	require.NoError(t, sqlite.InTx(t.Context(), first, func(*sqlx.Tx) error {
		second, err := sqlite.OpenWith(path, schema)
		require.NoError(t, err)
		require.Zero(t, count(t, second))
		return second.Close()
	}))
}

func TestWrap(t *testing.T) {
	t.Parallel()
	wrapped := func(err error) error {
		sqlite.Wrap(&err, "brew %d", 2)
		return err
	}
	t.Run("leaves nil and errors with a code alone", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, wrapped(nil))
		known := fmt.Errorf("outer: %w", &order.Error{Code: order.CodeRefused, Message: "no"})
		require.Equal(t, known, wrapped(known))
	})
	t.Run("says what was being done", func(t *testing.T) {
		t.Parallel()
		err := wrapped(io.ErrShortBuffer)
		require.EqualError(t, err, "brew 2: short buffer")
		require.ErrorIs(t, err, io.ErrShortBuffer)
		require.Equal(t, order.CodeInternal, order.ErrorCode(err))
	})
	t.Run("makes a lack of time unavailable", func(t *testing.T) {
		t.Parallel()
		err := wrapped(context.DeadlineExceeded)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, order.CodeUnavailable, order.ErrorCode(err))
	})
}

func TestAFileBeingWrittenIsUnavailable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	writer, other := open(t, path), open(t, path)
	require.NoError(t, sqlite.InTx(t.Context(), writer, func(*sqlx.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := increment(ctx, other)
		require.True(t, sqlite.Unavailable(err), "%v", err)
		require.Zero(t, count(t, other), "readers do not wait")
		return nil
	}))
	require.NoError(t, increment(t.Context(), other))
}

// The files hold phone numbers: nobody else on the machine is to read them.
func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cafe.db")
	pool, err := sqlite.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	_, err = pool.Exec("CREATE TABLE people (phone TEXT)")
	require.NoError(t, err)
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Greater(t, len(files), 1, "SQLite puts files beside it")
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.EqualValues(t, 0o600, info.Mode().Perm(), file)
	}
}

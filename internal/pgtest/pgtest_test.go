package pgtest_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// tables counts the application's tables in a database.
func tables(t *testing.T, url string) (n int) {
	t.Helper()
	pool, err := sql.Open("postgres", url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, pool.QueryRowContext(t.Context(),
		"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'").Scan(&n))
	return n
}

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	one, other, empty := pgtest.NewDatabase(t), pgtest.NewDatabase(t), pgtest.NewEmptyDatabase(t)
	require.NotEqual(t, one, other)
	require.Positive(t, tables(t, one))
	require.Equal(t, tables(t, one), tables(t, other))
	require.Zero(t, tables(t, empty))
}

//nolint:tparallel // the inner test has to end before the outer one looks
func TestADatabaseIsDroppedWhenItsTestEnds(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("a test", func(t *testing.T) { url = pgtest.NewDatabase(t) })
	pool, err := sql.Open("postgres", url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.ErrorContains(t, pool.PingContext(t.Context()), "does not exist")
}

func TestAClusterCanBeStoppedAndStarted(t *testing.T) {
	t.Parallel()
	cluster := pgtest.NewCluster(t)
	pool, err := sql.Open("postgres", cluster.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	_, err = pool.ExecContext(t.Context(), "CREATE TABLE kept (n INTEGER)")
	require.NoError(t, err)
	for range 2 {
		cluster.Stop()
		cluster.Stop()
		require.Error(t, pool.PingContext(t.Context()))
		cluster.Start()
		_, err = pool.ExecContext(t.Context(), "SELECT n FROM kept")
		require.NoError(t, err)
	}
}

package storage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// fill is a statement that adds 20,000 closed orders and 20 paid ones.
const fill = `
	INSERT INTO orders (id, status, version, placed_at, updated_at, document)
	SELECT 'ord_' || n, CASE WHEN n % 1000 = 0 THEN 'paid' ELSE 'picked_up' END, 1, n, n,
		'a document that is as long as those of real orders are, so that reading one is some work for the database'
	FROM numbers`

// filledPostgres returns a database with 20,000 rows of a statement that selects from
// numbers, and with statistics of their table.
func filledPostgres(t *testing.T, rows, table string) *storage.DB {
	t.Helper()
	d := open(t, newPostgres(t))
	require.NoError(t, d.Exec(t.Context(), "WITH numbers AS (SELECT n FROM generate_series(1, 20000) AS n)"+rows))
	require.NoError(t, d.Exec(t.Context(), "ANALYZE "+table))
	return d
}

// filledSQLite is filledPostgres for SQLite.
func filledSQLite(t *testing.T, rows string) *storage.DB {
	t.Helper()
	d := open(t, backends[1].url(t))
	require.NoError(t, d.Exec(t.Context(),
		"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)"+rows))
	require.NoError(t, d.Exec(t.Context(), "ANALYZE"))
	return d
}

func TestTheBoardReadsNoClosedOrders(t *testing.T) {
	t.Parallel()
	onBoard := []order.Status{order.Paid, order.Accepted, order.Ready}
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		d := filledPostgres(t, fill, "orders")
		plan, err := d.ExplainList(t.Context(), "EXPLAIN", "", onBoard, 51)
		require.NoError(t, err)
		require.Contains(t, plan, "orders_by_status", plan)
		require.NotContains(t, plan, "Seq Scan", plan)
	})
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		d := filledSQLite(t, fill)
		plan, err := d.ExplainList(t.Context(), "EXPLAIN QUERY PLAN", "", onBoard, 51)
		require.NoError(t, err)
		require.Contains(t, plan, "SEARCH orders USING INDEX orders_by_status", plan)
		require.NotRegexp(t, `SCAN orders\b`, plan)
	})
}

package reservationstore_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/reservationstore"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// fill adds 20,000 reservations, nearly all kept, some released or standing, and as many orders and slots.
var fill = []string{`
	INSERT INTO reservations (order_id, store, membership_number, points, coupon, slot_at, cups, capacity, reserved_at, expires_at,
		released_at, kept_at)
	SELECT 'ord_' || n, 'main', '', 0, 'HELLO' || n % 100, n, 1, 20, n, n,
		CASE WHEN n % 1000 = 1 THEN n ELSE 0 END, CASE WHEN n % 1000 IN (1, 2) THEN 0 ELSE n END FROM numbers`, `
	INSERT INTO orders (id, status, version, placed_at, updated_at, document) SELECT 'ord_' || n, 'picked_up', 1, n, n, '{}' FROM numbers`, `
	INSERT INTO slots (store, at, cups) SELECT 'main', n, 1 FROM numbers`, `
	INSERT INTO coupons (code, document, version, uses, uses_per_member, used) SELECT 'HELLO' || n, '{}', 1, 0, 0, 0 FROM numbers WHERE n < 100`,
}

func TestTheSweepAndTheAuditReadNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]struct{ url, numbers, explain, scan string }{
		"PostgreSQL": {"", "WITH numbers AS (SELECT n FROM generate_series(1, 20000) AS n)", "EXPLAIN", "Seq Scan on (reservations|orders|slots)"},
		"SQLite": {"sqlite:" + filepath.Join(t.TempDir(), "cafeforme.db"),
			"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)", "EXPLAIN QUERY PLAN",
			`SCAN (reservations|orders|slots)($|\n| USING INDEX sqlite)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if database.url == "" {
				if testing.Short() {
					t.Skip("needs a PostgreSQL server: not part of the quick tests")
				}
				database.url = pgtest.NewDatabase(t)
			}
			d, err := storage.Open(database.url)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, d.Close()) })
			require.NoError(t, d.Migrate(t.Context()))
			for _, rows := range fill {
				require.NoError(t, d.Reservations.Exec(t.Context(), database.numbers+rows))
			}
			require.NoError(t, d.Reservations.Exec(t.Context(), "ANALYZE"))
			for name, statement := range reservationstore.Statements {
				plan, err := d.Reservations.Explain(t.Context(), database.explain, statement.Text, statement.Args...)
				require.NoError(t, err, name)
				for _, index := range statement.Index {
					require.Contains(t, plan, index, name)
				}
				require.NotRegexp(t, database.scan, plan, name)
			}
		})
	}
}

package storage_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// fillAtOnce is how many orders are added by one statement, which must not take too long.
const fillAtOnce = 10_000

// numbers is a clause for the numbers from one to the other.
func numbers(from, to int) string {
	return fmt.Sprintf("WITH RECURSIVE numbers (n) AS (SELECT %d UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) ", from, to)
}

// filledStores returns a database of so many orders of 2,000 stores, of which each has few on
// its board, as far as the orders are some of those: "TRUE" for all of them.
func filledStores(t testing.TB, url string, orders int, some string) *storage.DB {
	t.Helper()
	d := open(t, url)
	for from := 1; from <= orders; from += fillAtOnce {
		require.NoError(t, d.Exec(t.Context(), numbers(from, from+fillAtOnce-1)+`
			INSERT INTO orders (id, store, status, version, membership_number, placed_at, updated_at, document,
				pickup_sequence, pickup_day, change_number)
			SELECT 'ord_' || n, 'store-' || (n % 2000), CASE WHEN n / 2000 % 10 = 0 THEN 'paid' ELSE 'picked_up' END, 2,
				CASE WHEN n % 3 = 0 THEN 'member-' || (n % 5000) END, n, n,
				'{"id":"ord_' || n || '","status":"paid","version":2,"note":"a document that is as long as those of real orders are"}',
				n / 2000 % 200 + 1, '2026-03-02', n / 2000 + 1
			FROM numbers WHERE `+some))
	}
	for _, statement := range []string{
		numbers(1, 2000) + "INSERT INTO order_changes (store, last) SELECT 'store-' || (n % 2000), 1000 FROM numbers WHERE " + some,
		numbers(1, 2000) + `
			INSERT INTO stores (store, position, version, document, pause)
			SELECT 'store-' || (n % 2000), n, 1, '{}', '{}' FROM numbers WHERE ` + some,
		numbers(1, 2000) + "INSERT INTO store_menus (store, overrides) SELECT 'store-' || (n % 2000), '{}' FROM numbers WHERE " + some,
		"INSERT INTO member_orders (order_id, membership_number) SELECT id, membership_number FROM orders WHERE membership_number IS NOT NULL",
		"ANALYZE",
	} {
		require.NoError(t, d.Exec(t.Context(), statement))
	}
	return d
}

// Whatever a board, an order's page, the staff or a member reads is found by an index,
// however many stores and orders there are.
func TestNothingIsReadOfOtherStores(t *testing.T) {
	t.Parallel()
	const orders = 20_000
	onBoard := []order.Status{order.Paid, order.Accepted, order.Ready}
	reads := func(t *testing.T, d *storage.DB, explain string, check func(t *testing.T, plan string)) {
		t.Helper()
		for what, query := range storage.Reads("store-7", "ord_2007", "member-12") {
			t.Run(what, func(t *testing.T) {
				plan, err := d.Explain(t.Context(), explain, query)
				require.NoError(t, err)
				check(t, plan)
			})
		}
		for list, store := range map[string]string{"a store's board": "store-7", "all boards": ""} {
			t.Run(list, func(t *testing.T) {
				plan, err := d.ExplainList(t.Context(), explain, store, onBoard, 51)
				require.NoError(t, err)
				check(t, plan)
			})
		}
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		reads(t, filledStores(t, newPostgres(t), orders, "TRUE"), "EXPLAIN", func(t *testing.T, plan string) {
			t.Helper()
			require.Regexp(t, "Index (Only )?Scan|Bitmap Index Scan", plan)
			require.NotRegexp(t, "Seq Scan on (orders|order_changes|member_orders|stores|store_menus)", plan)
			require.NotRegexp(t, `cost=\S+\.\.[0-9]{5,}\.`, plan) // far from what is compiled first
		})
	})
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		reads(t, filledStores(t, backends[1].url(t), orders, "TRUE"), "EXPLAIN QUERY PLAN", func(t *testing.T, plan string) {
			t.Helper()
			require.Regexp(t, `SEARCH \w+ USING (COVERING )?INDEX|SEARCH \w+ USING INTEGER PRIMARY KEY`, plan)
			require.NotRegexp(t, `SCAN (o|orders|order_changes|claimed|s|m)\b`, plan)
		})
	})
}

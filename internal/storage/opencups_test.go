package storage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/storestore"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// requireOpen checks what a store has yet to make, in every way in which that is read.
func requireOpen(t *testing.T, d *storage.DB, want store.OpenCups) {
	t.Helper()
	cups, err := d.OpenCups(t.Context(), store.Main, "gangnam")
	require.NoError(t, err)
	require.Equal(t, want, cups[store.Main])
	all, err := d.OpenCups(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, all[store.Main])
	menu, err := d.Menu(t.Context(), store.Main)
	require.NoError(t, err)
	require.Equal(t, want, menu.Store.OpenCups)
	states, err := d.Stores(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, states[0].OpenCups)
}

func TestOpenCupsAreWhatAStoreHasYetToMake(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		requireOpen(t, d, store.OpenCups{})
		project(t, d, placed(t, "ord_1", opening), of("gangnam", placed(t, "ord_2", opening, order.PaymentSucceeded)))
		requireOpen(t, d, store.OpenCups{}) // one is not paid, the other another store's
		project(t, d, placed(t, "ord_1", opening, order.PaymentSucceeded), placed(t, "ord_3", opening, order.PaymentSucceeded))
		requireOpen(t, d, store.OpenCups{Now: 4})
		project(t, d, placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept))
		requireOpen(t, d, store.OpenCups{Now: 4})
		project(t, d, placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept, order.MarkReady),
			placed(t, "ord_3", opening, order.PaymentSucceeded, order.Reject))
		requireOpen(t, d, store.OpenCups{})

		later, at := placed(t, "ord_4", opening, order.PaymentSucceeded), opening.Add(3*time.Hour)
		later.PickupAt = &at
		project(t, d, later)
		requireOpen(t, d, store.OpenCups{}) // it is not due
		later.OfferedAt, later.Version = new(at.Add(-10*time.Minute)), later.Version+1
		project(t, d, later)
		requireOpen(t, d, store.OpenCups{Later: 2})
		later.Items[0].RefundedQty, later.Version = 1, later.Version+1
		project(t, d, later)
		requireOpen(t, d, store.OpenCups{Later: 1})
	})
}

// However many orders there were, what stores have to make is found among what is open.
func TestOpenCupsReadNoOrdersThatAreOver(t *testing.T) {
	t.Parallel()
	queries := map[string]storage.Query{
		"of all stores": {Text: storestore.OpenCupsQuery + " GROUP BY store"},
		"of one store":  {Text: storestore.OpenCupsQuery + " AND store IN (?) GROUP BY store", Args: []any{"store-7"}},
		"of a menu":     {Text: "SELECT " + storestore.OpenCupsColumns + " FROM stores s WHERE s.store = ?", Args: []any{"store-7"}},
	}
	check := func(t *testing.T, d *storage.DB, explain, index, scan string) {
		t.Helper()
		for what, query := range queries {
			plan, err := d.Explain(t.Context(), explain, query)
			require.NoError(t, err)
			require.Regexp(t, index, plan, what)
			require.NotRegexp(t, scan, plan, what)
		}
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		check(t, filledStores(t, newPostgres(t), 20_000, "TRUE"), "EXPLAIN", "orders_open", "Seq Scan on orders")
	})
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		check(t, filledStores(t, backends[1].url(t), 20_000, "TRUE"), "EXPLAIN QUERY PLAN", "orders_open|orders_by_status|orders_of_store", // all by status
			`SCAN orders($|\n)`)
	})
}

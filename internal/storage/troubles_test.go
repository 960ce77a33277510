package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/storestore"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func TestTheTroublesOfStoresAreCounted(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		busan := gangnam()
		busan.Store = "busan"
		addStore(t, d, gangnam())
		addStore(t, d, busan)
		now := opening.Add(3 * time.Hour)
		orders := 0
		placedAt := func(store string, status order.Status, ago time.Duration) {
			orders++
			s := placed(t, fmt.Sprintf("ord_%d", orders), now.Add(-ago), order.PaymentSucceeded)
			s.Store, s.Status = store, status
			_, err := d.Project(t.Context(), order.Projection{Snapshot: s})
			require.NoError(t, err)
		}
		placedAt("gangnam", order.Paid, 7*time.Minute)
		placedAt("gangnam", order.Paid, 20*time.Minute)
		placedAt("gangnam", order.Paid, time.Minute)
		placedAt("gangnam", order.Rejected, 10*time.Minute)
		placedAt("gangnam", order.Expired, 50*time.Minute)
		placedAt("gangnam", order.PaymentFailed, 10*time.Minute)
		placedAt("gangnam", order.PickedUp, 70*time.Minute)
		placedAt("main", order.Expired, 70*time.Minute)
		placedAt("busan", order.Paid, time.Minute)
		for id, offeredAt := range map[string]*time.Time{"ord_waits": nil, "ord_offered": new(now.Add(-time.Minute))} {
			later := placed(t, id, now.Add(-2*time.Hour), order.PaymentSucceeded)
			later.Store, later.PickupAt, later.OfferedAt = "busan", new(now.Add(time.Hour)), offeredAt
			_, err := d.Project(t.Context(), order.Projection{Snapshot: later})
			require.NoError(t, err)
		}

		troubles, err := d.Troubles(t.Context(), now.Add(-5*time.Minute), now.Add(-time.Hour))
		require.NoError(t, err)
		require.Equal(t, []store.Trouble{{
			Store: "gangnam", Unanswered: 2, OldestUnanswered: now.Add(-20 * time.Minute), Lost: 2,
		}}, troubles)
		came, err := d.CountPlaced(t.Context(), []string{"gangnam", "busan", "main"}, now.Add(-time.Hour))
		require.NoError(t, err)
		require.Equal(t, map[string]int64{"gangnam": 5, "busan": 1}, came)
		came, err = d.CountPlaced(t.Context(), nil, now)
		require.NoError(t, err)
		require.Empty(t, came)
	})
}

// However many orders there are, those in trouble are found by an index alone.
func TestTroublesReadNoOtherOrders(t *testing.T) {
	t.Parallel()
	const orders = 20_000
	query := storage.Query{Text: storestore.TroublesQuery, Args: []any{orders, orders - 1000, orders - 1000}}
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		plan, err := filledStores(t, newPostgres(t), orders, "TRUE").Explain(t.Context(), "EXPLAIN", query)
		require.NoError(t, err)
		require.Regexp(t, "Index Only Scan using orders_of_store", plan)
		require.NotContains(t, plan, "Seq Scan on orders")
	})
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		plan, err := filledStores(t, backends[1].url(t), orders, "TRUE").Explain(t.Context(), "EXPLAIN QUERY PLAN", query)
		require.NoError(t, err)
		require.Contains(t, plan, "SEARCH o USING COVERING INDEX orders_of_store")
		require.NotRegexp(t, `SCAN o\b`, plan)
	})
}

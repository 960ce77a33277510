package db_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/db"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/order"
)

// The board's first page beside many open orders, in turns with that beside few. The
// metric is the ratio of their medians, which is to stay at one:
//
//	go test ./db -run '^$' -bench TheBoard -benchtime 400x
func BenchmarkTheBoardBesideOpenOrders(b *testing.B) {
	const few, many = 1_000, 50_000
	beside := map[int]*db.DB{few: openOrders(b, few), many: openOrders(b, many)}
	took := map[int][]time.Duration{}
	for b.Loop() {
		for open, d := range beside {
			from := time.Now()
			page, _, err := d.List(b.Context(), []order.Status{order.Paid, order.Accepted, order.Ready}, 50, "")
			took[open] = append(took[open], time.Since(from))
			require.NoError(b, err)
			require.Len(b, page, 50)
		}
	}
	median := func(open int) float64 {
		slices.Sort(took[open])
		return took[open][len(took[open])/2].Seconds()
	}
	b.ReportMetric(median(many)/median(few), "many/few")
}

// openOrders returns a PostgreSQL database with so many orders that wait for the store.
func openOrders(b *testing.B, n int) *db.DB {
	b.Helper()
	d, err := db.Open(pgtest.NewDatabase(b))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, d.Close()) })
	var all sync.WaitGroup
	const writers = 8
	failed := make(chan error, n)
	for first := range writers {
		all.Go(func() {
			for i := first; i < n; i += writers {
				s := order.Snapshot{
					ID: fmt.Sprintf("ord_%026d", i), Status: order.Paid, Version: 2, PlacedAt: opening.Add(time.Duration(i) * time.Second),
					Items:    []order.Item{{Product: "IceAmericano", Qty: 2, Price: order.Money{Amount: 2000, Currency: "KRW"}}},
					Timeline: []order.Entry{{Status: order.Paid, At: opening}},
				}.WithPickupNumber("A-27")
				if _, err := d.Reproject(b.Context(), s, 0); err != nil {
					failed <- err
				}
			}
		})
	}
	all.Wait()
	require.Empty(b, failed)
	return d
}

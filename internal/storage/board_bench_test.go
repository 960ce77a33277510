package storage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// What is read beside many open orders, in turns with that beside few. The metric
// is the ratio of the medians, which is to stay at one:
//
//	go test ./db -run '^$' -bench BesideOpenOrders -benchtime 400x
const few, many = 1_000, 50_000

// The board's first page.
func BenchmarkTheBoardBesideOpenOrders(b *testing.B) {
	besideOpenOrders(b, func(d *storage.DB, _ int) error {
		page, _, err := d.List(b.Context(), order.MainStore, []order.Status{order.Paid, order.Accepted, order.Ready}, 50, "")
		if err == nil {
			require.Len(b, page, 50)
		}
		return err
	})
}

// One order, as its customer's page reads it.
func BenchmarkTrackingBesideOpenOrders(b *testing.B) {
	besideOpenOrders(b, func(d *storage.DB, open int) error {
		_, err := d.Order(b.Context(), openOrder(rand.IntN(open)))
		return err
	})
}

func besideOpenOrders(b *testing.B, read func(d *storage.DB, open int) error) {
	b.Helper()
	beside := map[int]*storage.DB{few: openOrders(b, few), many: openOrders(b, many)}
	took := map[int][]time.Duration{}
	for b.Loop() {
		for open, d := range beside {
			from := time.Now()
			err := read(d, open)
			took[open] = append(took[open], time.Since(from))
			require.NoError(b, err)
		}
	}
	median := func(open int) float64 {
		slices.Sort(took[open])
		return took[open][len(took[open])/2].Seconds()
	}
	b.ReportMetric(median(many)/median(few), "many/few")
}

// openOrder is the ID of the i-th open order.
func openOrder(i int) string { return fmt.Sprintf("ord_%026d", i) }

// openOrders returns a PostgreSQL database with so many orders that wait for the store.
func openOrders(b *testing.B, n int) *storage.DB {
	b.Helper()
	d := open(b, pgtest.NewDatabase(b))
	orders := make([]order.Snapshot, n)
	for i := range orders {
		at := opening.Add(time.Duration(i) * time.Second)
		orders[i] = placed(b, openOrder(i), at, order.PaymentSucceeded).WithPickupNumber("A-27")
	}
	var all sync.WaitGroup
	const writers = 8
	failed := make(chan error, n)
	for first := range writers {
		all.Go(func() {
			for i := first; i < n; i += writers {
				if _, err := d.Reproject(b.Context(), orders[i], 0); err != nil {
					failed <- err
				}
			}
		})
	}
	all.Wait()
	close(failed)
	require.NoError(b, <-failed)
	return d
}

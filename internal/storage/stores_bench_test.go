package storage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// What a store, a customer and a member read in a chain of 2,000 stores with a million
// orders, in turns with the same in one of these stores by itself. The metric is the ratio
// of the medians, which is to stay at one:
//
//	go test ./internal/storage -run '^$' -bench AmongStores -benchtime 400x
func BenchmarkAmongStores(b *testing.B) {
	chain := filledStores(b, pgtest.NewDatabase(b), 1_000_000, "TRUE")
	one := filledStores(b, pgtest.NewDatabase(b), 1_000_000, "n % 2000 = 7")
	onBoard := []order.Status{order.Paid, order.Accepted, order.Ready}
	ofStore := func(i int) string { return fmt.Sprintf("ord_%d", 2000*(1+i%499)+7) }
	for name, read := range map[string]func(d *storage.DB, i int) error{
		"board": func(d *storage.DB, _ int) error {
			_, _, err := d.List(b.Context(), "store-7", onBoard, 50, "")
			return err
		},
		"changes": func(d *storage.DB, i int) error {
			_, err := d.Since(b.Context(), "store-7", int64(i%400), 10)
			return err
		},
		"tracking": func(d *storage.DB, i int) error { _, err := d.Order(b.Context(), ofStore(i)); return err },
		"number": func(d *storage.DB, i int) error {
			_, err := d.OrderOf(b.Context(), "store-7", fmt.Sprintf("A-%d", i%99+1), "2026-03-02")
			return err
		},
		"latest": func(d *storage.DB, _ int) error { _, err := d.Latest(b.Context(), "store-7"); return err },
	} {
		b.Run(name, func(b *testing.B) { inTurns(b, chain, one, read) })
	}
}

// inTurns reports how much longer a read takes in the first database than in the second.
func inTurns(b *testing.B, first, second *storage.DB, read func(d *storage.DB, i int) error) {
	b.Helper()
	var took [2][]time.Duration
	for b.Loop() {
		i := rand.Int()
		for which, d := range []*storage.DB{first, second} {
			from := time.Now()
			err := read(d, i)
			took[which] = append(took[which], time.Since(from))
			require.NoError(b, err)
		}
	}
	var median [2]float64
	for which := range took {
		slices.Sort(took[which])
		median[which] = took[which][len(took[which])/2].Seconds()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median[0]*1e6, "us")
	b.ReportMetric(median[0]/median[1], "chain/one")
}

// The troubles of 2,000 stores with a million orders, of which every tenth waits for its store:
//
//	go test ./internal/storage -run '^$' -bench Troubles
func BenchmarkTroubles(b *testing.B) {
	chain := filledStores(b, pgtest.NewDatabase(b), 1_000_000, "TRUE")
	for b.Loop() {
		troubles, err := chain.Troubles(b.Context(), time.UnixMicro(990_000), time.UnixMicro(900_000))
		require.NoError(b, err)
		require.Len(b, troubles, 2_000)
	}
}

package storage_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

var _ live.Changes = (*storage.DB)(nil)

// report is what a listener was told.
type report struct {
	change readmodel.Change
	err    error
}

// listen listens until the test ends, and returns what is reported once changes
// can be heard of.
func listen(t *testing.T, d *storage.DB) <-chan report {
	t.Helper()
	reports := make(chan report, 1000)
	ctx, stop := context.WithCancel(context.Background())
	var listening sync.WaitGroup
	listening.Go(func() { d.Listen(ctx, func(c readmodel.Change, err error) { reports <- report{c, err} }) })
	t.Cleanup(func() { stop(); listening.Wait() })
	require.Equal(t, readmodel.Change{}, hear(t, reports))
	return reports
}

// hear returns the next change, and passes over what is only news.
func hear(t *testing.T, reports <-chan report) readmodel.Change {
	t.Helper()
	for {
		select {
		case r := <-reports:
			if r.err == nil {
				return r.change
			}
		case <-time.After(time.Minute):
			t.Fatal("nothing is reported")
		}
	}
}

func TestEveryWriteIsReported(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		d := open(t, url)
		one, other := listen(t, d), listen(t, d)
		paid := placed(t, "ord_1 with spaces", opening, order.PaymentSucceeded)
		project(t, d, paid)
		_, err := d.Reproject(t.Context(), paid, numberOf(t, d, paid.ID))
		require.NoError(t, err)
		edits(t, d, puts(drink("Aade", 1)), removes("Aade"))
		require.NoError(t, d.SetPause(t.Context(), store.Main, store.Pause{Paused: true}))
		_, err = d.PutStore(t.Context(), "gangnam", puttingStore(gangnam()))
		require.NoError(t, err)
		for _, reports := range []<-chan report{one, other} {
			for _, want := range []readmodel.Change{
				{Store: order.MainStore, Number: 1}, {Store: order.MainStore, Number: 2},
				{Menu: true}, {Menu: true}, {Store: order.MainStore, Menu: true}, {Store: "gangnam", Menu: true},
			} {
				require.Equal(t, want, hear(t, reports))
			}
		}
	})
}

func TestWhatChangesNothingIsNotReported(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		paid := placed(t, "ord_1", opening, order.PaymentSucceeded)
		project(t, d, paid)
		reports := listen(t, d)
		project(t, d, placed(t, "ord_1", opening))
		done, err := d.Reproject(t.Context(), paid, 77)
		require.NoError(t, err)
		require.False(t, done)
		edits(t, d, removes("Nothing"))
		require.NoError(t, d.SetPause(t.Context(), store.Main, store.Pause{}))
		_, err = d.PutStore(t.Context(), store.Main, keep)
		require.NoError(t, err)
		project(t, d, placed(t, "ord_2", opening))
		require.Equal(t, numberOf(t, d, "ord_2"), hear(t, reports).Number)
	})
}

func TestAReportComesAfterItsChangeCanBeRead(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		d := open(t, url)
		reports := listen(t, d)
		for i := range 20 {
			id := fmt.Sprintf("ord_%02d", i)
			project(t, d, placed(t, id, opening))
			change := hear(t, reports)
			revision, err := d.Revision(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, readmodel.Change{Store: order.MainStore, Number: revision.Number}, change)
		}
	})
}

func TestSinceReturnsEachChangedOrderOnceAndInOrder(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		none, err := d.Since(t.Context(), order.MainStore, 0, 10)
		require.NoError(t, err)
		require.Empty(t, none)
		accepted := placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept)
		project(t, d, placed(t, "ord_1", opening), placed(t, "ord_2", opening), accepted, placed(t, "ord_3", opening))
		latest, err := d.Latest(t.Context(), order.MainStore)
		require.NoError(t, err)
		require.EqualValues(t, 4, latest)

		require.Equal(t, []string{"ord_2 2", "ord_1 3", "ord_3 4"}, since(t, d, 0, 10))
		require.Equal(t, []string{"ord_2 2", "ord_1 3"}, since(t, d, 0, 2))
		require.Equal(t, []string{"ord_3 4"}, since(t, d, 3, 10))
		revision, err := d.Revision(t.Context(), "ord_1")
		require.NoError(t, err)
		require.Equal(t, readmodel.Revision{Snapshot: accepted, Number: 3}, revision)
		_, err = d.Revision(t.Context(), "ord_\x00")
		requireCode(t, order.CodeNotFound, err)
		_, err = d.Revision(t.Context(), "ord_4")
		requireCode(t, order.CodeNotFound, err)
	})
}

func since(t *testing.T, d *storage.DB, number int64, limit int) []string {
	t.Helper()
	revisions, err := d.Since(t.Context(), order.MainStore, number, limit)
	require.NoError(t, err)
	return numbered(revisions)
}

// numbered returns the orders with the numbers of their latest changes.
func numbered(revisions []readmodel.Revision) (found []string) {
	for _, r := range revisions {
		found = append(found, fmt.Sprint(r.ID, " ", r.Number))
	}
	return found
}

// Whoever has read a number and then reads on from it misses nothing, however
// many write at once.
func TestReadingOnFromANumberMissesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		var writing sync.WaitGroup
		writing.Go(func() {
			together(func(i int) {
				projected(t, d, projection(placed(t, fmt.Sprintf("ord_%03d", i), opening)))
			})
		})
		seen := map[string]bool{}
		for number := int64(0); len(seen) < concurrency; {
			require.NoError(t, t.Context().Err())
			revisions, err := d.Since(t.Context(), order.MainStore, number, 7)
			require.NoError(t, err)
			for _, r := range revisions {
				require.Equal(t, number+1, r.Number, "no number is passed over")
				require.False(t, seen[r.ID])
				seen[r.ID], number = true, r.Number
			}
		}
		writing.Wait()
	})
}

func TestAListenerComesBackAfterTheServer(t *testing.T) {
	t.Parallel()
	needsPostgres(t)
	cluster := pgtest.NewCluster(t)
	d := open(t, cluster.URL())
	reports := listen(t, d)
	project(t, d, placed(t, "ord_1", opening))
	require.Equal(t, readmodel.Change{Store: order.MainStore, Number: 1}, hear(t, reports))

	cluster.Stop()
	for lost := false; !lost; {
		select {
		case r := <-reports:
			lost = r.err != nil
		case <-time.After(time.Minute):
			t.Fatal("the loss is not reported")
		}
	}
	cluster.Start()
	require.Equal(t, readmodel.Change{}, hear(t, reports), "anything may have been missed")
	project(t, d, placed(t, "ord_2", opening))
	require.Equal(t, readmodel.Change{Store: order.MainStore, Number: 2}, hear(t, reports))
}

func TestListeningBeginsWhenTheServerDoes(t *testing.T) {
	t.Parallel()
	needsPostgres(t)
	cluster := pgtest.NewCluster(t)
	cluster.Stop()
	d := open(t, cluster.URL())
	ctx, stop := context.WithCancel(t.Context())
	reports := make(chan report, 1000)
	var listening sync.WaitGroup
	listening.Go(func() { d.Listen(ctx, func(c readmodel.Change, err error) { reports <- report{c, err} }) })
	require.Error(t, (<-reports).err)
	cluster.Start()
	require.Equal(t, readmodel.Change{}, hear(t, reports))
	stop()
	listening.Wait()
}

// A change is one statement: what it costs to number and to announce it. With
// many at once they queue for the number, and in any case for PostgreSQL's lock
// on notifications.
func BenchmarkProject(b *testing.B) {
	d, err := storage.Open(pgtest.NewDatabase(b))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, d.Close()) })
	snapshot := placed(b, "ord", opening)
	var n atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s := snapshot
			s.ID = fmt.Sprint("ord_", n.Add(1)%1000)
			if _, err := d.Project(b.Context(), order.Projection{Snapshot: s}); err != nil {
				b.Error(err)
			}
		}
	})
}

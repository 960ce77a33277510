package storage_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// The orders of announcingStores are written by announcingWriters at once, in as many
	// processes as are needed for a connection each.
	announcingStores, announcingProcesses, announcingWriters = 2_000, 4, 64
	// announcedRound is how many orders are written at a time, in the one way and the other.
	announcedRound = 500
)

// announcedTogether is the statement by which an order was stored and announced before
// there were stores: all changes counted in one row, and each announced with its commit.
const announcedTogether = `
	WITH member AS (SELECT erased_at FROM members WHERE number = $1 FOR SHARE SKIP LOCKED),
	tick AS (UPDATE order_changes SET last = last + 1 WHERE store = 'main' RETURNING last),
	changed AS (
		INSERT INTO orders (id, status, version, membership_number, placed_at, updated_at, document,
			run_id, history_length, pickup_sequence, pickup_day, change_number)
		VALUES ($2, $3, $4, $1, $5, $6, $7, '', 0, NULL, NULL, (SELECT last FROM tick))
		ON CONFLICT (id) DO UPDATE SET
			status = excluded.status, version = excluded.version, membership_number = excluded.membership_number,
			placed_at = excluded.placed_at, updated_at = excluded.updated_at, document = excluded.document,
			run_id = excluded.run_id, history_length = excluded.history_length,
			change_number = excluded.change_number, forgotten_at = NULL
		WHERE excluded.run_id <> orders.run_id OR excluded.history_length >= orders.history_length
		RETURNING change_number, version, id),
	told AS MATERIALIZED (SELECT pg_notify('cafeforme_changes', change_number || ' ' || version || ' ' || id) FROM changed)
	SELECT (SELECT COUNT(*) FROM told) AS rows,
		EXISTS (SELECT 1 FROM member) AS looked, EXISTS (SELECT 1 FROM member WHERE erased_at IS NOT NULL) AS erased`

// Announced writes per second, in turns as they were before there were stores and as they
// are now, over 2,000 stores: on the same server, with as many connections, the same
// orders, and somebody who listens, who must have heard of all that was written in the end.
// PostgreSQL flushes each commit (fsync and synchronous_commit are on), and takes some
// milliseconds more for it where the name says so: the server's own commit_delay, which
// waits in the middle of the flush, as a disk in a network or a second copy of the database
// makes it wait. The metric is the ratio of the best rounds:
//
//	go test ./internal/storage -run '^$' -bench AnnouncedWrites -benchtime 4x
func BenchmarkAnnouncedWrites(b *testing.B) {
	for _, delay := range []int{0, 4} {
		b.Run(fmt.Sprintf("%dms-more", delay), func(b *testing.B) { announcedWrites(b, delay) })
	}
}

func announcedWrites(b *testing.B, delay int) {
	b.Helper()
	url := pgtest.NewDurableCluster(b).URL()
	slowCommits(b, url, delay)
	ways := []*announcedWay{writesTogether(b, url), writesPerStore(b, url)}
	heard := hearStores(b, url)
	for b.Loop() {
		for _, way := range ways {
			way.round(b)
		}
	}
	require.Eventually(b, func() bool { return heard() == ways[1].written.Load() }, time.Minute, 10*time.Millisecond)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(commitTime(b, url), "ms/commit")
	b.ReportMetric(ways[0].best, "before/s")
	b.ReportMetric(ways[1].best, "now/s")
	b.ReportMetric(ways[1].best/ways[0].best, "now/before")
}

// slowCommits has every commit of the database take so many milliseconds more.
func slowCommits(b *testing.B, url string, milliseconds int) {
	b.Helper()
	d := open(b, url)
	name := url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
	for _, setting := range []string{fmt.Sprintf("commit_delay = %d", milliseconds*1000), "commit_siblings = 0"} {
		require.NoError(b, d.Exec(b.Context(), "ALTER DATABASE "+name+" SET "+setting))
	}
}

// announcedWay is one way to store and announce an order.
type announcedWay struct {
	// write stores the i-th order, in the process of that writer.
	write   func(writer int, i int64) error
	written atomic.Int64
	// best is how many were written per second in the best round.
	best float64
}

// round writes some orders.
func (w *announcedWay) round(b *testing.B) {
	b.Helper()
	var all sync.WaitGroup
	failed := make(chan error, announcingWriters)
	from := time.Now()
	until := w.written.Load() + announcedRound
	var next atomic.Int64
	next.Store(w.written.Load())
	for writer := range announcingWriters {
		all.Go(func() {
			for i := next.Add(1); i <= until; i = next.Add(1) {
				if err := w.write(writer, i); err != nil {
					failed <- err
					return
				}
				w.written.Add(1)
			}
		})
	}
	all.Wait()
	close(failed)
	require.NoError(b, <-failed)
	w.best = max(w.best, announcedRound/time.Since(from).Seconds())
}

// announcedOrder is the i-th order.
func announcedOrder(b *testing.B, way string, i int64) order.Snapshot {
	b.Helper()
	s := placed(b, fmt.Sprintf("ord_%s_%d", way, i), opening, order.PaymentSucceeded)
	s.Store = fmt.Sprintf("store-%d", i%announcingStores)
	return s
}

func writesTogether(b *testing.B, url string) *announcedWay {
	b.Helper()
	var statements [announcingProcesses]*sql.Stmt
	for i := range statements {
		pool, err := sql.Open("postgres", url)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, pool.Close()) })
		pool.SetMaxOpenConns(announcingWriters / announcingProcesses)
		pool.SetMaxIdleConns(announcingWriters / announcingProcesses)
		statement, err := pool.PrepareContext(b.Context(), announcedTogether)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, statement.Close()) })
		statements[i] = statement
	}
	return &announcedWay{write: func(writer int, i int64) error {
		s := announcedOrder(b, "before", i)
		document, err := json.Marshal(s)
		if err != nil {
			return err
		}
		var rows int64
		var looked, erased bool
		return statements[writer%announcingProcesses].QueryRowContext(b.Context(), sql.NullString{}, s.ID, s.Status, s.Version,
			s.PlacedAt.UnixMicro(), time.Now().UnixMicro(), string(document)).Scan(&rows, &looked, &erased)
	}}
}

func writesPerStore(b *testing.B, url string) *announcedWay {
	b.Helper()
	var processes [announcingProcesses]*storage.DB
	for i := range processes {
		processes[i] = open(b, url)
	}
	return &announcedWay{write: func(writer int, i int64) (err error) {
		projection := order.Projection{Snapshot: announcedOrder(b, "now", i)}
		for again := true; again; again = order.ErrorCode(err) == order.CodeUnavailable { // as a worker does
			_, err = processes[writer%announcingProcesses].Project(b.Context(), projection)
		}
		return err
	}}
}

// hearStores listens, and returns of how many changes of the stores was heard.
func hearStores(b *testing.B, url string) func() int64 {
	b.Helper()
	var mu sync.Mutex
	latest, sum := map[string]int64{}, int64(0)
	d, ready := open(b, url), make(chan struct{})
	var listening sync.WaitGroup
	listening.Go(func() {
		d.Listen(b.Context(), func(c readmodel.Change, err error) {
			mu.Lock()
			defer mu.Unlock()
			switch known := latest[c.Store]; {
			case err != nil:
				b.Error(err)
			case c == readmodel.Change{}:
				close(ready)
			case c.Store != order.MainStore && c.Number > known:
				latest[c.Store], sum = c.Number, sum+c.Number-known
			}
		})
	})
	b.Cleanup(listening.Wait)
	<-ready
	return func() int64 {
		mu.Lock()
		defer mu.Unlock()
		return sum
	}
}

// commitTime returns how long the smallest write takes, in milliseconds.
func commitTime(b *testing.B, url string) float64 {
	b.Helper()
	pool, err := sql.Open("postgres", url)
	require.NoError(b, err)
	defer func() { require.NoError(b, pool.Close()) }()
	const commits = 100
	from := time.Now()
	for range commits {
		_, err := pool.ExecContext(b.Context(), "UPDATE order_changes SET last = last WHERE store = 'main'")
		require.NoError(b, err)
	}
	return time.Since(from).Seconds() * 1000 / commits
}

package storage_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

const today, tomorrow = "2026-03-02", "2026-03-03"

// toBoard brings an order that was paid to the board, and returns its pick-up number.
func toBoard(t *testing.T, d *storage.DB, id, day string) (number string) {
	t.Helper()
	p := projection(placed(t, id, opening, order.PaymentSucceeded))
	p.PickupDay = day
	return projected(t, d, p)
}

// offBoard has the order end.
func offBoard(t *testing.T, d *storage.DB, id string) {
	t.Helper()
	projected(t, d, projection(placed(t, id, opening, order.PaymentSucceeded, order.Reject)))
}

func numberShown(t *testing.T, d *storage.DB, id string) string {
	t.Helper()
	s, err := d.Order(t.Context(), id)
	require.NoError(t, err)
	if s.PickupNumber == nil {
		return ""
	}
	return *s.PickupNumber
}

func TestPickupNumbersAreGivenInTurn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for i := range 30 {
			want := fmt.Sprintf("A-%d", i+1)
			id := fmt.Sprintf("ord_%d", i)
			require.Equal(t, want, toBoard(t, d, id, today))
			require.Equal(t, want, numberShown(t, d, id))
		}
	})
}

func TestAnOrderThatIsNotOnTheBoardHasNoPickupNumber(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.Empty(t, projected(t, d, projection(placed(t, "ord_1", opening))))
		require.Empty(t, projected(t, d, projection(placed(t, "ord_1", opening, order.PaymentSucceeded, order.Cancel))))
		require.Empty(t, numberShown(t, d, "ord_1"))
		require.Equal(t, "A-1", toBoard(t, d, "ord_2", today), "no number is wasted")
	})
}

func TestAnOrderKeepsItsPickupNumber(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for range 2 {
			require.Equal(t, "A-1", toBoard(t, d, "ord_1", today))
		}
		require.Equal(t, "A-1", toBoard(t, d, "ord_1", tomorrow), "also on another day")
		require.Equal(t, "A-2", toBoard(t, d, "ord_2", today))
		accepted := placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept)
		require.Equal(t, "A-1", projected(t, d, projection(accepted.WithPickupNumber("A-1"))))
		require.Equal(t, "A-1", numberShown(t, d, "ord_1"))
		offBoard(t, d, "ord_1")
		require.Equal(t, "A-1", numberShown(t, d, "ord_1"), "also when it is off the board")
	})
}

// A row that was lost is written again with the number that the order's customer was told.
func TestAnOrderBringsItsPickupNumberAlong(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		ready := placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept, order.MarkReady).WithPickupNumber("A-27")
		require.Equal(t, "A-27", projected(t, d, projection(ready)))
		require.Equal(t, "A-27", numberShown(t, d, "ord_1"))
	})
}

func TestAProjectionThatComesTooLateIsToldTheNumber(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		paid := projection(placed(t, "ord_1", opening, order.PaymentSucceeded))
		require.Equal(t, "A-1", toBoard(t, d, "ord_1", today))
		paid.PickupDay, paid.HistoryLength = today, 1
		require.Equal(t, "A-1", projected(t, d, paid))
	})
}

func TestAnOrderIsFoundByItsPickupNumber(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number := toBoard(t, d, "ord_1", today)
		for _, day := range []string{today, tomorrow} {
			id, err := d.OrderOf(t.Context(), order.MainStore, number, day)
			require.NoError(t, err)
			require.Equal(t, "ord_1", id, "it is on the board")
		}
		for _, unknown := range []string{"A-2", "ord_1", "A-2147483648"} {
			_, err := d.OrderOf(t.Context(), order.MainStore, unknown, today)
			require.Equal(t, order.CodeNotFound, order.ErrorCode(err), unknown)
		}
		offBoard(t, d, "ord_1")
		id, err := d.OrderOf(t.Context(), order.MainStore, number, today)
		require.NoError(t, err)
		require.Equal(t, "ord_1", id, "it was this day's")
		_, err = d.OrderOf(t.Context(), order.MainStore, number, tomorrow)
		require.Equal(t, order.CodeNotFound, order.ErrorCode(err), "it was another day's")
		toBoard(t, d, "ord_2", today)
		require.Equal(t, number, toBoard(t, d, "ord_3", tomorrow))
		id, err = d.OrderOf(t.Context(), order.MainStore, number, today)
		require.NoError(t, err)
		require.Equal(t, "ord_3", id, "what is on the board comes first")
	})
}

// A number is given again when its order is off the board, and not before.
func TestPickupNumbersBeginAgainEachDayWithoutThoseOnTheBoard(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for i := range 5 {
			toBoard(t, d, fmt.Sprintf("ord_%d", i), today)
		}
		offBoard(t, d, "ord_0")
		offBoard(t, d, "ord_2")
		require.Equal(t, "A-1", toBoard(t, d, "new_1", tomorrow))
		require.Equal(t, "A-3", toBoard(t, d, "new_2", tomorrow), "A-2 is on the board")
		require.Equal(t, "A-6", toBoard(t, d, "late", today), "a late one of the day before is of the new day")
		require.Equal(t, "A-7", toBoard(t, d, "new_3", tomorrow))
	})
}

func TestOneOrderProjectedByManyAtOnceHasOneNumber(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		var numbers [concurrency]string
		together(func(i int) { numbers[i] = toBoard(t, d, "ord_1", today) })
		for _, number := range numbers {
			require.Equal(t, numberShown(t, d, "ord_1"), number)
		}
	})
}

func TestManyOrdersAtOnceHaveDifferentNumbers(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		// Two processes, at midnight.
		databases := [2]*storage.DB{open(t, url), open(t, url)}
		var numbers [concurrency]string
		together(func(i int) {
			numbers[i] = toBoard(t, databases[i%2], fmt.Sprintf("ord_%d", i), []string{today, tomorrow}[i/(concurrency/2)])
		})
		seen := map[string]bool{}
		for _, number := range numbers {
			assert.False(t, seen[number], "%s is two orders'", number)
			seen[number] = true
		}
	})
}

// A series that was lost, as in a database that was mended by hand, gives no number that
// an order on the board has.
func TestALostSeriesGivesNoNumberThatIsOnTheBoard(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.Equal(t, "A-1", toBoard(t, d, "ord_1", today))
		require.NoError(t, d.Exec(t.Context(), "DELETE FROM pickup_series"))
		require.Equal(t, "A-2", toBoard(t, d, "ord_2", today))
	})
}

// Orders of the new day wait for the store's lock while others of the day before come to
// its board, with low numbers: as in a small store, at midnight.
func TestANewDaySparesTheNumbersThatWereGivenWhileItBegan(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	d := open(t, url)
	require.Equal(t, "A-1", toBoard(t, d, "ord_1", today))
	other, err := sqlx.ConnectContext(t.Context(), "postgres", url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	before, err := other.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	before.MustExec("UPDATE order_changes SET last = last + 2 WHERE store = 'main'")
	var numbers [4]string
	var all sync.WaitGroup
	for i := range numbers {
		all.Go(func() { numbers[i] = toBoard(t, d, fmt.Sprintf("new_%d", i), tomorrow) })
	}
	require.Eventually(t, func() bool {
		var waiting int
		require.NoError(t, other.Get(&waiting, "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))
		return waiting == len(numbers)
	}, time.Minute, 10*time.Millisecond)
	before.MustExec("UPDATE pickup_series SET last_number = 3 WHERE store = 'main'")
	for n := 2; n <= 3; n++ {
		before.MustExec(`
			INSERT INTO orders (id, store, status, version, placed_at, updated_at, document, pickup_sequence, pickup_day, change_number)
			SELECT $1, store, status, version, placed_at, updated_at, document, $2, pickup_day, $3 FROM orders WHERE id = 'ord_1'`, fmt.Sprintf("late_%d", n), n, n)
	}
	require.NoError(t, before.Commit())
	all.Wait()
	require.ElementsMatch(t, []string{"A-4", "A-5", "A-6", "A-7"}, numbers)
	offBoard(t, d, "ord_1")
	require.Equal(t, "A-8", toBoard(t, d, "new_4", tomorrow), "what was held stays so for the day")
}

// The workflow of a refund begins a history of its own, and comes after the order's: what that
// one writes late changes nothing, and neither does a refund of a lower number.
func TestTheWorkflowOfARefundComesAfterTheOrders(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		s := placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp)
		at := func(version int64, refund int, run string, length int) order.Projection {
			p := order.Projection{Snapshot: s, RefundWorkflow: refund, RunID: run, HistoryLength: length}
			p.Version = version
			return p
		}
		for _, step := range []struct {
			says  string
			write order.Projection
			want  int64
		}{
			{"the order's own", at(9, 0, "run-0", 60), 9},
			{"its first refund", at(10, 1, "run-1", 4), 10},
			{"late of the order's own", at(8, 0, "run-0", 61), 10},
			{"of another run of the order's own", at(30, 0, "run-0b", 70), 10},
			{"later of the refund", at(11, 1, "run-1", 9), 11},
			{"late of the refund", at(10, 1, "run-1", 4), 11},
			{"of another run of the refund", at(10, 1, "run-1b", 4), 10},
			{"the next refund, made by a workflow of its own", at(12, 3, "run-3", 4), 12},
			{"late of the first refund", at(11, 1, "run-1b", 90), 12},
		} {
			projected(t, d, step.write)
			stored, err := d.Order(t.Context(), "ord_1")
			require.NoError(t, err)
			require.Equal(t, step.want, stored.Version, step.says)
		}

		seen, err := d.Revision(t.Context(), "ord_1")
		require.NoError(t, err)
		done, err := d.Reproject(t.Context(), at(13, 0, "", 0).Snapshot, seen.Number)
		require.NoError(t, err)
		require.True(t, done)
		projected(t, d, at(11, 1, "run-1b", 90))
		stored, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.EqualValues(t, 13, stored.Version, "a repair leaves the order to its last refund")
	})
}

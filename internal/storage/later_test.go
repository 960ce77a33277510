package storage_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// laterColumns are what the read model has of an order for later, beside its document.
type laterColumns struct {
	Cups     int   `db:"cups"`
	PickupAt int64 `db:"pickup_at"`
	Offered  int   `db:"offered"`
}

func requireColumns(t *testing.T, d *storage.DB, o order.Snapshot, want laterColumns) {
	t.Helper()
	projected(t, d, projection(o))
	var got laterColumns
	require.NoError(t, d.GetForTest(t.Context(), &got, "SELECT cups, pickup_at, offered FROM orders WHERE id = ?", o.ID))
	require.Equal(t, want, got)
}

func TestTheReadModelSaysWhatOrdersTakeOfTheStoresTime(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		requireColumns(t, d, placed(t, "ord_now", opening, order.PaymentSucceeded), laterColumns{Cups: 2, Offered: 1})
		later := placed(t, "ord_later", opening, order.PaymentSucceeded)
		at := opening.Add(3 * time.Hour)
		later.PickupAt = &at
		requireColumns(t, d, later, laterColumns{Cups: 2, PickupAt: at.UnixMicro()})
		later.OfferedAt, later.Version = new(at.Add(-10*time.Minute)), later.Version+1
		later.Items[0].RefundedQty = 1
		requireColumns(t, d, later, laterColumns{Cups: 1, PickupAt: at.UnixMicro(), Offered: 1})
	})
}

func TestWhatIsReservedInTheSlotsOfAStore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for store, cups := range map[string]int{order.MainStore: 5, "gangnam": 2} {
			r := reservationOf("ord_"+store, "", 0)
			r.Store, r.Slot = store, &order.Slot{At: noon, Cups: cups, Capacity: 4}
			require.Empty(t, reserve(t, d, r))
		}
		slots, err := d.ReservedCups(t.Context(), order.MainStore, noon.Add(-time.Hour), noon.Add(time.Hour))
		require.NoError(t, err)
		require.ElementsMatch(t, []order.Slot{{At: noon.Add(-order.SlotLength), Cups: 1}, {At: noon, Cups: 4}}, slots)
		none, err := d.ReservedCups(t.Context(), order.MainStore, noon.Add(time.Minute), noon.Add(time.Hour))
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

// toBoardAhead is [toBoard] of an order whose day has not begun.
func toBoardAhead(t *testing.T, d *storage.DB, id, day string) (number string) {
	t.Helper()
	p := projection(placed(t, id, opening, order.PaymentSucceeded))
	p.PickupDay, p.PickupAhead = day, true
	return projected(t, d, p)
}

func TestNumbersOfLaterDaysLeaveThoseOfTodayAlone(t *testing.T) {
	t.Parallel()
	const dayAfter = "2026-03-04"
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.Equal(t, "R-1", toBoardAhead(t, d, "ord_ahead_0", tomorrow), "the store's first order ever")
		require.Equal(t, "A-1", toBoard(t, d, "ord_1", today))
		require.Equal(t, "R-2", toBoardAhead(t, d, "ord_ahead_1", dayAfter))
		require.Equal(t, "R-2", toBoardAhead(t, d, "ord_ahead_1", dayAfter), "it keeps its number")
		require.Equal(t, "A-2", toBoard(t, d, "ord_2", today))
		require.Equal(t, "R-3", toBoardAhead(t, d, "ord_ahead_2", tomorrow))
		offBoard(t, d, "ord_1")
		require.Equal(t, "A-1", toBoard(t, d, "ord_3", tomorrow), "the next day begins again")
		id, err := d.OrderOf(t.Context(), order.MainStore, "R-3", today)
		require.NoError(t, err)
		require.Equal(t, "ord_ahead_2", id)
		page, _, err := d.OrdersOfDay(t.Context(), readmodel.DayFilter{Store: order.MainStore, Day: tomorrow}, 0, "")
		require.NoError(t, err)
		require.Equal(t, []string{"ord_ahead_2", "ord_ahead_0", "ord_3"}, ids(page))
	})
}

func TestNumbersOfLaterDaysGoRound(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.Equal(t, "R-1", toBoardAhead(t, d, "ord_1", tomorrow))
		require.NoError(t, d.Exec(t.Context(), "UPDATE pickup_series_ahead SET last_number = 26 * 99 - 1"))
		require.Equal(t, "Z-99", toBoardAhead(t, d, "ord_2", tomorrow))
		require.Equal(t, "R-2", toBoardAhead(t, d, "ord_3", tomorrow), "the first is on the board still")
		offBoard(t, d, "ord_1")
		require.NoError(t, d.Exec(t.Context(), "UPDATE pickup_series_ahead SET last_number = 26 * 99"))
		require.Equal(t, "R-1", toBoardAhead(t, d, "ord_4", tomorrow))
	})
}

func TestNumbersOfLaterDaysAreUniqueWhenManyDrawAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		var numbers sync.Map
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				p := projection(placed(t, fmt.Sprint("ord_", i), opening, order.PaymentSucceeded))
				p.PickupDay, p.PickupAhead = []string{tomorrow, "2026-03-04", today}[i%3], i%3 < 2
				number := projected(t, d, p)
				_, twice := numbers.LoadOrStore(number, true)
				assert.False(t, twice, number)
			})
		}
		all.Wait()
	})
}

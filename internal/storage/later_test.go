package storage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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

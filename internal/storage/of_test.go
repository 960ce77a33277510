package storage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

func TestSomeOrdersAreReadAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, id := range []string{"ord_1", "ord_2", "ord_3"} {
			projected(t, d, projection(placed(t, id, opening, order.PaymentSucceeded)))
		}
		found, err := d.OrdersOf(t.Context(), []string{"ord_3", "ord_1", "ord_none", "\x00"})
		require.NoError(t, err)
		require.Len(t, found, 2)
		require.Equal(t, order.Paid, found["ord_3"].Status)
		require.Equal(t, found["ord_3"].Snapshot, found["ord_3"].Columns)

		found, err = d.OrdersOf(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

// Boards and lists go by the columns: what is wrong there alone is wrong.
func TestTheColumnsOfAnOrderAreReadBesideItsDocument(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		right := placed(t, "ord_1", opening, order.PaymentSucceeded).WithPickupNumber("A-27")
		projected(t, d, projection(right))
		for column, want := range map[string]order.Snapshot{
			"status = 'picked_up'":       with(right, func(s *order.Snapshot) { s.Status = order.PickedUp }),
			"version = 99":               with(right, func(s *order.Snapshot) { s.Version = 99 }),
			"membership_number = '12'":   with(right, func(s *order.Snapshot) { s.MembershipNumber = "12" }),
			"pickup_sequence = 9":        with(right, func(s *order.Snapshot) { number := "A-9"; s.PickupNumber = &number }),
			"placed_at = placed_at + 60": with(right, func(s *order.Snapshot) { s.PlacedAt = s.PlacedAt.Add(60 * time.Microsecond) }),
		} {
			require.NoError(t, d.Exec(t.Context(), "UPDATE orders SET "+column))
			found, err := d.OrdersOf(t.Context(), []string{"ord_1"})
			require.NoError(t, err)
			require.Equal(t, want, found["ord_1"].Columns, column)
			require.Equal(t, right, found["ord_1"].Snapshot, column)

			done, err := d.Reproject(t.Context(), right, numberOf(t, d, "ord_1"))
			require.NoError(t, err)
			require.True(t, done)
			found, err = d.OrdersOf(t.Context(), []string{"ord_1"})
			require.NoError(t, err)
			require.Equal(t, right, found["ord_1"].Columns, column)
		}
	})
}

func with(s order.Snapshot, change func(*order.Snapshot)) order.Snapshot {
	change(&s)
	return s
}

func TestTheOrdersOfAPeriod(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		began := time.Now()
		for _, id := range []string{"ord_2", "ord_1"} {
			projected(t, d, projection(placed(t, id, opening, order.PaymentSucceeded)))
		}
		for since, want := range map[time.Time][]string{{}: {"ord_1", "ord_2"}, began: {"ord_1", "ord_2"}, began.Add(time.Hour): nil} {
			ids, err := d.OrdersSince(t.Context(), since)
			require.NoError(t, err)
			require.Equal(t, want, ids)
		}
	})
}

func TestTheOrdersThatHaveNotEnded(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for id, events := range map[string][]order.EventName{
			"ord_paid": {order.PaymentSucceeded}, "ord_ready": {order.PaymentSucceeded, order.Accept, order.MarkReady},
			"ord_over": {order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp},
			"ord_back": {order.PaymentSucceeded, order.Cancel},
		} {
			projected(t, d, projection(placed(t, id, opening, events...)))
		}
		ids, err := d.OrdersNotEnded(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"ord_paid", "ord_ready"}, ids)
	})
}

func TestThePointsOfSomeOrders(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 200)))
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_2", number, 100)))
		require.NoError(t, d.TakeBack(t.Context(), entryOf("ord_3", number, 0)))

		entries, err := d.PointsOf(t.Context(), []string{"ord_1", "ord_3"})
		require.NoError(t, err)
		require.Len(t, entries, 3)
		require.Equal(t, number, entries[0].MembershipNumber)
		require.Equal(t, []int64{200, 0, 0}, []int64{entries[0].Points, entries[1].Points, entries[2].Points},
			"what bars a credit is there, with its counter-entry")

		entries, err = d.PointsOf(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, entries)
	})
}

func TestProjectingAgainReplacesWhatTheCallerSaw(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		right := placed(t, "ord_1", opening, order.PaymentSucceeded)
		wrong := right
		wrong.Status, wrong.Version = order.Ready, right.Version+5
		stored := func() order.Snapshot {
			s, err := d.Order(t.Context(), "ord_1")
			require.NoError(t, err)
			return s
		}

		done, err := d.Reproject(t.Context(), wrong, 0)
		require.NoError(t, err)
		require.True(t, done, "there was none")

		done, err = d.Reproject(t.Context(), right, numberOf(t, d, "ord_1")+1)
		require.NoError(t, err)
		require.False(t, done, "another is there by now")
		require.Equal(t, order.Ready, stored().Status)

		done, err = d.Reproject(t.Context(), right, 0)
		require.NoError(t, err)
		require.False(t, done, "there is one by now")

		done, err = d.Reproject(t.Context(), right, numberOf(t, d, "ord_1"))
		require.NoError(t, err)
		require.True(t, done)
		require.Equal(t, right.Version, stored().Version)
	})
}

// numberOf returns the number of the order's latest change.
func numberOf(t *testing.T, d *storage.DB, id string) int64 {
	t.Helper()
	revision, err := d.Revision(t.Context(), id)
	require.NoError(t, err)
	return revision.Number
}

// A workflow task that is lost with its worker has written a version that the task
// which happens instead writes once more.
func TestProjectingAgainReplacesNoOtherEntryOfTheSameVersion(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		paid := placed(t, "ord_1", opening, order.PaymentSucceeded)
		lost := placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept)
		happened := placed(t, "ord_1", opening, order.PaymentSucceeded, order.Cancel)
		require.Equal(t, lost.Version, happened.Version)
		project(t, d, placed(t, "ord_2", opening), paid, lost)
		seen := numberOf(t, d, "ord_1")
		require.Equal(t, lost.Version, seen, "so that this cannot be taken for the other")
		project(t, d, happened)

		done, err := d.Reproject(t.Context(), paid, seen)
		require.NoError(t, err)
		require.False(t, done)
		stored, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.Equal(t, order.Cancelled, stored.Status)
	})
}

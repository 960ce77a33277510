package storage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// of returns the snapshot as one of a store.
func of(store string, s order.Snapshot) order.Snapshot {
	s.Store = store
	return s
}

// toBoardOf is [toBoard] for a store.
func toBoardOf(t *testing.T, d *storage.DB, store, id, day string) (number string) {
	t.Helper()
	p := projection(of(store, placed(t, id, opening, order.PaymentSucceeded)))
	p.PickupDay = day
	return projected(t, d, p)
}

func TestEachStoreHasPickupNumbersOfItsOwn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.Equal(t, "A-1", toBoardOf(t, d, "gangnam", "ord_g1", today))
		require.Equal(t, "A-1", toBoardOf(t, d, "seoul", "ord_s1", tomorrow), "of its own day")
		require.Equal(t, "A-1", toBoard(t, d, "ord_m1", today))
		require.Equal(t, "A-2", toBoardOf(t, d, "gangnam", "ord_g2", today))
		require.Equal(t, "A-2", toBoardOf(t, d, "seoul", "ord_s2", today))
		require.Equal(t, "A-3", toBoardOf(t, d, "gangnam", "ord_g3", tomorrow), "A-1 and A-2 are on its board")
		for store, want := range map[string]string{"gangnam": "ord_g1", "seoul": "ord_s1", order.MainStore: "ord_m1"} {
			id, err := d.OrderOf(t.Context(), store, "A-1", today)
			require.NoError(t, err)
			require.Equal(t, want, id)
		}
		for _, store := range []string{"busan", "", "\x00"} {
			_, err := d.OrderOf(t.Context(), store, "A-1", today)
			requireCode(t, order.CodeNotFound, err)
		}
	})
}

// A store that has lost its series gives no number that is on its board, whatever other
// stores have.
func TestALostSeriesOfAStoreLooksAtItsOwnBoard(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.Equal(t, "A-1", toBoardOf(t, d, "gangnam", "ord_g1", today))
		require.Equal(t, "A-1", toBoardOf(t, d, "seoul", "ord_s1", today))
		require.Equal(t, "A-2", toBoardOf(t, d, "seoul", "ord_s2", today))
		require.NoError(t, d.Exec(t.Context(), "DELETE FROM pickup_series WHERE store = 'gangnam'"))
		require.Equal(t, "A-2", toBoardOf(t, d, "gangnam", "ord_g2", today))
	})
}

func TestTheBoardListsOneStore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		project(t, d, placed(t, "ord_1", minutes(1), order.PaymentSucceeded), of("gangnam", placed(t, "ord_2", minutes(2), order.PaymentSucceeded)),
			of("gangnam", placed(t, "ord_3", minutes(3), order.PaymentSucceeded, order.Accept)))
		for store, want := range map[string][]string{
			"gangnam": {"ord_2", "ord_3"}, order.MainStore: {"ord_1"}, "": {"ord_1", "ord_2", "ord_3"}, "busan": nil, "\x00": nil,
		} {
			page, _, err := d.List(t.Context(), store, []order.Status{order.Paid, order.Accepted}, 10, "")
			require.NoError(t, err)
			var found []string
			for _, s := range page {
				found = append(found, s.ID)
			}
			require.Equal(t, want, found, store)
		}
	})
}

func TestChangesAreNumberedInTheirStore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		reports := listen(t, d)
		for _, step := range []struct {
			store, id string
			number    int64
		}{{"gangnam", "ord_1", 1}, {order.MainStore, "ord_2", 1}, {"gangnam", "ord_3", 2}, {"gangnam", "ord_1", 3}} {
			project(t, d, of(step.store, placed(t, step.id, opening)))
			require.Equal(t, readmodel.Change{Store: step.store, Number: step.number}, hear(t, reports))
		}
		latest, err := d.LatestOf(t.Context(), []string{"gangnam", order.MainStore, "busan"})
		require.NoError(t, err)
		require.Equal(t, map[string]int64{"gangnam": 3, order.MainStore: 1}, latest)
		number, err := d.Latest(t.Context(), "busan")
		require.NoError(t, err)
		require.Zero(t, number)

		require.Equal(t, []string{"ord_2 1"}, since(t, d, 0, 10))
		ofGangnam, err := d.Since(t.Context(), "gangnam", 0, 10)
		require.NoError(t, err)
		require.Equal(t, []string{"ord_3 2", "ord_1 3"}, numbered(ofGangnam))
		changed, err := d.ChangedOf(t.Context(), []string{"ord_1", "ord_2", "ord_3", "ord_4"}, 1)
		require.NoError(t, err)
		require.Equal(t, []string{"ord_3 2", "ord_1 3"}, numbered(changed))
		none, err := d.ChangedOf(t.Context(), nil, 0)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

// What was there before stores is main's, and its numbers go on.
func TestMigrateMakesWhatThereIsMains(t *testing.T) {
	t.Parallel()
	for _, empty := range empties {
		t.Run(empty.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, empty.url(t))
			require.NoError(t, d.MigrateTo(t.Context(), 25))
			require.NoError(t, d.Exec(t.Context(), `
				INSERT INTO orders (id, status, version, placed_at, updated_at, document, pickup_sequence, pickup_day, change_number)
				VALUES ('ord_1', 'paid', 2, 1, 1, '{"id":"ord_1","status":"paid","version":2}', 1, '`+today+`', 41)`))
			require.NoError(t, d.Exec(t.Context(), "UPDATE order_changes SET last = 41"))
			require.NoError(t, d.Exec(t.Context(), "INSERT INTO pickup_series (store, day, last_number) VALUES ('main', '"+today+"', 1)"))
			require.NoError(t, d.Migrate(t.Context()))

			before, err := d.Order(t.Context(), "ord_1")
			require.NoError(t, err)
			require.Equal(t, order.MainStore, before.Store)
			page, _, err := d.List(t.Context(), order.MainStore, []order.Status{order.Paid}, 10, "")
			require.NoError(t, err)
			require.Len(t, page, 1)
			require.Equal(t, "A-2", toBoard(t, d, "ord_2", today))
			require.EqualValues(t, 42, numberOf(t, d, "ord_2"))
		})
	}
}

// While there is one store, the processes of the build before go on: their statements stay
// right, and each hears of what the other does.
func TestTheBuildBeforeGoesOnBesideThisOne(t *testing.T) {
	t.Parallel()
	d := open(t, newPostgres(t))
	reports := listen(t, d)
	require.NoError(t, d.Exec(t.Context(), `
		WITH tick AS (UPDATE order_changes SET last = last + 1 RETURNING last),
		changed AS (
			INSERT INTO orders (id, status, version, placed_at, updated_at, document, change_number)
			VALUES ('ord_1', 'paid', 2, 1, 1, '{"id":"ord_1","status":"paid","version":2}', (SELECT last FROM tick))
			RETURNING change_number, version, id)
		SELECT pg_notify('cafeforme_changes', change_number || ' ' || version || ' ' || id) FROM changed`))
	require.Equal(t, readmodel.Change{Store: order.MainStore, Number: 1}, hear(t, reports))
	require.NoError(t, d.Exec(t.Context(), "SELECT pg_notify('cafeforme_changes', 'menu')"))
	require.Equal(t, readmodel.Change{Store: order.MainStore, Menu: true}, hear(t, reports))
	require.Equal(t, []string{"ord_1 1"}, since(t, d, 0, 10))
	project(t, d, placed(t, "ord_2", opening))
	require.Equal(t, readmodel.Change{Store: order.MainStore, Number: 2}, hear(t, reports))
}

func TestAStoresOrdersOfADayTheLatestFirst(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		toBoardOf(t, d, "gangnam", "ord_g1", today)
		toBoardOf(t, d, "gangnam", "ord_g2", today)
		toBoardOf(t, d, "gangnam", "ord_g3", tomorrow)
		toBoardOf(t, d, "seoul", "ord_s1", today)
		project(t, d, of("gangnam", placed(t, "ord_g0", opening))) // which has no number
		project(t, d, of("gangnam", placed(t, "ord_g1", opening, order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp)))
		over := []order.Status{order.PickedUp, order.Unclaimed}
		for name, test := range map[string]struct {
			filter readmodel.DayFilter
			want   []string
		}{
			"a day":                {readmodel.DayFilter{Store: "gangnam", Day: today}, []string{"ord_g2", "ord_g1"}},
			"another store":        {readmodel.DayFilter{Store: "seoul", Day: today}, []string{"ord_s1"}},
			"a number":             {readmodel.DayFilter{Store: "gangnam", Day: today, Number: "a-1"}, []string{"ord_g1"}},
			"another day's number": {readmodel.DayFilter{Store: "gangnam", Day: tomorrow, Number: "A-1"}, []string{}},
			"what has ended":       {readmodel.DayFilter{Store: "gangnam", Day: today, Statuses: over}, []string{"ord_g1"}},
			"a number in a status": {readmodel.DayFilter{Store: "gangnam", Day: today, Number: "A-2", Statuses: over}, []string{}},
			"no such store":        {readmodel.DayFilter{Store: "\x00", Day: today}, []string{}},
		} {
			page, next, err := d.OrdersOfDay(t.Context(), test.filter, 10, "")
			require.NoError(t, err, name)
			require.Empty(t, next, name)
			require.Equal(t, test.want, ids(page), name)
		}
		_, _, err := d.OrdersOfDay(t.Context(), readmodel.DayFilter{Store: "gangnam", Day: today, Number: "27"}, 10, "")
		requireField(t, "number", err)

		first, next, err := d.OrdersOfDay(t.Context(), readmodel.DayFilter{Store: "gangnam", Day: today}, 1, "")
		require.NoError(t, err)
		require.Equal(t, []string{"ord_g2"}, ids(first))
		second, last, err := d.OrdersOfDay(t.Context(), readmodel.DayFilter{Store: "gangnam", Day: today}, 1, next)
		require.NoError(t, err)
		require.Equal(t, []string{"ord_g1"}, ids(second))
		require.Empty(t, last)
		_, _, err = d.List(t.Context(), "gangnam", nil, 1, next)
		requireField(t, "page_token", err)
	})
}

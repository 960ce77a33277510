package storage_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/secondstore"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func gangnam() store.Store {
	return store.Store{
		Store: "gangnam", Name: order.Names{order.Korean: "강남점", order.English: "Gangnam"}, TimeZone: "Asia/Seoul", Currency: "KRW",
		Location: &store.Location{Lat: 37.4979, Lng: 127.0276}, Hours: store.Week{"mon": {{"08:00", "21:00"}}, "sun": {}},
		Exceptions: []store.Exception{{Date: "2026-12-25", Hours: []store.Period{}}}, PrepMinutes: 5, CupsPerSlot: 30,
	}
}

// puttingStore returns the edit that makes a store what it is to be.
func puttingStore(s store.Store) func(store.State) (store.Store, error) {
	return func(store.State) (store.Store, error) { return s, nil }
}

// keep is the edit that changes nothing.
func keep(state store.State) (store.Store, error) { return state.Store, nil }

// addStore makes the store.
func addStore(t *testing.T, d *storage.DB, s store.Store) {
	t.Helper()
	_, err := d.PutStore(t.Context(), s.Store, puttingStore(s))
	require.NoError(t, err)
}

func TestThereIsAMainStoreFromTheStart(t *testing.T) {
	t.Parallel()
	secondstore.Without(t, "there are two")
	onEach(t, func(t *testing.T, d *storage.DB) {
		stores, err := d.Stores(t.Context())
		require.NoError(t, err)
		require.Len(t, stores, 1)
		main := stores[0]
		require.Equal(t, store.Main, main.Store.Store)
		require.EqualValues(t, 1, main.Version)
		require.Empty(t, main.Check("KRW"))
		require.Empty(t, main.TimeZone, "the configured one counts")
		require.Equal(t, store.Opening{Open: true}, main.At(time.Now(), time.UTC))
		require.Equal(t, main, menuOf(t, d).Store)
	})
}

func TestStoresAreMadeAndChanged(t *testing.T) {
	t.Parallel()
	secondstore.Without(t, "it is listed, too")
	onEach(t, func(t *testing.T, d *storage.DB) {
		ctx := as(t, "mina")
		made, err := d.PutStore(ctx, "gangnam", func(before store.State) (store.Store, error) {
			require.Zero(t, before)
			return gangnam(), nil
		})
		require.NoError(t, err)
		require.Equal(t, store.State{Store: gangnam(), Version: 1}, made)
		changed, err := d.PutStore(ctx, "gangnam", func(before store.State) (store.Store, error) {
			require.Equal(t, made, before)
			before.Hours = store.Week{}
			return before.Store, nil
		})
		require.NoError(t, err)
		require.EqualValues(t, 2, changed.Version)
		same, err := d.PutStore(ctx, "gangnam", keep)
		require.NoError(t, err)
		require.Equal(t, changed, same)
		read, err := d.Store(ctx, "gangnam")
		require.NoError(t, err)
		require.Equal(t, changed, read)
		require.NotNil(t, read.Hours, "closed on every day, which is not always open")

		addStore(t, d, func() store.Store { s := gangnam(); s.Store = "busan"; return s }())
		stores, err := d.Stores(ctx)
		require.NoError(t, err)
		var slugs []string
		for _, s := range stores {
			slugs = append(slugs, s.Store.Store)
		}
		require.Equal(t, []string{store.Main, "gangnam", "busan"}, slugs, "in the order in which they were made")

		log, err := d.AuditLog(ctx, auditstore.Filter{Store: "gangnam", Limit: 10})
		require.NoError(t, err)
		require.Len(t, log, 2, "what changes nothing is no entry")
		require.Equal(t, auditlog.StorePut, log[0].Action)
		require.Equal(t, "gangnam", log[0].Subject)
		require.Empty(t, log[0].Before)
		require.Contains(t, log[0].After, "강남점")
		require.Equal(t, log[0].After, log[1].Before)
		require.Contains(t, log[1].After, `"hours":{}`)
	})
}

func TestAStoreThatIsRefusedIsNotMade(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		refused := errors.New("no")
		_, err := d.PutStore(t.Context(), "gangnam", func(store.State) (store.Store, error) { return gangnam(), refused })
		require.ErrorIs(t, err, refused)
		_, err = d.PutStore(t.Context(), "busan", puttingStore(gangnam()))
		require.ErrorContains(t, err, `the store busan cannot become "gangnam"`)
		for _, slug := range []string{"gangnam", "busan", "", "nul\x00", "\xff"} {
			_, err = d.Store(t.Context(), slug)
			requireCode(t, order.CodeNotFound, err)
			_, err = d.Menu(t.Context(), slug)
			requireCode(t, order.CodeNotFound, err)
			_, err = d.EditMenu(t.Context(), slug, removes("Tea"))
			requireCode(t, order.CodeNotFound, err)
			requireCode(t, order.CodeNotFound, d.SetPause(t.Context(), slug, store.Pause{Paused: true}))
		}
	})
}

func TestStoresArePausedOneByOne(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		addStore(t, d, gangnam())
		for _, slug := range []string{store.Main, "gangnam"} {
			for _, pause := range []store.Pause{{Paused: true}, {Paused: true, Until: minutes(30)}, {Paused: true, Until: minutes(30)}, {}} {
				require.NoError(t, d.SetPause(t.Context(), slug, pause))
				state, err := d.Store(t.Context(), slug)
				require.NoError(t, err)
				require.Equal(t, pause, state.Pause)
				require.EqualValues(t, 1, state.Version, "which is the document's")
			}
		}
		require.NoError(t, d.SetPause(t.Context(), "gangnam", store.Pause{Paused: true}))
		require.True(t, menuOf(t, d).Menu(time.Now()).Open)
		closed, err := d.Menu(t.Context(), "gangnam")
		require.NoError(t, err)
		require.Equal(t, store.Opening{Paused: true}, closed.Menu(time.Now()).Opening)
	})
}

func TestChangesOfAStoreComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		together(func(i int) {
			_, err := d.PutStore(t.Context(), "gangnam", func(before store.State) (store.Store, error) {
				s := gangnam()
				s.PrepMinutes = int(before.Version) + 1
				return s, nil
			})
			assert.NoError(t, err)
			assert.NoError(t, d.SetPause(t.Context(), store.Main, store.Pause{Paused: true, Until: minutes(i)}))
		})
		now, err := d.Store(t.Context(), "gangnam")
		require.NoError(t, err)
		require.Equal(t, concurrency, now.PrepMinutes)
		require.EqualValues(t, concurrency, now.Version)
	})
}

func TestTheFirstStoreIsWhatThereWas(t *testing.T) {
	t.Parallel()
	for _, empty := range empties {
		t.Run(empty.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, empty.url(t))
			require.NoError(t, d.MigrateTo(t.Context(), 26))
			require.NoError(t, d.Exec(t.Context(), "UPDATE store_hours SET open = FALSE"))
			require.NoError(t, d.Exec(t.Context(), "UPDATE catalog SET document = REPLACE(document, 'KRW', 'JPY')"))
			require.NoError(t, d.Exec(t.Context(), `UPDATE store_menus SET overrides = '{"items":{"IceAmericano":{"available":false}}}'`))
			require.NoError(t, d.Exec(t.Context(), "INSERT INTO audit_log (at, actor, action, subject, old_value, new_value) VALUES (1, 'mina', 'hours.set', 'hours', '', '')"))
			require.NoError(t, d.Migrate(t.Context()))
			state := menuOf(t, d)
			require.Equal(t, store.Pause{Paused: true}, state.Store.Pause)
			require.Equal(t, "JPY", state.Store.Currency)
			require.False(t, state.Menu(time.Now()).Items[0].Available)
			require.Equal(t, store.Main, logged(t, d)[0].Store)
		})
	}
}

// Processes of the build before open and close the store, and write the audit log, while others of
// this build do so, too.
func TestTheBuildBeforeGoesOn(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	d := open(t, url)
	old, err := sql.Open("postgres", url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, old.Close()) })
	paused := func() bool {
		state, err := d.Store(t.Context(), store.Main)
		require.NoError(t, err)
		return state.Pause.Paused
	}
	oldOpen := func() (open bool) {
		const query = "SELECT h.open FROM store_hours h JOIN store_menus m ON m.store = 'main' JOIN catalog c ON c.id = 1 WHERE h.id = 1"
		require.NoError(t, old.QueryRowContext(t.Context(), query).Scan(&open))
		return open
	}
	for _, open := range []bool{false, true, true, false, true} {
		_, err := old.ExecContext(t.Context(), "UPDATE store_hours SET open = $1 WHERE id = 1", open)
		require.NoError(t, err)
		require.Equal(t, !open, paused())
	}
	for _, pause := range []store.Pause{{Paused: true}, {}, {Paused: true, Until: minutes(5)}} {
		require.NoError(t, d.SetPause(t.Context(), store.Main, pause))
		require.Equal(t, !pause.Paused, oldOpen())
		state, err := d.Store(t.Context(), store.Main)
		require.NoError(t, err)
		require.Equal(t, pause, state.Pause)
	}
	_, err = old.ExecContext(t.Context(), "INSERT INTO audit_log (at, actor, action, subject, old_value, new_value) VALUES (1, 'mina', 'hours.set', 'hours', '', '')")
	require.NoError(t, err)
	require.Equal(t, store.Main, logged(t, d)[0].Store)
}

func TestThereAreNotMoreStoresThanThereCanBe(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		var rows []string
		for i := range 4999 {
			rows = append(rows, fmt.Sprintf("('store-%d', %d, 1, '{}', '{}')", i, i+2))
		}
		require.NoError(t, d.Exec(t.Context(), "INSERT INTO stores (store, position, version, document, pause) VALUES "+strings.Join(rows, ", ")))
		_, err := d.PutStore(t.Context(), "gangnam", puttingStore(gangnam()))
		requireCode(t, order.CodeInvalid, err)
		var refused *order.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, "store", refused.Field)
	})
}

package storage_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// A change that is made while another one is announced with its commit waits for nobody, and
// is announced afterwards, with those that were made meanwhile, and at the latest when the
// process ends.
func TestAChangeIsAnnouncedLaterWhileAnotherOneIs(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	writer, reader := open(t, url), open(t, url)
	reports := listen(t, reader)
	busy := announcing(t, url)

	project(t, writer, placed(t, "ord_1", opening))
	require.Equal(t, readmodel.Change{Store: order.MainStore, Number: 1}, hear(t, reports))
	project(t, writer, of("gangnam", placed(t, "ord_2", opening)), placed(t, "ord_3", opening))
	require.NoError(t, busy.Rollback())
	project(t, writer, placed(t, "ord_4", opening))
	latest := map[string]int64{}
	for latest[order.MainStore] < 3 || latest["gangnam"] < 1 {
		change := hear(t, reports)
		latest[change.Store] = max(latest[change.Store], change.Number)
	}
}

// announcing returns a transaction that another change is announced with.
func announcing(t *testing.T, url string) *sql.Tx {
	t.Helper()
	pool, err := sql.Open("postgres", url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	tx, err := pool.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	var alone bool
	require.NoError(t, tx.QueryRowContext(t.Context(), "SELECT pg_try_advisory_xact_lock(hashtext('cafeforme_stores'))").Scan(&alone))
	require.True(t, alone)
	return tx
}

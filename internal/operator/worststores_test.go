package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func listingWorst(asJSON bool) command {
	return func(ctx context.Context, env app.Environment) error { return ListWorstStores(ctx, env, asJSON) }
}

// withoutDatabase is the cafe's environment without its database.
func withoutDatabase() config.Environ {
	return slices.DeleteFunc(slices.Clone(cafe.environ), func(variable string) bool { return strings.HasPrefix(variable, "DATABASE_URL=") })
}

func TestTheWorstStoresAreNamed(t *testing.T) {
	t.Parallel()
	g := visit(t)
	g.placeStuck()
	url := "sqlite:" + filepath.Join(t.TempDir(), "chain.db")
	gangnamInTrouble(t, url)
	environ := append(withoutDatabase(), "DATABASE_URL="+url)

	var rows []worstStore
	of := func(slug string) worstStore {
		i := slices.IndexFunc(rows, func(row worstStore) bool { return row.Store == slug })
		if i < 0 {
			return worstStore{}
		}
		return rows[i]
	}
	require.Eventually(t, func() bool {
		text, err := commandWith(g, environ, listingWorst(true))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal([]byte(text), &rows))
		return of(store.Main).Stuck > 0
	}, patience, 100*time.Millisecond)
	gangnam := of("gangnam")
	require.WithinDuration(t, time.Now().Add(-20*time.Minute), gangnam.Oldest, time.Minute)
	gangnam.Oldest = time.Time{}
	require.Equal(t, worstStore{Store: "gangnam", Trouble: 3, Unanswered: 2, Lost: 1, Placed: 4}, gangnam)

	text, err := commandWith(g, environ, listingWorst(false))
	require.NoError(t, err)
	require.Regexp(t, `STORE +IN TROUBLE +STUCK +UNANSWERED +FOR +LOST +OF PLACED`, text)
	require.Regexp(t, `gangnam +3 +0 +2 +20m\d+s +1 +4 \(25 %\)`, text)
}

// gangnamInTrouble makes a database in which the store gangnam has left two of its four orders
// unanswered and has rejected one.
func gangnamInTrouble(t *testing.T, url string) {
	t.Helper()
	database, err := storage.Open(url)
	require.NoError(t, err)
	defer func() { require.NoError(t, database.Close()) }()
	require.NoError(t, database.Migrate(t.Context()))
	_, err = database.PutStore(t.Context(), "gangnam", func(store.State) (store.Store, error) {
		return store.Store{Store: "gangnam", TimeZone: "Asia/Seoul", Currency: "KRW"}, nil
	})
	require.NoError(t, err)
	for i, events := range [][]order.EventName{
		{order.PaymentSucceeded}, {order.PaymentSucceeded}, {order.PaymentSucceeded, order.Reject}, {order.PaymentSucceeded, order.Accept},
	} {
		o, err := order.New(order.Placement{
			ID: fmt.Sprintf("ord_%d", i), Store: "gangnam",
			Items: []order.Line{{Product: "CafeLatte", Qty: 1, Price: order.Money{Amount: 5000, Currency: "KRW"}}},
		}, time.Now().Add(time.Duration(i-20)*time.Minute))
		require.NoError(t, err)
		for _, name := range events {
			require.NoError(t, o.Apply(order.Event{Name: name}, time.Now()))
		}
		_, err = database.Project(t.Context(), order.Projection{Snapshot: o.Snapshot()})
		require.NoError(t, err)
	}
}

func TestTheWorstStoresTakeTheDatabase(t *testing.T) {
	t.Parallel()
	g := visit(t)
	_, err := commandWith(g, withoutDatabase(), listingWorst(false))
	require.EqualError(t, err, "DATABASE_URL is not set")
	var text strings.Builder
	require.NoError(t, printWorstStores(&text, nil))
	require.Equal(t, "No store has orders in trouble.\n", text.String())
}

package web

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// storesNamed are stores of these slugs, in Seoul.
func storesNamed(slugs ...string) StoreSource {
	return func(context.Context) (all []store.State, err error) {
		for _, slug := range slugs {
			name := order.Names{order.Korean: slug + "점", order.English: "<" + slug + ">"}
			all = append(all, store.State{Store: store.Store{Store: slug, Name: name, TimeZone: "Asia/Seoul"}})
		}
		return all, nil
	}
}

func TestPagesKnowWhetherThereAreSeveralStores(t *testing.T) {
	t.Parallel()
	for _, each := range []struct {
		config CustomerConfig
		says   string
	}{
		{CustomerConfig{}, `data-page="menu">`},
		{CustomerConfig{TimeZone: time.UTC}, `data-page="menu" data-zone="UTC">`},
		{CustomerConfig{TimeZone: time.UTC, Stores: storesNamed("main")}, `data-page="menu" data-zone="Asia/Seoul">`},
		{CustomerConfig{Stores: storesNamed("main", "gangnam")}, `data-page="menu" data-zone="Asia/Seoul" data-stores>`},
	} {
		require.Contains(t, get(t, serve(Customer(each.config)), "/").Body.String(), each.says)
	}
}

func TestAStoresOwnAddressIsOfAStore(t *testing.T) {
	t.Parallel()
	one, several := serve(Customer(CustomerConfig{Stores: storesNamed("main")})), serve(Customer(CustomerConfig{Stores: storesNamed("main", "gangnam")}))
	nobodyKnows := serve(Customer(CustomerConfig{}))
	for _, each := range []struct {
		pages  http.Handler
		path   string
		status int
		page   string
	}{
		{one, "/s/main", http.StatusOK, "menu"},
		{one, "/s/gangnam", http.StatusNotFound, "missing"},
		{several, "/s/gangnam", http.StatusOK, "menu"},
		{several, "/s/nowhere", http.StatusNotFound, "menu"},
		{nobodyKnows, "/s/gangnam", http.StatusOK, "menu"},
	} {
		answer := get(t, each.pages, each.path)
		require.Equal(t, each.status, answer.Code, each.path)
		require.Contains(t, answer.Body.String(), `data-page="`+each.page+`"`, each.path)
		require.Contains(t, answer.Header().Get("Content-Security-Policy"), "default-src 'none'", each.path)
	}
}

// A store's own page has its name in the title before any script has run, and is another page to caches.
func TestAStoresOwnPageIsCalledAfterIt(t *testing.T) {
	t.Parallel()
	one, several := serve(Customer(CustomerConfig{Stores: storesNamed("main")})), serve(Customer(CustomerConfig{Stores: storesNamed("main", "gangnam")}))
	require.Contains(t, get(t, several, "/s/gangnam?lang=ko").Body.String(), "<title>gangnam점 · ")
	require.Contains(t, get(t, several, "/s/gangnam?lang=en").Body.String(), "<title>&lt;gangnam&gt; · ")
	require.NotEqual(t, get(t, several, "/s/gangnam").Header().Get("ETag"), get(t, several, "/s/main").Header().Get("ETag"))
	require.Equal(t, get(t, one, "/").Body.String(), get(t, one, "/s/main").Body.String(), "one store is not told apart")
	require.NotContains(t, get(t, several, "/").Body.String(), "gangnam")
}

// However many pages are asked for, the stores are read now and then, and what was read last stands
// while they cannot be.
func TestTheStoresAreReadNowAndThen(t *testing.T) {
	t.Parallel()
	now, reads, away := time.Unix(0, 0), 0, false
	cache := &storeCache{now: func() time.Time { return now }, read: func(ctx context.Context) ([]store.State, error) {
		reads++
		if away {
			return nil, errors.New("the database is away")
		}
		return storesNamed("main", "gangnam")(ctx)
	}}
	several := storeFacts{Several: true, TimeZone: "Asia/Seoul"}
	for range 10 {
		require.Equal(t, several, cache.facts(t.Context()))
	}
	require.Equal(t, 1, reads)
	away, now = true, now.Add(storesFreshFor)
	require.Equal(t, several, cache.facts(t.Context()))
	require.Equal(t, several, cache.facts(t.Context()))
	require.Equal(t, 2, reads)
	now = now.Add(storesPause)
	require.Equal(t, several, cache.facts(t.Context()))
	require.Equal(t, 3, reads)
}

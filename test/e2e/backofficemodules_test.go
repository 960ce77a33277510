package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/web"
)

// defaultBrand is the brand of a new store.
func defaultBrand(context.Context) brand.Brand { return brand.Default() }

// The modules of the back office that know of no page are tried where they run.
func TestWhatTheBackOfficeWorksOut(t *testing.T) {
	t.Parallel()
	router := mux.NewRouter()
	for path, page := range web.Store(defaultBrand) {
		router.Handle(path, page)
	}
	router.NotFoundHandler = web.NotFound("/store", defaultBrand)
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	w := startBrowser(t).open("the browser", "en", phoneWidth, phoneHeight)
	w.goTo(server.URL + "/nothing")
	script, err := os.ReadFile(filepath.Join("testdata", "backoffice.js"))
	require.NoError(t, err)
	w.do(fmt.Sprintf("globalThis.currencies = %s; globalThis.messages = %s", encoded(t, typedAmounts()), encoded(t, refusals())))
	require.Empty(t, answer[[]string](w, strings.TrimSpace(string(script))))
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return string(data)
}

// typedAmounts returns [currency, amount, text] of some amounts of every currency.
func typedAmounts() (all [][]any) {
	for _, currency := range money.Currencies() {
		for _, amount := range []int64{0, 1, 99, 4500, -250, money.HighestPrice(currency)} {
			text, _, _ := strings.Cut(money.Format(amount, currency), " ")
			all = append(all, []any{currency, amount, text})
		}
	}
	return all
}

// refusals returns what the catalog's checks say of entries that are wrong in the ways in which people are.
func refusals() (messages []string) {
	long := strings.Repeat("x", 81)
	wrong := catalog.Catalog{
		Categories: []catalog.Category{{Category: "a", Name: order.Names{order.Korean: long, order.English: "x\ty"}}},
		Groups: []catalog.Group{
			{Group: "g", Max: 1, Min: 3, Options: []catalog.Option{{Option: "o", MaxQty: 2, Price: 1 << 60}}},
			{Group: "h", Max: 1, Options: []catalog.Option{{Option: "o", MaxQty: 1, Default: true}, {Option: "p", MaxQty: 1, Default: true}}},
			{Group: "cup", Max: 1, Min: 1, Options: []catalog.Option{{Option: "own", MaxQty: 1, Default: true, Price: -900}}},
		},
		Items: []catalog.Item{{
			Product: "A", Category: "gone", Groups: []string{"gone"}, Calories: new(-1), Price: order.Money{Amount: -1, Currency: "KRW"},
			Hours: []store.Period{{"09:00", "09:00"}},
		}, {
			Product: "B", Price: order.Money{Amount: 505, Currency: "KRW"}, Groups: []string{"cup", "cup"}, Image: strings.Repeat("a", 64),
			Hours: []store.Period{{"9", "24:01"}},
		}, {Product: "C", Price: order.Money{Amount: 123_450, Currency: "KRW"}}},
	}
	provider := money.Provider{Name: "Stripe", Steps: map[string]int64{"KRW": 10}, Digits: 5}
	for _, problem := range slices.Concat(wrong.Check(provider, catalog.Catalog{}), wrong.CheckImages([]string{strings.Repeat("a", 64)})) {
		messages = append(messages, problem.Message)
	}
	return messages
}

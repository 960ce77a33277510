// Package catalog_test has the whole way of the catalog: from the staff's API through PostgreSQL
// to the customers' API, also with as much in it as a chain has.
package catalog_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api"
	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const staffToken = "token-of-the-staff-of-this-test"

// noWorkflows are orders that have all ended long ago: only the database knows them.
type noWorkflows struct{}

var errNotFound = &order.Error{Code: order.CodeNotFound, Message: "not found"}

func (noWorkflows) Place(context.Context, order.Placement) (order.Snapshot, error) {
	return order.Snapshot{}, errNotFound
}

func (noWorkflows) Act(context.Context, string, order.EventName, workflows.Command) (order.Snapshot, error) {
	return order.Snapshot{}, errNotFound
}

func (noWorkflows) Refund(context.Context, workflows.Refund) (order.Snapshot, error) {
	return order.Snapshot{}, errNotFound
}

func (noWorkflows) Read(context.Context, string) (order.Snapshot, error) {
	return order.Snapshot{}, errNotFound
}

func (noWorkflows) Reachable(context.Context) error { return nil }

// cafe is both surfaces on one database.
type cafe struct {
	t               testing.TB
	database        *storage.DB
	customer, store http.Handler
}

func newCafe(t testing.TB) *cafe {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a PostgreSQL server: not part of the quick tests")
	}
	database, err := storage.Open(pgtest.NewDatabase(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	log := slog.New(slog.DiscardHandler)
	feed := live.NewFeed(live.FeedConfig{Changes: database, Menu: database, Log: log})
	return &cafe{
		t: t, database: database,
		customer: api.NewCustomer(api.CustomerConfig{
			Orders: noWorkflows{}, ReadModel: database, Members: database, Menu: database, Images: database, Feed: feed, Log: log, IDSecret: []byte("secret"),
		}),
		store: api.NewStore(api.StoreConfig{
			Orders: noWorkflows{}, ReadModel: database, Menu: database, Stores: database, Images: database, Brands: database, Staff: database, Feed: feed, Log: log,
			StaffTokens: map[string]string{"mina": staffToken},
		}),
	}
}

// asked returns the answer of a surface, which is a good one.
func (c *cafe) asked(surface http.Handler, method, path, body string) string {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+staffToken)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "en")
	recorder := httptest.NewRecorder()
	surface.ServeHTTP(recorder, r)
	answer, err := io.ReadAll(recorder.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, http.StatusOK, recorder.Code, "%.500s", answer)
	return string(answer)
}

// place puts an order of two lattes with oat milk into the database, as its workflow does.
func (c *cafe) place(id string) {
	c.t.Helper()
	line := order.Line{
		Number: 1, Product: "CafeLatte", Name: order.Names{order.Korean: "카페라떼", order.English: "Cafe Latte"}, Qty: 2, Note: "no lid",
		Options:   []order.LineOption{{Group: "milk", Option: "oat", Name: order.Names{order.English: "Oat"}, Qty: 1, Price: 500}},
		BasePrice: order.Money{Amount: 3500, Currency: "KRW"}, Price: order.Money{Amount: 4000, Currency: "KRW"},
	}
	at := time.Now()
	o, err := order.New(order.Placement{ID: id, Items: []order.Line{line}, Phone: "+821012345678", Language: order.English}, at)
	require.NoError(c.t, err)
	require.NoError(c.t, o.Apply(order.Event{Name: order.PaymentSucceeded}, at))
	_, err = c.database.Project(c.t.Context(), order.Projection{Snapshot: o.Snapshot(), PickupDay: at.Format(time.DateOnly)})
	require.NoError(c.t, err)
}

// What is gone from the catalog is gone from the menu, and from nothing that was ordered before.
func TestWhatIsDeletedStaysInItsOrders(t *testing.T) {
	t.Parallel()
	c := newCafe(t)
	const id = "ord_abcdefghijklmnopqrstuvwxyz"
	c.place(id)
	shown := func() [3]string {
		return [3]string{
			c.asked(c.customer, http.MethodGet, "/orders/"+id, ""), c.asked(c.store, http.MethodGet, "/store/orders", ""),
			c.asked(c.store, http.MethodGet, "/store/orders?status=paid", ""),
		}
	}
	before := shown()
	require.Contains(t, before[0], "Cafe Latte")
	require.Contains(t, before[1], "Oat")
	require.Contains(t, c.asked(c.customer, http.MethodGet, "/menu", ""), "CafeLatte")
	c.asked(c.store, http.MethodPut, "/store/options/milk/oat", `{"available":false}`)

	c.asked(c.store, http.MethodPut, "/store/catalog", `{"categories":[],"groups":[],"items":[
		{"product":"Tea","name":{"ko":"차","en":"Tea"},"price":{"amount":3000,"currency":"KRW"}}]}`)
	var menu struct{ Items, Groups, Categories []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(c.asked(c.customer, http.MethodGet, "/menu", "")), &menu))
	require.Len(t, menu.Items, 1)
	require.Empty(t, menu.Groups)
	require.Empty(t, menu.Categories)
	require.NotContains(t, c.asked(c.store, http.MethodGet, "/store/menu", ""), "CafeLatte")
	require.Equal(t, before, shown())
}

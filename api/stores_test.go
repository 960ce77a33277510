package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// withStores adds two stores: one in another zone, which opens later, and one whose place nobody knows.
func (s *surface) withStores() {
	s.menu.state.Store.Location = &store.Location{Lat: 37.5665, Lng: 126.9780}
	for _, other := range []store.Store{
		{
			Store: "newyork", Name: order.Names{order.Korean: "뉴욕점", order.English: "New York"}, TimeZone: "America/New_York", Address: "1 Broadway",
			Location: &store.Location{Lat: 40.7045, Lng: -74.0143}, PrepMinutes: 5, Hours: store.Week{"mon": {{"08:00", "21:00"}}},
		},
		{Store: "gangnam", Name: order.Names{order.Korean: "강남점", order.English: "Gangnam"}, TimeZone: "Asia/Seoul", PrepMinutes: 7},
	} {
		s.menu.others = append(s.menu.others, &catalog.State{Store: store.State{Store: other, Version: 1}})
	}
}

func slugs(list spec.StoreList) (slugs []string) {
	for _, one := range list.Stores {
		slugs = append(slugs, one.Store)
	}
	return slugs
}

func TestStoresAreListed(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.withStores()
	list := decodeAs[spec.StoreList](s.get("/stores?language=en").wants(http.StatusOK))
	require.Equal(t, []string{"main", "newyork", "gangnam"}, slugs(list))
	main, newYork := list.Stores[0], list.Stores[1]
	require.True(t, main.Open)
	require.Equal(t, 10, *main.WaitMinutes)
	require.Equal(t, "KST", main.TimeZone, "the zone of the configuration, until the owner says another")
	require.Equal(t, "New York", newYork.Name)
	require.Equal(t, "1 Broadway", *newYork.Address)
	require.False(t, newYork.Open)
	require.Nil(t, newYork.WaitMinutes)
	require.Nil(t, newYork.DistanceM)
	require.Equal(t, "2026-03-02T08:00:00-05:00", newYork.OpensAt.Format(time.RFC3339))
}

func TestTheNearestStoreComesFirst(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.withStores()
	list := decodeAs[spec.StoreList](s.get("/stores?near=40.7128,-74.0060").wants(http.StatusOK))
	require.Equal(t, []string{"newyork", "main", "gangnam"}, slugs(list))
	require.InDelta(t, 1158, *list.Stores[0].DistanceM, 5)
	require.Nil(t, list.Stores[2].DistanceM)
	for _, wrong := range []string{"", "here", "1", "1,2,3", "91,0", "0,181", "NaN,0", "0,Inf"} {
		s.get("/stores?near="+wrong).refuses(http.StatusUnprocessableEntity, "invalid_near", "near")
	}
}

func TestStoresHavePages(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.withStores()
	first := decodeAs[spec.StoreList](s.get("/stores?page_size=2").wants(http.StatusOK))
	require.Equal(t, []string{"main", "newyork"}, slugs(first))
	last := decodeAs[spec.StoreList](s.get("/stores?page_size=2&page_token=" + first.NextPageToken).wants(http.StatusOK))
	require.Equal(t, []string{"gangnam"}, slugs(last))
	require.Empty(t, last.NextPageToken)
	s.get("/stores?page_token=-1").refuses(http.StatusUnprocessableEntity, "invalid_page_token", "page_token")
	s.get("/stores?page_token=x").refuses(http.StatusUnprocessableEntity, "invalid_page_token", "page_token")
}

func TestAStoreIsShown(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.withStores()
	require.Equal(t, "강남점", decodeAs[spec.Store](s.get("/stores/gangnam").wants(http.StatusOK)).Name)
	for _, path := range []string{"/stores/busan", "/stores/busan/menu", "/stores/busan/menu/events"} {
		s.get(path).refuses(http.StatusNotFound, "not_found", "")
	}
}

func TestAStoresMenuIsItsOwn(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.withStores()
	gangnam := s.menu.others[1]
	gangnam.Overrides = gangnam.Overrides.WithItem("CafeLatte", catalog.Availability{}).
		WithItemOverride("IceAmericano", catalog.Override{Price: new(int64(2500))}).
		WithItemOverride("Affogato", catalog.Override{Hidden: true})
	menu := decodeAs[spec.Menu](s.get("/stores/gangnam/menu").wants(http.StatusOK))
	require.Equal(t, "gangnam", menu.Store)
	require.Equal(t, 7, *menu.WaitMinutes)
	require.Len(t, menu.Items, 2)
	require.EqualValues(t, 2500, menu.Items[0].Price.Amount)
	require.False(t, menu.Items[1].Available)
	require.EqualValues(t, 2000, decodeAs[spec.Menu](s.get("/menu").wants(http.StatusOK)).Items[0].Price.Amount)
	require.EqualValues(t, 2000, decodeAs[spec.Menu](s.get("/stores/main/menu").wants(http.StatusOK)).Items[0].Price.Amount)
}

func TestAnOrderIsOfItsStore(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.withStores()
	const body = `{"store":"gangnam","items":[{"product":"IceAmericano","qty":1}]}`
	s.menu.others[1].Overrides = catalog.Overrides{}.WithItemOverride("IceAmericano", catalog.Override{Price: new(int64(2500))})
	s.menu.others[1].Store.TaxPercent = 8.1
	quote := decodeAs[spec.Quote](s.post("/orders/quote", body).wants(http.StatusOK))
	require.EqualValues(t, 2500, quote.Total.Amount)
	got := decodeAs[spec.Order](s.post("/orders", body).wants(http.StatusCreated))
	require.Equal(t, "gangnam", got.Store)
	require.EqualValues(t, 2500, got.Total.Amount)
	placed := s.orders.placed[0]
	require.Equal(t, "gangnam", placed.Store)
	require.Equal(t, order.Names{order.Korean: "카페포미 강남점", order.English: "cafeforme Gangnam"}, placed.Terms.Brand)
	require.Equal(t, 9*time.Hour, placed.Terms.UTCOffset)
	require.Equal(t, order.BasisPoints(810), placed.Terms.TaxRate, "as it was when the order was placed")

	closed := s.post("/orders", `{"store":"newyork","items":[{"product":"IceAmericano","qty":1}]}`)
	closed.refuses(http.StatusConflict, "store_closed", "")
	require.Contains(t, string(closed.body), "Monday 2 March at 08:00")
	for _, unknown := range []string{"busan", "", "GANGNAM", "stores"} {
		s.post("/orders", `{"store":"`+unknown+`","items":[{"product":"IceAmericano","qty":1}]}`).
			refuses(http.StatusUnprocessableEntity, "invalid_store", "store")
	}
}

// A store that is named, or not, is the same one: a request that is repeated with it is no other request.
func TestTheFirstStoreNeedsNoName(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	const key = "a-key-of-this-one-order"
	first := decodeAs[spec.Order](s.post("/orders", `{"items":[{"product":"IceAmericano","qty":1}]}`, "Idempotency-Key", key).wants(http.StatusCreated))
	second := decodeAs[spec.Order](s.post("/orders", `{"store":"main","items":[{"product":"IceAmericano","qty":1}]}`, "Idempotency-Key", key).wants(http.StatusCreated))
	require.Equal(t, first.ID, second.ID)
	require.Equal(t, "main", second.Store)
	require.Empty(t, s.orders.placed[0].Terms.Brand, "nothing is said of a store that is the only one")
	s.withStores()
	s.post("/orders", `{"store":"gangnam","items":[{"product":"IceAmericano","qty":1}]}`, "Idempotency-Key", key).
		refuses(http.StatusConflict, "idempotency_key_reused", "Idempotency-Key")
}

func TestStoresAreKnownWhileTheDatabaseIsDown(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.withStores()
	for _, path := range []string{"/stores", "/stores/gangnam/menu"} {
		s.get(path).wants(http.StatusOK)
	}
	s.menu.fail(errDown)
	for _, path := range []string{"/stores", "/stores/gangnam", "/stores/gangnam/menu"} {
		s.get(path).wants(http.StatusOK)
	}
	s.get("/stores/newyork/menu").wants(http.StatusServiceUnavailable)
	s.post("/orders", `{"store":"gangnam","items":[{"product":"IceAmericano","qty":1}]}`).wants(http.StatusCreated)
}

// Customers see whom they pay before they do.
func TestAStoreSaysWhomCustomersPay(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	require.NotContains(t, string(s.get("/stores/main").wants(http.StatusOK).body), "legal_name")
	s.menu.state.Store.LegalName, s.menu.state.Store.RegistrationNumber = "카페포미", "123-45-67890"
	require.Contains(t, string(s.get("/stores/main").wants(http.StatusOK).body), `"legal_name":"카페포미","name":`)
}

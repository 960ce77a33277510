package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/lastgood"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func TestTheMenuIsShown(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	a := s.get("/menu").wants(http.StatusOK)
	require.JSONEq(t, `{"store":"main","open":true,"opens_at":null,"closes_at":null,"wait_minutes":10,"categories":[],"groups":[],"items":[
		{"product":"IceAmericano","name":"아이스 아메리카노","price":{"amount":2000,"currency":"KRW"},"available":true,"groups":[]},
		{"product":"CafeLatte","name":"카페 라떼","price":{"amount":3500,"currency":"KRW"},"available":true,"groups":[]},
		{"product":"Affogato","name":"아포가토","price":{"amount":5000,"currency":"KRW"},"available":false,"groups":[]}]}`, string(a.body))
	require.Equal(t, []string{"Accept-Encoding", "Accept-Language"}, a.header.Values("Vary"))
	require.Equal(t, "ko", a.header.Get("Content-Language"))
}

func TestAnEmptyMenuIsAnEmptyList(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.menu.state = catalog.State{}
	require.JSONEq(t, `{"store":"","open":true,"opens_at":null,"closes_at":null,"wait_minutes":0,"categories":[],"items":[],"groups":[]}`, string(s.get("/menu").body))
}

func TestTheMenuIsInTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, header, want string }{
		{"", "", "ko"}, {"", "en", "en"}, {"", "en-US,en;q=0.9,ko;q=0.5", "en"}, {"", "ko-KR", "ko"},
		{"", "fr, en;q=0.5", "en"}, {"", "fr", "ko"}, {"", "ja,zh", "ko"}, {"", "*", "ko"}, {"", "=;nonsense", "ko"},
		{"?language=en", "ko", "en"}, {"?lang=en", "", "en"}, {"?lang=en&language=ko", "", "ko"},
	} {
		s := newCustomerSurface(t)
		a := s.get("/menu"+c.query, "Accept-Language", c.header).wants(http.StatusOK)
		require.Equal(t, c.want, a.header.Get("Content-Language"), c)
		want := map[string]string{"ko": "카페 라떼", "en": "Cafe Latte"}[c.want]
		require.Equal(t, want, decodeAs[spec.Menu](a).Items[1].Name)
	}
}

func TestAnUnknownLanguageIsRefused(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.get("/menu?language=fr").refuses(http.StatusUnprocessableEntity, "invalid_language", "language")
	s.get("/menu?lang=EN").refuses(http.StatusUnprocessableEntity, "invalid_language", "language")
	s.get("/menu?lang=").refuses(http.StatusUnprocessableEntity, "invalid_language", "language")
	s.get("/menu?language=en&lang=fr").refuses(http.StatusUnprocessableEntity, "invalid_language", "language")
}

func TestAChangeOfTheMenuShowsAtOnce(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.get("/menu")
	s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = true })
	require.False(t, decodeAs[spec.Menu](s.get("/menu")).Open)
}

func TestTheLastMenuIsShownWhileTheDatabaseIsDown(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.get("/menu").wants(http.StatusOK)
	s.menu.fail(errDown)
	s.get("/menu").wants(http.StatusOK)
	require.Equal(t, 2, s.menu.reads)
	s.get("/menu").wants(http.StatusOK)
	require.Equal(t, 2, s.menu.reads, "a failing database is left alone for a while")

	s.menu.fail(nil)
	s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = true })
	require.True(t, decodeAs[spec.Menu](s.get("/menu")).Open)
	s.clock.advance(lastgood.Pause)
	require.False(t, decodeAs[spec.Menu](s.get("/menu")).Open)
	require.Equal(t, 1, strings.Count(s.log.String(), "using the last good one"))
}

func TestADatabaseThatHangsIsGivenUpSoon(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.get("/menu").wants(http.StatusOK)
	s.menu.hangs = true
	start := time.Now()
	s.get("/menu").wants(http.StatusOK)
	require.Less(t, time.Since(start), 3*time.Second)
}

func TestAClientThatLeftSaysNothingAboutTheDatabase(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	cache := &menuCache{menu: s.menu, now: s.clock.Now, log: s.logger()}
	_, err := cache.get(t.Context(), store.Main)
	require.NoError(t, err)
	s.menu.hangs = true
	_, err = cache.get(cancelledContext(t), store.Main)
	require.NoError(t, err)
	s.menu.hangs = false
	s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = true })
	menu, err := cache.get(t.Context(), store.Main)
	require.NoError(t, err)
	require.False(t, menu.Open)
}

func TestWithoutAnyMenuThereIsNoneToShow(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.menu.err = errDown
	a := s.get("/menu")
	a.refuses(http.StatusServiceUnavailable, "unavailable", "")
	require.Equal(t, "5", a.header.Get("Retry-After"))
	s.menu.fail(nil)
	s.get("/menu").wants(http.StatusOK)
}

const tea = `{"name":{"ko":"녹차","en":"Green Tea"},"price":{"amount":3000,"currency":"KRW"},"available":true}`

func TestTheStaffChangesTheMenu(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	a := s.put("/store/menu/GreenTea", tea).wants(http.StatusOK)
	require.JSONEq(t, `{"product":"GreenTea","name":{"ko":"녹차","en":"Green Tea"},"price":{"amount":3000,"currency":"KRW"},"available":true}`, string(a.body))
	item, ok := s.menu.item("GreenTea")
	require.True(t, ok)
	require.Equal(t, menuItem("GreenTea", "녹차", "Green Tea", 3000), item)

	s.do(http.MethodDelete, "/store/menu/GreenTea", "").wants(http.StatusNoContent)
	s.do(http.MethodDelete, "/store/menu/GreenTea", "").refuses(http.StatusNotFound, "not_found", "")
}

func TestABadMenuItemIsRefused(t *testing.T) {
	t.Parallel()
	with := func(old, replacement string) string { return strings.Replace(tea, old, replacement, 1) }
	for _, bad := range []struct{ name, body, code, field string }{
		{"nothing", `{}`, "invalid_name", "name"},
		{"no names", with(`"name":{"ko":"녹차","en":"Green Tea"},`, ``), "invalid_name", "name"},
		{"a name that is a string", with(`{"ko":"녹차","en":"Green Tea"}`, `"Tea"`), "invalid_name", "name"},
		{"no Korean name", with(`"ko":"녹차",`, ``), "invalid_name", "name.ko"},
		{"a blank English name", with(`Green Tea`, ` `), "invalid_name", "name.en"},
		{"a long name", with(`Green Tea`, strings.Repeat("x", 81)), "invalid_name", "name.en"},
		{"a name with NUL", with(`Green Tea`, `a\u0000b`), "invalid_name", "name.en"},
		{"a third language", with(`"ko"`, `"fr":"thé","ko"`), "invalid_field", "name.fr"},
		{"a price of nothing", with(`3000`, `0`), "invalid_price", "price.amount"},
		{"a negative price", with(`3000`, `-1`), "invalid_price", "price.amount"},
		{"a huge price", with(`3000`, `100000001`), "invalid_price", "price.amount"},
		{"a fraction", with(`3000`, `3000.5`), "invalid_price", "price.amount"},
		{"no price", with(`"price":{"amount":3000,"currency":"KRW"},`, ``), "invalid_price", "price"},
		{"a lower-case currency", with(`KRW`, `krw`), "invalid_price", "price.currency"},
		{"a long currency", with(`KRW`, `KRWW`), "invalid_price", "price.currency"},
		{"another currency", with(`KRW`, `USD`), "invalid_price", "price.currency"},
		{"an availability that is a string", with(`:true`, `:"true"`), "invalid_available", "available"},
		{"a time without an availability", with(`"available":true`, `"until":"2126-01-01T00:00:00Z"`), "invalid_available", "available"},
		{"a time that is past", with(`:true`, `:false,"until":"2020-01-01T00:00:00Z"`), "invalid_until", "until"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			s := newStoreSurface(t)
			s.put("/store/menu/GreenTea", bad.body).refuses(http.StatusUnprocessableEntity, bad.code, bad.field)
			require.Equal(t, newFakeMenu().state, s.menu.state)
		})
	}
}

func TestABadProductIsRefused(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	for _, product := range []string{"1Tea", "Green-Tea", "%EB%85%B9%EC%B0%A8", strings.Repeat("x", 41), "%00", "Tea%20"} {
		s.put("/store/menu/"+product, tea).refuses(http.StatusUnprocessableEntity, "invalid_product", "product")
		s.do(http.MethodDelete, "/store/menu/"+product, "").refuses(http.StatusUnprocessableEntity, "invalid_product", "product")
	}
}

func TestTheOnlyProductMayChangeTheCurrency(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.menu.state.Catalog.Items = s.menu.state.Catalog.Items[:1]
	s.put("/store/menu/IceAmericano", strings.Replace(tea, "KRW", "USD", 1)).wants(http.StatusOK)

	priced := withMilk(newStoreSurface(t))
	priced.menu.state.Catalog.Items = priced.menu.state.Catalog.Items[:1]
	require.NotEmpty(t, priced.menu.state.Catalog.Groups)
	priced.put("/store/menu/IceAmericano", strings.Replace(tea, "KRW", "USD", 1)).wants(http.StatusOK)
	require.Empty(t, priced.menu.state.Catalog.Groups, "what options cost was in won")
}

func TestTheStaffPausesAndResumesOrdering(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	require.JSONEq(t, `{"open":false,"paused":true}`, string(s.put("/store/hours", `{"open":false}`).wants(http.StatusOK).body))
	require.True(t, s.menu.state.Store.Pause.Paused)
	s.put("/store/hours", `{"open":true}`).wants(http.StatusOK)
	require.False(t, s.menu.state.Store.Pause.Paused)
	for _, body := range []string{`{}`, `{"open":null}`, `{"open":"yes"}`, `{"open":1}`} {
		s.put("/store/hours", body).refuses(http.StatusUnprocessableEntity, "invalid_open", "open")
	}
}

func TestTheMenuCannotBeChangedWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.menu.err = errDown
	s.put("/store/menu/GreenTea", tea).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.put("/store/hours", `{"open":false}`).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.do(http.MethodDelete, "/store/menu/CafeLatte", "").refuses(http.StatusServiceUnavailable, "unavailable", "")
}

func TestASummaryFits(t *testing.T) {
	t.Parallel()
	names := map[string]string{"IceAmericano": "Ice Americano", "CafeLatte": "Cafe Latte", "Long": strings.Repeat("가", 80)}
	item := func(product string, qty int) order.Line {
		return order.Line{Product: product, Name: order.Names{order.English: names[product]}, Qty: qty}
	}
	require.Equal(t, "2x Ice Americano, 1x Cafe Latte",
		orderSummary([]order.Line{item("IceAmericano", 2), item("CafeLatte", 1)}))
	require.Equal(t, "1x Ice Americano, 1x Ice Americano, 1x Ice Americano +2 more",
		orderSummary([]order.Line{item("IceAmericano", 1), item("IceAmericano", 1), item("IceAmericano", 1), item("X", 1), item("X", 1)}))
	require.Equal(t, "2x Gone", orderSummary([]order.Line{item("Gone", 2)}))
	long := orderSummary([]order.Line{item("Long", 1), item("Long", 1), item("Long", 1), item("Long", 1)})
	require.LessOrEqual(t, len(long), summaryBytes)
	require.True(t, strings.HasSuffix(long, "… +1 more"), long)
	require.True(t, strings.HasPrefix(long, "1x 가"))
	require.Equal(t, strings.ToValidUTF8(long, "?"), long)
}

func TestTheStaffSeesTheMenuInAllLanguages(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.put("/store/menu/IcedTea", `{"name":{"ko":"아이스티","en":"Iced Tea"},"price":{"amount":2500,"currency":"KRW"},"available":false}`).wants(http.StatusOK)
	s.put("/store/hours", `{"open":false}`).wants(http.StatusOK)

	menu := decodeAs[spec.StoreMenu](s.get("/store/menu").wants(http.StatusOK))
	require.False(t, menu.Open)
	require.Contains(t, menu.Items, spec.StoreMenuItem{
		Product: "IcedTea", Name: spec.Names{Ko: "아이스티", En: "Iced Tea"}, Price: spec.Money{Amount: 2500, Currency: "KRW"},
		Unavailable: &spec.Unavailability{Reason: "sold_out"},
	})
	s.headers.Del("Authorization")
	s.get("/store/menu").refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestPagesAreServedBesideTheAPI(t *testing.T) {
	t.Parallel()
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Pages = map[string]http.Handler{"/o/{id}": page} })
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/o/"+knownID, http.NoBody))
	require.Equal(t, http.StatusTeapot, recorder.Code)
	require.Equal(t, "nosniff", recorder.Header().Get("X-Content-Type-Options"))
	require.Equal(t, "/o/{id}", s.lastLogged()["route"])
	s.post("/o/"+knownID, "").refuses(http.StatusMethodNotAllowed, "method_not_allowed", "")
}

// Only an order that is known not to exist has no page.
func TestAnUnknownOrderHasNoPage(t *testing.T) {
	t.Parallel()
	says := func(code int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	s := newCustomerSurface(t, func(c *CustomerConfig) {
		c.Pages, c.NoOrder = map[string]http.Handler{"/o/{id}": says(http.StatusTeapot)}, says(http.StatusGone)
	})
	status := func(id string) int {
		recorder := httptest.NewRecorder()
		s.handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/o/"+id, http.NoBody))
		return recorder.Code
	}
	require.Equal(t, http.StatusGone, status(knownID))
	require.Equal(t, http.StatusGone, status("no-order-at-all"))
	s.orders.readErr = &order.Error{Code: order.CodeUnavailable, Message: "nobody answers"}
	require.Equal(t, http.StatusTeapot, status(knownID), "nobody knows")
	s.readModel.orders[knownID] = order.Snapshot{ID: knownID}
	require.Equal(t, http.StatusTeapot, status(knownID))
}

package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/store"
)

const gangnam = `{"store":"gangnam","name":{"ko":"강남점","en":"Gangnam"},"address":"서울 강남구 테헤란로 1","phone":"+82 2-1234-5678",
	"location":{"lat":37.4979,"lng":127.0276},"time_zone":"Asia/Seoul","currency":"KRW","legal_name":"카페포미","registration_number":"123-45-67890","tax_percent":10,
	"hours":{"mon":[["08:00","21:00"]],"fri":[["08:00","14:00"],["17:00","02:00"]],"sun":[]},
	"exceptions":[{"date":"2026-12-25","hours":[]}],"prep_minutes":5,"cups_per_slot":30}`

func TestAStoreIsMadeReadAndChanged(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.get("/store/stores/gangnam").refuses(http.StatusNotFound, "not_found", "")
	made := s.put("/store/stores/gangnam", gangnam, "If-None-Match", "*").wants(http.StatusCreated)
	want := strings.Replace(gangnam, "+82 2-1234-5678", "+82212345678", 1)
	want = strings.Replace(want, `"sun":[]`, `"sun":[],"tue":[],"wed":[],"thu":[],"sat":[]`, 1)
	require.JSONEq(t, want, string(made.body))
	tag := made.header.Get("ETag")

	read := s.get("/store/stores/gangnam").wants(http.StatusOK)
	require.JSONEq(t, want, string(read.body))
	require.Equal(t, tag, read.header.Get("ETag"))
	s.get("/store/stores/gangnam", "If-None-Match", tag).wants(http.StatusNotModified)
	s.put("/store/stores/gangnam", string(read.body)).wants(http.StatusOK)

	s.put("/store/stores/gangnam", gangnam, "If-None-Match", "*").refuses(http.StatusPreconditionFailed, "precondition_failed", "")
	s.put("/store/stores/gangnam", gangnam, "If-Match", tag).refuses(http.StatusPreconditionFailed, "precondition_failed", "")
	s.put("/store/stores/busan", gangnam, "If-Match", "*").refuses(http.StatusUnprocessableEntity, "invalid_store", "store")
	s.put("/store/stores/busan", strings.Replace(gangnam, "gangnam", "busan", 1), "If-Match", "*").
		refuses(http.StatusPreconditionFailed, "precondition_failed", "")
}

func TestStoresAreListedWithWhetherTheyAreOpen(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	require.NotContains(t, string(s.get("/store/stores").wants(http.StatusOK).body), "several", "one store has no trace of others")
	s.put("/store/stores/gangnam", `{"name":{"ko":"강남점","en":"Gangnam"},"time_zone":"Asia/Seoul","hours":{}}`).wants(http.StatusCreated)
	until := s.clock.Now().Add(15 * time.Minute).UTC().Truncate(time.Second)
	s.put("/store/hours", `{"open":false,"until":"`+until.Format(time.RFC3339)+`"}`).wants(http.StatusOK)
	list := decodeAs[spec.StoreSummaries](s.get("/store/stores").wants(http.StatusOK))
	require.True(t, *list.Several)
	stores := list.Stores
	require.Len(t, stores, 2)
	require.Equal(t, store.Main, stores[0].Store)
	require.Equal(t, "UTC", stores[0].TimeZone, "the configured one")
	require.False(t, stores[0].Open)
	require.True(t, *stores[0].Paused)
	require.True(t, until.Equal(*stores[0].PausedUntil))
	require.True(t, until.Equal(*stores[0].OpensAt))
	require.Equal(t, spec.StoreSummary{Store: "gangnam", Name: spec.Names{Ko: "강남점", En: "Gangnam"}, TimeZone: "Asia/Seoul"}, stores[1])
	s.clock.advance(15 * time.Minute)
	require.True(t, decodeAs[spec.StoreSummaries](s.get("/store/stores")).Stores[0].Open, "it ends by itself")
}

func TestAStoreThatIsWrongIsToldEverything(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	problem := s.put("/store/stores/gangnam", `{"name":{"ko":"","en":"Gangnam"},"time_zone":"Mars","currency":"USD",
		"hours":{"mon":[["08:00","12:00"],["11:00","13:00"]]},"prep_minutes":0}`).refuses(http.StatusUnprocessableEntity, "invalid_name", "name.ko")
	var paths []string
	for _, e := range *problem.Errors {
		require.Nil(t, e.Line)
		paths = append(paths, e.Path)
	}
	require.Equal(t, []string{"name.ko", "time_zone", "currency", "hours.mon[1]", "prep_minutes"}, paths)
	for field, body := range map[string]string{
		"hours.mon[0]":           `"hours":{"mon":[["08:00"]]}`,
		"hours.mon":              `"hours":{"mon":"08:00-12:00"}`,
		"exceptions[0].hours[0]": `"exceptions":[{"date":"2026-12-25","hours":[[]]}]`,
		"location.lat":           `"location":{"lat":"37","lng":1}`,
		"location.lng":           `"location":{"lat":37.5,"lng":1e999}`,
	} {
		a := s.put("/store/stores/gangnam", `{"name":{"ko":"강남점","en":"Gangnam"},"time_zone":"Asia/Seoul",`+body+`}`)
		require.Equal(t, field, *a.wants(http.StatusUnprocessableEntity).problem().Field)
	}
	s.put("/store/stores/gangnam", `{"name":{"ko":"a","en":"b"},"hours":{"monday":[]}}`).refuses(http.StatusUnprocessableEntity, "invalid_field", "hours.monday")
	for _, slug := range []string{"new", "G", "a_b"} {
		s.put("/store/stores/"+slug, gangnam).refuses(http.StatusUnprocessableEntity, "invalid_store", "store")
		s.get("/store/stores/"+slug).refuses(http.StatusNotFound, "not_found", "")
	}
	require.Empty(t, s.menu.others)
}

func TestAPauseIsAStoresOwnAndMayEnd(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.put("/store/stores/gangnam", gangnam).wants(http.StatusCreated)
	until := s.clock.Now().Add(time.Hour).UTC().Truncate(time.Second)
	a := s.put("/store/hours?store=gangnam", `{"open":false,"until":"`+until.Format(time.RFC3339)+`"}`).wants(http.StatusOK)
	hours := decodeAs[spec.StoreHours](a)
	require.False(t, hours.Open)
	require.True(t, until.Equal(*hours.PausedUntil))
	require.Equal(t, store.Pause{Paused: true, Until: until}, s.menu.others[0].Store.Pause)
	require.False(t, s.menu.state.Store.Pause.Paused)
	for _, body := range []string{
		`{"open":true,"until":"` + until.Format(time.RFC3339) + `"}`, `{"open":false,"until":"2020-01-01T00:00:00Z"}`, `{"open":false,"until":"2126-01-01T00:00:00Z"}`,
	} {
		s.put("/store/hours?store=gangnam", body).refuses(http.StatusUnprocessableEntity, "invalid_until", "until")
	}
	s.put("/store/hours?store=busan", `{"open":true}`).refuses(http.StatusNotFound, "not_found", "")
}

// itemOf returns the product as the staff of the store sees it.
func itemOf(t *testing.T, s *surface, slug, product string) spec.StoreMenuItem {
	t.Helper()
	for _, item := range decodeAs[spec.StoreMenu](s.get("/store/menu?store=" + slug).wants(http.StatusOK)).Items {
		if item.Product == product {
			return item
		}
	}
	return spec.StoreMenuItem{}
}

func TestOneOfSeveralStoresSaysOtherwiseThanTheCatalog(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.put("/store/stores/gangnam", gangnam).wants(http.StatusCreated)
	const latte = "/store/menu/CafeLatte?store=gangnam"
	a := s.put(latte, `{"price":{"amount":3900,"currency":"KRW"}}`).wants(http.StatusOK)
	require.JSONEq(t, `{"product":"CafeLatte","name":{"ko":"카페 라떼","en":"Cafe Latte"},"price":{"amount":3900,"currency":"KRW"},
		"catalog_price":{"amount":3500,"currency":"KRW"},"available":true}`, string(a.body))
	s.put(latte, `{"hidden":true}`).wants(http.StatusOK)
	there := itemOf(t, s, "gangnam", "CafeLatte")
	require.True(t, *there.Hidden)
	require.False(t, there.Available)
	require.EqualValues(t, 3900, there.Price.Amount)
	here := itemOf(t, s, "main", "CafeLatte")
	require.Nil(t, here.Hidden)
	require.EqualValues(t, 3500, here.Price.Amount)
	require.Nil(t, here.CatalogPrice)

	s.put(latte, `{"name":{"ko":"라떼","en":"Latte"}}`).refuses(http.StatusUnprocessableEntity, "invalid_name", "name")
	s.put(latte, `{"price":{"amount":390,"currency":"USD"}}`).refuses(http.StatusUnprocessableEntity, "invalid_price", "price.currency")
	s.put(latte, `{"price":{"amount":0,"currency":"KRW"}}`).refuses(http.StatusUnprocessableEntity, "invalid_price", "price.amount")
	s.put("/store/menu/GreenTea?store=gangnam", tea).refuses(http.StatusNotFound, "not_found", "")
	s.put("/store/menu/GreenTea", tea).refuses(http.StatusNotFound, "not_found", "")

	s.put(latte, `{"price":{"amount":3500,"currency":"KRW"},"hidden":false}`).wants(http.StatusOK)
	require.Empty(t, s.menu.others[0].Overrides.Items, "as the catalog has it")
	s.put(latte, `{"available":false}`).wants(http.StatusOK)
	s.remove(latte).wants(http.StatusNoContent)
	require.True(t, itemOf(t, s, "gangnam", "CafeLatte").Available)
	_, known := s.menu.item("CafeLatte")
	require.True(t, known, "it stays in the catalog")
}

func TestAStoreSaysOfAnOptionWhatItCosts(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	withMilk(s)
	const oat = "/store/options/milk/oat"
	price := func(amount string) string { return `{"price":{"amount":` + amount + `,"currency":"KRW"}}` }
	s.put(oat, price("600")).wants(http.StatusOK)
	milk, _ := s.menu.state.Catalog.FindGroup("milk")
	option, _ := milk.FindOption("oat")
	require.EqualValues(t, 600, option.Price, "the only store's price is the catalog's")

	s.put("/store/stores/gangnam", gangnam).wants(http.StatusCreated)
	a := s.put(oat+"?store=gangnam", price("0")).wants(http.StatusOK)
	var view spec.StoreMenuOption
	require.NoError(t, json.Unmarshal(a.body, &view))
	require.EqualValues(t, 0, view.Price.Amount)
	require.EqualValues(t, 600, view.CatalogPrice.Amount)
	s.put(oat+"?store=gangnam", `{"hidden":true}`).wants(http.StatusOK)
	s.put(oat+"?store=gangnam", price("-100000000001")).refuses(http.StatusUnprocessableEntity, "invalid_price", "price.amount")
	s.put(oat+"?store=gangnam", strings.Replace(price("1"), "KRW", "USD", 1)).refuses(http.StatusUnprocessableEntity, "invalid_price", "price.currency")
	s.put("/store/options/milk/whole?store=gangnam", price("-4000")).refuses(http.StatusUnprocessableEntity, "invalid_price", "price.amount")
	for _, body := range []string{`{}`, `{"until":"2126-01-01T00:00:00Z"}`} {
		s.put(oat, body).refuses(http.StatusUnprocessableEntity, "invalid_available", "available")
	}
	s.remove(oat + "?store=gangnam").wants(http.StatusNoContent)
	require.Empty(t, s.menu.others[0].Overrides.Options)
	s.remove("/store/options/milk/goat").refuses(http.StatusNotFound, "not_found", "")
}

func TestAStoresAddressIsDrawn(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	a := s.get("/store/stores/main/qr.svg").wants(http.StatusOK)
	require.Equal(t, "image/svg+xml", a.header.Get("Content-Type"))
	require.Contains(t, string(a.body), `viewBox="0 0 37 37"`)
	require.Contains(t, string(a.body), "M4 4h7v1H4z", "the upper edge of the first corner")
	s.get("/store/stores/gangnam/qr.svg").refuses(http.StatusNotFound, "not_found", "")
	s = newStoreSurface(t, func(c *StoreConfig) { c.PublicURL = "" })
	s.get("/store/stores/main/qr.svg").refuses(http.StatusNotFound, "not_found", "")
}

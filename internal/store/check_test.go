package store_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func gangnam() store.Store {
	return store.Store{
		Store: "gangnam", Name: order.Names{order.Korean: "강남점", order.English: "Gangnam"}, Address: "서울 강남구 테헤란로 1", Phone: "+82212345678",
		Location: &store.Location{Lat: 37.4979, Lng: 127.0276}, TimeZone: "Asia/Seoul", Currency: "KRW", LegalName: "카페포미", RegistrationNumber: "123-45-67890",
		Hours:       store.Week{"mon": {{"08:00", "12:00"}, {"13:00", "21:00"}}, "fri": {{"18:00", "02:00"}}, "sat": {{"02:00", "24:00"}}, "sun": {}},
		Exceptions:  []store.Exception{{Date: "2026-12-25", Hours: []store.Period{}}, {Date: "2026-12-31", Hours: []store.Period{{"18:00", "05:00"}}}},
		PrepMinutes: 10, CupsPerSlot: 20,
	}
}

func TestAStoreThatIsRightHasNoProblems(t *testing.T) {
	t.Parallel()
	require.Empty(t, gangnam().Check("KRW"))
	require.Empty(t, store.Store{
		Store: store.Main, Name: gangnam().Name, Currency: "KRW", PrepMinutes: 1, CupsPerSlot: 1,
	}.Check("KRW"), "the first store needs no more, and no zone")
}

func TestEveryProblemOfAStoreIsNamed(t *testing.T) {
	t.Parallel()
	for path, wrong := range map[string]func(*store.Store){
		"store":   func(s *store.Store) { s.Store = "Gangnam" },
		"name.en": func(s *store.Store) { s.Name = order.Names{order.Korean: "강남점"} },
		"name.ko": func(s *store.Store) {
			s.Name = order.Names{order.Korean: strings.Repeat("점", 31), order.English: "x"}
		},
		"address":             func(s *store.Store) { s.Address = "two\nlines" },
		"phone":               func(s *store.Store) { s.Phone = "02-1234-5678" },
		"location.lat":        func(s *store.Store) { s.Location = &store.Location{Lat: 90.1} },
		"location.lng":        func(s *store.Store) { s.Location = &store.Location{Lng: math.NaN()} },
		"time_zone":           func(s *store.Store) { s.TimeZone = "" },
		"currency":            func(s *store.Store) { s.Currency = "USD" },
		"legal_name":          func(s *store.Store) { s.LegalName = strings.Repeat("x", 81) },
		"registration_number": func(s *store.Store) { s.RegistrationNumber = " 1" },
		"hours":               func(s *store.Store) { s.Hours = store.Week{"monday": {}} },
		"hours.mon[1]":        func(s *store.Store) { s.Hours = store.Week{"mon": {{"08:00", "12:00"}, {"11:59", "13:00"}}} },
		"hours.tue[0]":        func(s *store.Store) { s.Hours = store.Week{"mon": {{"20:00", "03:00"}}, "tue": {{"02:00", "04:00"}}} },
		"hours.sun[0]":        func(s *store.Store) { s.Hours = store.Week{"sat": {{"20:00", "03:00"}}, "sun": {{"02:00", "04:00"}}} },
		"hours.wed[0]":        func(s *store.Store) { s.Hours = store.Week{"wed": {{"8:00", "12:00"}}} },
		"hours.thu[0]":        func(s *store.Store) { s.Hours = store.Week{"thu": {{"08:00", "08:00"}}} },
		"hours.fri":           func(s *store.Store) { s.Hours["fri"] = make([]store.Period, 9) },
		"exceptions[0].date":  func(s *store.Store) { s.Exceptions[0].Date = "2026-02-30" },
		"exceptions[1].date":  func(s *store.Store) { s.Exceptions[1].Date = "2026-12-25" },
		"exceptions[1].hours[1]": func(s *store.Store) {
			s.Exceptions[1].Hours = []store.Period{{"18:00", "05:00"}, {"23:00", "24:00"}}
		},
		"prep_minutes":  func(s *store.Store) { s.PrepMinutes = 241 },
		"tax_percent":   func(s *store.Store) { s.TaxPercent = 10.005 },
		"cups_per_slot": func(s *store.Store) { s.CupsPerSlot = 0 },
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := gangnam()
			wrong(&s)
			problems := s.Check("KRW")
			require.NotEmpty(t, problems)
			require.Equal(t, path, problems[0].Path, problems)
		})
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	var paths []string
	for _, problem := range (store.Store{Store: "new", TimeZone: "Seoul", Currency: "won", Exceptions: []store.Exception{{Date: "tomorrow"}}}).Check("KRW") {
		paths = append(paths, problem.Path)
	}
	require.Equal(t, []string{"store", "name.ko", "name.en", "time_zone", "currency", "exceptions[0].date", "prep_minutes", "cups_per_slot"}, paths)
}

func TestSlugs(t *testing.T) {
	t.Parallel()
	for _, slug := range []string{"main", "gangnam", "gangnam-2", "7th-street", "ab", strings.Repeat("x", 40)} {
		require.True(t, store.ValidSlug(slug), slug)
	}
	for _, slug := range []string{"", "a", "Gangnam", "강남", "a_b", "-ab", "ab-", "a b", "new", "all", strings.Repeat("x", 41), "ab\n"} {
		require.False(t, store.ValidSlug(slug), slug)
	}
}

// A store that is closed on every day is not one without hours.
func TestTheDocumentKeepsWhatItSays(t *testing.T) {
	t.Parallel()
	for _, s := range []store.Store{gangnam(), {Hours: store.Week{}}, {}} {
		text, err := json.Marshal(s)
		require.NoError(t, err)
		var read store.Store
		require.NoError(t, json.Unmarshal(text, &read))
		require.Equal(t, s, read, string(text))
	}
}

func TestDistances(t *testing.T) {
	t.Parallel()
	seoul, busan := store.Location{Lat: 37.5665, Lng: 126.9780}, store.Location{Lat: 35.1796, Lng: 129.0756}
	require.InDelta(t, 325_000, seoul.Distance(busan), 1_000)
	require.InDelta(t, seoul.Distance(busan), busan.Distance(seoul), 0.001)
	require.Zero(t, seoul.Distance(seoul))
	require.InDelta(t, 22_239, store.Location{Lng: 179.9}.Distance(store.Location{Lng: -179.9}), 10, "over the date line")
	require.InDelta(t, math.Pi*6_371_008.8, store.Location{Lat: 90}.Distance(store.Location{Lat: -90}), 1, "from pole to pole")
	require.False(t, math.IsNaN(store.Location{Lat: 12.3, Lng: 45.6}.Distance(store.Location{Lat: -12.3, Lng: -134.4})), "the other side of the earth")
}

func ExampleLocation_Distance() {
	fmt.Printf("%.0f m\n", store.Location{Lat: 37.4979, Lng: 127.0276}.Distance(store.Location{Lat: 37.5006, Lng: 127.0364}))
	// Output: 832 m
}

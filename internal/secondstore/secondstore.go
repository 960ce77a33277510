// Package secondstore has tests run beside a second store, where CAFEFORME_TEST_SECOND_STORE is 1: what
// holds for one store has to hold for the first of two, for whoever never names one. Every database of
// package pgtest has it then: those of the tests of storage on PostgreSQL, of the catalog's, and of all
// clusters of processes, which outages, races and restarts are tested with.
package secondstore

import (
	"os"
	"testing"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Wanted reports whether there is to be one.
func Wanted() bool { return os.Getenv("CAFEFORME_TEST_SECOND_STORE") == "1" }

// Store returns it: in another zone than the first one is in.
func Store() store.Store {
	return store.Store{
		Store: "second", Name: order.Names{order.Korean: "둘째 매장", order.English: "Second store"}, TimeZone: "America/New_York",
		Currency: order.DefaultCurrency, PrepMinutes: store.PrepMinutes, CupsPerSlot: store.CupsPerSlot,
	}
}

// Without skips a test that is about the only store, where there is a second one. why says what is
// otherwise then.
func Without(t testing.TB, why string) {
	t.Helper()
	if Wanted() {
		t.Skip("with a second store: " + why)
	}
}

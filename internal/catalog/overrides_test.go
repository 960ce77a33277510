package catalog_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func TestAStoreHasPricesOfItsOwn(t *testing.T) {
	t.Parallel()
	state := cafe()
	state.Overrides = state.Overrides.
		WithItemOverride("Latte", catalog.Override{Price: new(int64(3200))}).
		WithOptionOverride("milk", "oat", catalog.Override{Price: new(int64(0))})
	lines, err := state.Menu(noon).Lines([]catalog.WantedLine{want("Latte", 2, "milk oat 1", "shots extra 1"), want("Tea", 1)})
	require.NoError(t, err)
	require.Equal(t, order.Money{Amount: 3200, Currency: "KRW"}, lines[0].BasePrice)
	require.Equal(t, order.Money{Amount: 3700, Currency: "KRW"}, lines[0].Price)
	require.EqualValues(t, 200, lines[1].Price.Amount)
	require.EqualValues(t, 3000, state.Catalog.Items[0].Price.Amount, "the catalog is everybody's")
	require.EqualValues(t, 500, state.Catalog.Groups[0].Options[1].Price)
}

func TestWhatAStoreHidesIsNotOnItsMenu(t *testing.T) {
	t.Parallel()
	state := cafe()
	state.Overrides = state.Overrides.
		WithItemOverride("Tea", catalog.Override{Hidden: true, Availability: &catalog.Availability{Available: true}}).
		WithOptionOverride("milk", "whole", catalog.Override{Hidden: true})
	menu := state.Menu(noon)
	_, shown := menu.Item("Tea")
	require.False(t, shown)
	milk, _ := menu.Group("milk")
	require.Len(t, milk.Options, 1)
	require.True(t, available(menu, "Latte"), "there is oat milk")
	_, err := menu.Lines([]catalog.WantedLine{want("Tea", 1)})
	require.Equal(t, order.CodeInvalid, order.ErrorCode(err))

	whole := state.WholeMenu(noon)
	require.Len(t, whole.Items, 2)
	require.False(t, available(whole, "Tea"))
	milk, _ = whole.Group("milk")
	require.Len(t, milk.Options, 2)
	require.Len(t, state.Catalog.Groups[0].Options, 2)

	state.Overrides = state.Overrides.WithOptionOverride("milk", "oat", catalog.Override{Hidden: true})
	require.False(t, available(state.Menu(noon), "Latte"), "it needs milk")
}

// What was written before there were prices and hidden items reads as it did, and says no more.
func TestOverridesInJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]catalog.Overrides{
		`{}`:                                    {},
		`{"items":{"Tea":{"available":false}}}`: catalog.Overrides{}.WithItem("Tea", catalog.Availability{}),
		`{"items":{"Tea":{"price":200}}}`:       catalog.Overrides{}.WithItemOverride("Tea", catalog.Override{Price: new(int64(200))}),
		`{"options":{"milk/oat":{"available":true,"until":"2026-03-02T12:00:00Z","hidden":true}}}`: catalog.Overrides{}.WithOptionOverride("milk", "oat", catalog.Override{
			Availability: &catalog.Availability{Available: true, Until: noon}, Hidden: true,
		}),
	} {
		var read catalog.Overrides
		require.NoError(t, json.Unmarshal([]byte(text), &read))
		require.Equal(t, want, read)
		written, err := json.Marshal(read)
		require.NoError(t, err)
		require.Equal(t, text, string(written))
	}
	nothing := catalog.Overrides{}.WithItem("Tea", catalog.Availability{}).WithItemOverride("Tea", catalog.Override{})
	require.Equal(t, catalog.Overrides{}, nothing)
}

func TestTheMenuIsAnotherOneWhenTheStoreOpens(t *testing.T) {
	t.Parallel()
	seoul, err := store.LoadZone("Asia/Seoul")
	require.NoError(t, err)
	at := func(hour int) time.Time { return time.Date(2026, 3, 2, hour, 0, 0, 0, seoul) }
	state := cafe()
	state.Store.TimeZone = "Asia/Seoul"
	state.Store.Hours = store.Week{"mon": {{"08:00", "21:00"}}}
	state.Catalog.Items[1].Hours = []store.Period{{"07:00", "11:00"}}
	for _, c := range []struct {
		at    time.Time
		open  bool
		until time.Time
	}{
		{at(6), false, at(7)}, {at(7), false, at(8)}, {at(8), true, at(11)}, {at(11), true, at(21)},
	} {
		menu := state.Menu(c.at.UTC())
		require.Equal(t, c.open, menu.Open)
		require.Equal(t, c.open, menu.Opening.Open)
		require.True(t, c.until.Equal(menu.Until), "%s until %s", c.at, menu.Until)
	}
	_, err = state.Menu(at(6)).Lines([]catalog.WantedLine{want("Latte", 1)})
	require.Equal(t, catalog.CodeStoreClosed, order.ErrorCode(err))
	require.ErrorContains(t, err, "it opens on Monday 2 March at 08:00")
}

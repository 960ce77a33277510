package catalog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
)

func available(m catalog.Menu, product string) bool {
	item, _ := m.Item(product)
	return item.Available
}

func TestWhatIsSoldOutComesBackByItself(t *testing.T) {
	t.Parallel()
	state, until := cafe(), noon.Add(time.Hour)
	state.Overrides = state.Overrides.WithItem("Tea", catalog.Availability{Until: until}).WithOption("milk", "oat", catalog.Availability{})
	menu := state.Menu(noon)
	require.False(t, available(menu, "Tea"))
	require.True(t, available(menu, "Latte"), "there is whole milk")
	require.Equal(t, until, menu.Until)
	milk, _ := menu.Group("milk")
	require.False(t, milk.Options[1].Available)

	later := state.Menu(until)
	require.True(t, available(later, "Tea"))
	require.Zero(t, later.Until)
	milk, _ = later.Group("milk")
	require.False(t, milk.Options[1].Available, "until somebody says otherwise")
}

func TestAnItemIsSoldOutWithoutEnoughOfARequiredGroup(t *testing.T) {
	t.Parallel()
	state := cafe()
	state.Overrides = state.Overrides.WithOption("milk", "oat", catalog.Availability{}).WithOption("milk", "whole", catalog.Availability{})
	menu := state.Menu(noon)
	require.False(t, available(menu, "Latte"))
	require.True(t, available(menu, "Tea"))

	state = cafe()
	state.Catalog.Groups[1].Min = 3
	require.True(t, available(state.Menu(noon), "Latte"), "three of one option are enough")
	state.Catalog.Groups[1].Options[0].MaxQty = 2
	require.False(t, available(state.Menu(noon), "Latte"))
}

func TestWhatAStoreSaysWinsOverTheCatalog(t *testing.T) {
	t.Parallel()
	state := cafe()
	state.Catalog.Items[1].Available = false
	require.False(t, available(state.Menu(noon), "Tea"))
	state.Overrides = state.Overrides.WithItem("Tea", catalog.Availability{Available: true})
	require.True(t, available(state.Menu(noon), "Tea"))
}

// Who says that something is sold out until three means that it is to be had at three.
func TestWhatWasSoldOutForATimeIsToBeHadAfterwards(t *testing.T) {
	t.Parallel()
	state := cafe()
	state.Catalog.Items[1].Available = false
	state.Overrides = state.Overrides.WithItem("Tea", catalog.Availability{Until: noon})
	require.False(t, available(state.Menu(noon.Add(-time.Second)), "Tea"))
	require.True(t, available(state.Menu(noon), "Tea"))
	state.Overrides = state.Overrides.WithItem("Tea", catalog.Availability{Available: true, Until: noon})
	require.False(t, available(state.Menu(noon), "Tea"), "it was to be had for a time")
}

func TestAnItemIsSoldInItsHours(t *testing.T) {
	t.Parallel()
	seoul := time.FixedZone("KST", 9*60*60)
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 2, hour, minute, 0, 0, seoul) }
	state := cafe()
	state.Catalog.Items[1].Hours = []store.Period{{"07:00", "11:00"}, {"22:00", "02:00"}}
	for _, c := range []struct {
		at    time.Time
		sold  bool
		until time.Time
	}{
		{at(6, 59), false, at(7, 0)},
		{at(7, 0), true, at(11, 0)},
		{at(10, 59), true, at(11, 0)},
		{at(11, 0), false, at(22, 0)},
		{at(22, 0), true, at(26, 0)},
		{at(1, 59), true, at(2, 0)},
		{at(2, 0), false, at(7, 0)},
	} {
		menu := state.Menu(c.at)
		require.Equal(t, c.sold, available(menu, "Tea"), c.at)
		require.True(t, c.until.Equal(menu.Until), "%v until %v", c.at, menu.Until)
	}
}

func TestDiffNamesWhatIsDifferent(t *testing.T) {
	t.Parallel()
	before, after := cafe().Catalog, cafe().Catalog
	require.Empty(t, catalog.Diff(before, after))
	tea := after.Items[1]
	tea.Price.Amount = 300
	after = after.WithItem(tea).WithItem(catalog.Item{Product: "Juice"}).WithoutItem("Latte")
	after.Groups = []catalog.Group{after.Groups[1], after.Groups[0], after.Groups[2]}
	var paths []string
	for _, change := range catalog.Diff(before, after) {
		paths = append(paths, change.Path)
	}
	require.Equal(t, []string{"groups", "items/Tea", "items/Juice", "items/Latte"}, paths)
}

func TestTheMenuSaysWhyAnItemCannotBeHad(t *testing.T) {
	t.Parallel()
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	soldOut := func(until time.Time) catalog.Availability { return catalog.Availability{Until: until} }
	for name, c := range map[string]struct {
		change func(*catalog.State)
		want   catalog.Unavailability
	}{
		"the store says so": {func(s *catalog.State) {
			s.Overrides = s.Overrides.WithItem("Latte", soldOut(time.Time{}))
		}, catalog.Unavailability{Reason: catalog.ReasonSoldOut}},
		"the store says so for a time": {func(s *catalog.State) {
			s.Overrides = s.Overrides.WithItem("Latte", soldOut(hour(2)))
		}, catalog.Unavailability{Reason: catalog.ReasonSoldOut, Until: hour(2)}},
		"the catalog says so": {func(s *catalog.State) {
			s.Catalog.Items[0].Available = false
		}, catalog.Unavailability{Reason: catalog.ReasonSoldOut}},
		"its hours are over": {func(s *catalog.State) {
			s.Catalog.Items[0].Hours = []store.Period{{"07:00", "11:00"}, {"15:00", "18:00"}}
		}, catalog.Unavailability{Reason: catalog.ReasonHours, Until: hour(3)}},
		"its hours are over, and the store says so": {func(s *catalog.State) {
			s.Catalog.Items[0].Hours = []store.Period{{"15:00", "18:00"}}
			s.Overrides = s.Overrides.WithItem("Latte", soldOut(hour(1)))
		}, catalog.Unavailability{Reason: catalog.ReasonSoldOut, Until: hour(1)}},
		"a group is used up": {func(s *catalog.State) {
			s.Overrides = s.Overrides.WithOption("milk", "oat", soldOut(time.Time{})).WithOption("milk", "whole", soldOut(time.Time{}))
		}, catalog.Unavailability{Reason: catalog.ReasonOptions, Group: "milk"}},
		"a group is used up until one of its options is back": {func(s *catalog.State) {
			s.Overrides = s.Overrides.WithOption("milk", "oat", soldOut(hour(2))).WithOption("milk", "whole", soldOut(hour(3)))
		}, catalog.Unavailability{Reason: catalog.ReasonOptions, Group: "milk", Until: hour(2)}},
		"a group is used up until two of its options are back": {func(s *catalog.State) {
			s.Catalog.Groups[0].Min, s.Catalog.Groups[0].Max = 2, 2
			s.Overrides = s.Overrides.WithOption("milk", "oat", soldOut(hour(2))).WithOption("milk", "whole", soldOut(hour(3)))
		}, catalog.Unavailability{Reason: catalog.ReasonOptions, Group: "milk", Until: hour(3)}},
		"two groups are used up": {func(s *catalog.State) {
			s.Catalog.Groups[2].Min = 1
			s.Overrides = s.Overrides.WithOption("milk", "oat", soldOut(hour(2))).WithOption("milk", "whole", soldOut(hour(2))).
				WithOption("cup", "own", soldOut(hour(4)))
		}, catalog.Unavailability{Reason: catalog.ReasonOptions, Group: "cup", Until: hour(4)}},
		"two groups are used up, one of them for good": {func(s *catalog.State) {
			s.Catalog.Groups[2].Min = 1
			s.Catalog.Groups[0].Options[0].Available, s.Catalog.Groups[0].Options[1].Available = false, false
			s.Overrides = s.Overrides.WithOption("cup", "own", soldOut(hour(4)))
		}, catalog.Unavailability{Reason: catalog.ReasonOptions, Group: "milk"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := cafe()
			c.change(&state)
			menu := state.Menu(noon)
			require.False(t, available(menu, "Latte"))
			require.Equal(t, c.want, menu.Unavailable["Latte"])
			if !c.want.Until.IsZero() {
				require.NotEqual(t, c.want, state.Menu(c.want.Until).Unavailable["Latte"], "it has ended then")
			}
		})
	}
	require.Empty(t, cafe().Menu(noon).Unavailable)
}

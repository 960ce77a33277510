package storage_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// menuOf returns what the menu is made of.
func menuOf(t *testing.T, d *storage.DB) catalog.State {
	t.Helper()
	state, err := d.Menu(t.Context(), store.Main)
	require.NoError(t, err)
	return state
}

// products returns what is on the menu, in its order.
func products(state catalog.State) []string {
	found := []string{}
	for _, item := range state.Catalog.Items {
		found = append(found, item.Product)
	}
	return found
}

func drink(product string, amount int64) catalog.Item {
	return catalog.Item{
		Product: product, Available: true, Price: order.Money{Amount: amount, Currency: "KRW"},
		Name: order.Names{order.Korean: "음료 " + product, order.English: "Drink " + product},
	}
}

// puts returns the edit that puts an item on the menu.
func puts(item catalog.Item) func(catalog.State) (catalog.State, error) {
	return func(state catalog.State) (catalog.State, error) {
		state.Catalog = state.Catalog.WithItem(item)
		return state, nil
	}
}

// removes returns the edit that takes a product off the menu.
func removes(product string) func(catalog.State) (catalog.State, error) {
	return func(state catalog.State) (catalog.State, error) {
		state.Catalog = state.Catalog.WithoutItem(product)
		return state, nil
	}
}

// edits makes one edit after the other, and returns what the menu is made of then.
func edits(t *testing.T, d *storage.DB, all ...func(catalog.State) (catalog.State, error)) catalog.State {
	t.Helper()
	for _, edit := range all {
		now, err := d.EditMenu(t.Context(), store.Main, edit)
		require.NoError(t, err)
		require.Equal(t, now, menuOf(t, d), "what is answered is what is read")
	}
	return menuOf(t, d)
}

func TestANewStoreIsOpenAndHasAMenu(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		state := menuOf(t, d)
		require.True(t, state.Menu(time.Now()).Open)
		require.Empty(t, state.Catalog.Check(money.Provider{}, catalog.Catalog{}))
		first := state.Catalog.Items[0]
		require.Equal(t, "IceAmericano", first.Product)
		require.Equal(t, order.Money{Amount: 2000, Currency: "KRW"}, first.Price)
		require.Equal(t, order.Names{order.Korean: "아이스 아메리카노", order.English: "Ice Americano"}, first.Name)
		require.Len(t, state.Catalog.Items, 17)
		for _, group := range []string{"size", "temperature", "milk", "shots", "syrup", "sweetness", "ice", "cup"} {
			_, known := state.Catalog.FindGroup(group)
			require.True(t, known, group)
		}
		for _, item := range state.Menu(time.Now()).Items {
			require.True(t, item.Available, item.Product)
			require.NotEmpty(t, item.Category, item.Product)
			require.NotEmpty(t, item.Groups, item.Product)
			require.Zero(t, item.Price.Amount%100)
		}
	})
}

func TestEveryProductCanBeOrderedWithoutOptionsAtItsPrice(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		menu := menuOf(t, d).Menu(time.Now())
		for _, item := range menu.Items {
			lines, err := menu.Lines([]catalog.WantedLine{{Product: item.Product, Qty: 1}})
			require.NoError(t, err)
			require.Equal(t, item.Price, lines[0].Price, item.Product)
		}
	})
}

func TestANewItemComesLast(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before := menuOf(t, d)
		after := edits(t, d, puts(drink("Aade", 5000)), puts(drink("Zade", 0)))
		require.Equal(t, append(before.Catalog.Items, drink("Aade", 5000), drink("Zade", 0)), after.Catalog.Items)
		require.Equal(t, before.Version+2, after.Version)
	})
}

func TestAnItemIsReplacedWhereItIs(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before := menuOf(t, d)
		item := drink("IceAmericano", 2500)
		item.Available = false
		edits(t, d, puts(item))
		after := edits(t, d, puts(item))
		require.Equal(t, item, after.Catalog.Items[0])
		require.Equal(t, before.Catalog.Items[1:], after.Catalog.Items[1:])
		require.Equal(t, before.Version+1, after.Version, "the second edit changes nothing")
	})
}

func TestDeletedItemsStayDeleted(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before := products(menuOf(t, d))
		edits(t, d, removes("IceAmericano"))
		require.NoError(t, d.Migrate(t.Context()))
		require.Equal(t, before[1:], products(menuOf(t, d)))
	})
}

func TestAnEmptyMenuIsAMenu(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, product := range products(menuOf(t, d)) {
			edits(t, d, removes(product))
		}
		require.Empty(t, menuOf(t, d).Menu(time.Now()).Items)
		require.Equal(t, []string{"Aade"}, products(edits(t, d, puts(drink("Aade", 5000)))))
	})
}

func TestWhatAStoreSaysIsNoChangeOfTheCatalog(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before := menuOf(t, d)
		until := time.Date(2126, 3, 2, 6, 0, 0, 0, time.UTC)
		after := edits(t, d, func(state catalog.State) (catalog.State, error) {
			state.Overrides = state.Overrides.WithOption("milk", "oat", catalog.Availability{Until: until}).WithItem("ColdBrew", catalog.Availability{})
			return state, nil
		})
		require.Equal(t, before.Catalog, after.Catalog)
		require.Equal(t, before.Version, after.Version)
		require.Equal(t, until, after.Overrides.Options["milk/oat"].Until.UTC())
	})
}

// Who says in the catalog that something is to be had again is the last to have said so.
func TestAChangeOfTheCatalogIsNewerThanWhatAStoreSaid(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		gone := menuOf(t, d).Catalog.Items[0]
		gone.Available = false
		after := edits(t, d, puts(gone), func(state catalog.State) (catalog.State, error) {
			state.Overrides = state.Overrides.WithItem("IceAmericano", catalog.Availability{Available: true}).WithItem("CafeLatte", catalog.Availability{})
			return state, nil
		})
		require.True(t, after.Menu(time.Now()).Items[0].Available)
		gone.Available = true
		after = edits(t, d, puts(gone))
		require.NotContains(t, after.Overrides.Items, "IceAmericano")
		require.Contains(t, after.Overrides.Items, "CafeLatte", "of which the change says nothing")
	})
}

func TestAnEditThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before, refused := menuOf(t, d), errors.New("no")
		now, err := d.EditMenu(t.Context(), store.Main, func(state catalog.State) (catalog.State, error) {
			state.Store.Pause.Paused = true
			return state, refused
		})
		require.ErrorIs(t, err, refused)
		require.Equal(t, before, now)
		require.Equal(t, before, menuOf(t, d))
	})
}

func TestItemsPutOnTheMenuAtOnceAreAllOnIt(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before := menuOf(t, d)
		together(func(i int) {
			_, err := d.EditMenu(t.Context(), store.Main, puts(drink(fmt.Sprintf("Drink%d", i/2), int64(i))))
			assert.NoError(t, err)
		})
		after := menuOf(t, d)
		require.Len(t, after.Catalog.Items, len(before.Catalog.Items)+concurrency/2)
		require.Equal(t, before.Version+concurrency, after.Version)
	})
}

// What an owner has renamed or priced is not taken for what we knew: nobody says what is in it.
func TestAFlatMenuBecomesACatalog(t *testing.T) {
	t.Parallel()
	krw := func(amount int64) order.Money { return order.Money{Amount: amount, Currency: "KRW"} }
	flat := []catalog.Item{
		{Product: "HotChocolate", Name: order.Names{order.Korean: "헤이즐넛 초코", order.English: "Hazelnut chocolate"}, Price: krw(3500), Available: true},
		{Product: "IceAmericano", Name: order.Names{order.Korean: "아이스 아메리카노", order.English: "Ice Americano"}, Price: krw(2000)},
		{Product: "ColdBrew", Name: order.Names{order.Korean: "콜드브루", order.English: "Cold Brew"}, Price: krw(4000), Available: true},
		drink("Aade", 5000),
	}
	state, err := storage.FirstCatalog(flat)
	require.NoError(t, err)
	require.Equal(t, []string{"HotChocolate", "IceAmericano", "ColdBrew", "Aade"}, products(state))
	require.Empty(t, state.Catalog.Check(money.Provider{}, catalog.Catalog{}))
	for _, i := range []int{0, 2, 3} {
		require.Empty(t, state.Catalog.Items[i].Allergens)
		require.Empty(t, state.Catalog.Items[i].Groups)
	}
	require.Equal(t, []string{"size", "shots", "ice", "cup"}, state.Catalog.Items[1].Groups)
	require.False(t, state.Menu(time.Now()).Items[1].Available, "it was sold out")

	state.Overrides = state.Overrides.WithItem("IceAmericano", catalog.Availability{Until: time.Now().Add(-time.Minute)})
	require.True(t, state.Menu(time.Now()).Items[1].Available, "and its time is over")

	dollars, err := storage.FirstCatalog([]catalog.Item{{Product: "Tea", Name: flat[3].Name, Price: order.Money{Amount: 450, Currency: "USD"}, Available: true}})
	require.NoError(t, err)
	require.Empty(t, dollars.Catalog.Groups, "whose prices are won")
}

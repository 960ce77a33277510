package storage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// overriding returns the edit after which the store says that of the product.
func overriding(product string, override catalog.Override) func(catalog.State) (catalog.State, error) {
	return func(state catalog.State) (catalog.State, error) {
		state.Overrides = state.Overrides.WithItemOverride(product, override)
		return state, nil
	}
}

// menuIn returns what can be ordered at the store now.
func menuIn(t *testing.T, d *storage.DB, slug string) catalog.Menu {
	t.Helper()
	state, err := d.Menu(t.Context(), slug)
	require.NoError(t, err)
	return state.Menu(time.Now())
}

func TestWhatOneStoreSaysIsNothingToTheOthers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		addStore(t, d, gangnam())
		_, err := d.EditMenu(as(t, "mina"), "gangnam", overriding("IceAmericano", catalog.Override{
			Availability: &catalog.Availability{}, Price: new(int64(2500)),
		}))
		require.NoError(t, err)
		now, err := d.EditMenu(as(t, "mina"), "gangnam", overriding("ColdBrew", catalog.Override{Hidden: true}))
		require.NoError(t, err)
		read, err := d.Menu(t.Context(), "gangnam")
		require.NoError(t, err)
		require.Equal(t, now, read, "what is answered is what is read")

		there, _ := menuIn(t, d, "gangnam").Item("IceAmericano")
		require.EqualValues(t, 2500, there.Price.Amount)
		require.False(t, there.Available)
		_, shown := menuIn(t, d, "gangnam").Item("ColdBrew")
		require.False(t, shown)
		here, _ := menuIn(t, d, store.Main).Item("IceAmericano")
		require.EqualValues(t, 2000, here.Price.Amount)
		require.True(t, here.Available)
		_, shown = menuIn(t, d, store.Main).Item("ColdBrew")
		require.True(t, shown)

		_, err = d.EditMenu(as(t, "jun"), "gangnam", overriding("ColdBrew", catalog.Override{}))
		require.NoError(t, err)
		log := logged(t, d)[1:] // the first is the store's own
		require.Len(t, log, 3)
		for _, e := range log {
			require.Equal(t, "gangnam", e.Store)
		}
		require.Equal(t, `{"available":false,"price":2500}`, log[0].After)
		require.Equal(t, `{"hidden":true}`, log[2].Before)
		require.Empty(t, log[2].After, "it says nothing any more")
	})
}

func TestTheCatalogIsEditedThroughTheMainStoreAlone(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		addStore(t, d, gangnam())
		before := menuOf(t, d)
		_, err := d.EditMenu(t.Context(), "gangnam", puts(drink("Tea", 3000)))
		require.ErrorContains(t, err, "the catalog is edited through the main store")
		require.Equal(t, before, menuOf(t, d))
	})
}

func TestAllStoresFollowAChangeOfTheCatalog(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		addStore(t, d, gangnam())
		soldOut := catalog.Override{Availability: &catalog.Availability{}, Price: new(int64(2500))}
		for _, slug := range []string{store.Main, "gangnam"} {
			for _, product := range []string{"IceAmericano", "CafeLatte", "ColdBrew"} {
				_, err := d.EditMenu(t.Context(), slug, overriding(product, soldOut))
				require.NoError(t, err)
			}
		}
		edits(t, d, removes("ColdBrew"), func(state catalog.State) (catalog.State, error) {
			item := state.Catalog.Items[0]
			item.Available = false
			state.Catalog = state.Catalog.WithItem(item)
			return state, nil
		})
		for _, slug := range []string{store.Main, "gangnam"} {
			state, err := d.Menu(t.Context(), slug)
			require.NoError(t, err)
			require.Equal(t, map[string]catalog.Override{
				"IceAmericano": {Price: new(int64(2500))}, "CafeLatte": soldOut,
			}, state.Overrides.Items, slug)
		}

		edits(t, d, func(state catalog.State) (catalog.State, error) {
			state.Catalog = catalog.Catalog{Items: []catalog.Item{drink("CafeLatte", 450)}}
			state.Catalog.Items[0].Price.Currency = "USD"
			return state, nil
		})
		for _, slug := range []string{store.Main, "gangnam"} {
			state, err := d.Menu(t.Context(), slug)
			require.NoError(t, err)
			require.Equal(t, "USD", state.Store.Currency)
			require.Equal(t, map[string]catalog.Override{"CafeLatte": {Availability: &catalog.Availability{}}}, state.Overrides.Items, "2500 would be dollars")
		}
	})
}

func TestEditsOfStoresAndOfTheCatalogAtOnceAllCount(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		addStore(t, d, gangnam())
		first := menuOf(t, d).Version
		together(func(i int) {
			var err error
			switch i % 3 {
			case 0:
				_, err = d.EditMenu(t.Context(), store.Main, func(state catalog.State) (catalog.State, error) {
					item := state.Catalog.Items[0]
					item.Price.Amount++
					state.Catalog = state.Catalog.WithItem(item)
					return state, nil
				})
			default:
				slug := []string{"", "gangnam", store.Main}[i%3]
				_, err = d.EditMenu(t.Context(), slug, func(state catalog.State) (catalog.State, error) {
					override := state.Overrides.Items["CafeLatte"]
					price := int64(1)
					if override.Price != nil {
						price += *override.Price
					}
					override.Price = &price
					state.Overrides = state.Overrides.WithItemOverride("CafeLatte", override)
					return state, nil
				})
			}
			assert.NoError(t, err)
		})
		var rounds [3]int64
		for i := range concurrency {
			rounds[i%3]++
		}
		require.Equal(t, first+rounds[0], menuOf(t, d).Version)
		for i, slug := range []string{1: "gangnam", 2: store.Main} {
			if slug != "" {
				latte, _ := menuIn(t, d, slug).Item("CafeLatte")
				require.Equal(t, order.Money{Amount: rounds[i], Currency: "KRW"}, latte.Price)
			}
		}
	})
}

// Whoever takes a product from the catalog waits for those who are saying something of it.
func TestWhatIsSaidOfAProductThatIsBeingRemovedGoesWithIt(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		addStore(t, d, gangnam())
		removed := make(chan error, 1)
		_, err := d.EditMenu(t.Context(), "gangnam", func(state catalog.State) (catalog.State, error) {
			go func() {
				_, err := d.EditMenu(t.Context(), store.Main, removes("ColdBrew"))
				removed <- err
			}()
			select {
			case err := <-removed:
				removed <- err
			case <-time.After(300 * time.Millisecond): // it waits
			}
			return overriding("ColdBrew", catalog.Override{Hidden: true})(state)
		})
		require.NoError(t, err)
		require.NoError(t, <-removed)
		state, err := d.Menu(t.Context(), "gangnam")
		require.NoError(t, err)
		require.Empty(t, state.Overrides)
	})
}

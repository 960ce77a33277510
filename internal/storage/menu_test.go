package storage_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// menuOf returns the menu.
func menuOf(t *testing.T, d *storage.DB) catalog.Menu {
	t.Helper()
	menu, err := d.Menu(t.Context())
	require.NoError(t, err)
	return menu
}

// products returns what is on the menu, in its order.
func products(menu catalog.Menu) []string {
	found := []string{}
	for _, item := range menu.Items {
		found = append(found, item.Product)
	}
	return found
}

func drink(product string, amount int64) catalog.MenuItem {
	return catalog.MenuItem{
		Product: product, Available: true, Price: order.Money{Amount: amount, Currency: "KRW"},
		Name: map[order.Language]string{order.Korean: "음료 " + product, order.English: "Drink " + product},
	}
}

func TestANewStoreIsOpenAndHasAMenu(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		menu := menuOf(t, d)
		require.True(t, menu.Open)
		require.Equal(t, catalog.MenuItem{
			Product: "IceAmericano", Available: true, Price: order.Money{Amount: 2000, Currency: "KRW"},
			Name: map[order.Language]string{order.Korean: "아이스 아메리카노", order.English: "Ice Americano"},
		}, menu.Items[0])
		require.Greater(t, len(menu.Items), 12)
		_, ok := menu.Item("CafeLatte")
		require.True(t, ok)
		for _, item := range menu.Items {
			require.True(t, item.Available)
			require.Len(t, item.Name, 2)
			require.NotEmpty(t, item.Name[order.Korean])
			require.NotEmpty(t, item.Name[order.English])
			require.Positive(t, item.Price.Amount)
			require.Zero(t, item.Price.Amount%100)
			require.Equal(t, "KRW", item.Price.Currency)
		}
	})
}

func TestANewItemComesLast(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before := menuOf(t, d)
		require.NoError(t, d.PutItem(t.Context(), drink("Aade", 5000)))
		require.NoError(t, d.PutItem(t.Context(), drink("Zade", 0)))
		require.Equal(t, append(before.Items, drink("Aade", 5000), drink("Zade", 0)), menuOf(t, d).Items)
	})
}

func TestAnItemIsReplacedWhereItIs(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before := menuOf(t, d)
		item := drink("IceAmericano", 2500)
		item.Available = false
		for range 2 {
			require.NoError(t, d.PutItem(t.Context(), item))
		}
		after := menuOf(t, d)
		require.Equal(t, item, after.Items[0])
		require.Equal(t, before.Items[1:], after.Items[1:])
	})
}

func TestDeletedItemsStayDeleted(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before := products(menuOf(t, d))
		require.NoError(t, d.DeleteItem(t.Context(), "IceAmericano"))
		requireCode(t, order.CodeNotFound, d.DeleteItem(t.Context(), "IceAmericano"))
		requireCode(t, order.CodeNotFound, d.DeleteItem(t.Context(), "\x00"))
		require.NoError(t, d.Migrate(t.Context()))
		require.Equal(t, before[1:], products(menuOf(t, d)))
	})
}

func TestAnEmptyMenuIsAMenu(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, product := range products(menuOf(t, d)) {
			require.NoError(t, d.DeleteItem(t.Context(), product))
		}
		require.Equal(t, catalog.Menu{Open: true, Items: []catalog.MenuItem{}}, menuOf(t, d))
		require.NoError(t, d.PutItem(t.Context(), drink("Aade", 5000)))
		require.Equal(t, []string{"Aade"}, products(menuOf(t, d)))
	})
}

func TestTheStoreOpensAndCloses(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, open := range []bool{false, false, true, true} {
			require.NoError(t, d.SetOpen(t.Context(), open))
			require.Equal(t, open, menuOf(t, d).Open)
		}
	})
}

func TestItemsPutOnTheMenuAtOnceAreAllOnIt(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		before := len(menuOf(t, d).Items)
		together(func(i int) {
			assert.NoError(t, d.PutItem(t.Context(), drink(fmt.Sprintf("Drink%d", i/2), int64(i))))
		})
		menu := menuOf(t, d)
		require.Len(t, menu.Items, before+crowd/2)
		require.Equal(t, menu, menuOf(t, d), "in a stable order")
	})
}

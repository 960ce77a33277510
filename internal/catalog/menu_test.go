package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
)

func TestMenuItem(t *testing.T) {
	t.Parallel()
	menu := catalog.Menu{Items: []catalog.MenuItem{{Product: "Latte"}, {Product: "IceAmericano", Available: true}}}
	t.Run("is found by its product", func(t *testing.T) {
		t.Parallel()
		item, ok := menu.Item("IceAmericano")
		require.True(t, ok)
		require.Equal(t, menu.Items[1], item)
	})
	t.Run("that is not on the menu is not found", func(t *testing.T) {
		t.Parallel()
		item, ok := menu.Item("Tea")
		require.False(t, ok)
		require.Zero(t, item)
	})
}

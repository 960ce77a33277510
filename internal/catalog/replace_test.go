package catalog_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

// kept is a menu that is kept in memory, as the database keeps it.
type kept struct {
	state   catalog.State
	editing bool
}

func (k *kept) Menu(context.Context, string) (catalog.State, error) { return k.state, nil }

func (k *kept) EditMenu(_ context.Context, _ string, edit func(catalog.State) (catalog.State, error)) (catalog.State, error) {
	k.editing = true
	defer func() { k.editing = false }()
	now, err := edit(k.state)
	if err == nil {
		now.Version++
		k.state = now
	}
	return now, err
}

func TestACatalogIsCheckedWhileOthersCanEdit(t *testing.T) {
	t.Parallel()
	k, rounds := &kept{state: cafe()}, 0
	before, now, err := catalog.Replace(t.Context(), k, func(state catalog.State) (catalog.Catalog, error) {
		require.False(t, k.editing, "nobody else could edit meanwhile")
		rounds++
		if rounds == 1 { // somebody takes the tea off the menu, and the store closes
			k.state.Version++
			k.state.Catalog = k.state.Catalog.WithoutItem("Tea")
			k.state.Store.Pause.Paused = true
		}
		latte, _ := state.Catalog.FindItem("Latte")
		latte.Price.Amount++
		return state.Catalog.WithItem(latte), nil
	})
	require.NoError(t, err)
	require.Equal(t, 2, rounds)
	require.Equal(t, k.state, now)
	require.EqualValues(t, 1, before.Version)
	require.EqualValues(t, 2, now.Version)
	require.True(t, now.Store.Pause.Paused)
	require.Len(t, now.Catalog.Items, 1)
	require.EqualValues(t, 3001, now.Catalog.Items[0].Price.Amount)
}

func TestACatalogThatIsRefusedStaysAsItIs(t *testing.T) {
	t.Parallel()
	k, refused := &kept{state: cafe()}, errors.New("no")
	_, _, err := catalog.Replace(t.Context(), k, func(catalog.State) (catalog.Catalog, error) { return catalog.Catalog{}, refused })
	require.ErrorIs(t, err, refused)
	require.Equal(t, cafe(), k.state)
}

func TestACatalogThatOthersNeverStopChangingIsGivenUp(t *testing.T) {
	t.Parallel()
	k := &kept{state: cafe()}
	_, _, err := catalog.Replace(t.Context(), k, func(catalog.State) (catalog.Catalog, error) {
		k.state.Version++
		return catalog.Catalog{}, nil
	})
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(err))
	require.Equal(t, cafe().Catalog, k.state.Catalog)
}

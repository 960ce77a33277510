package catalog

import (
	"context"
	"errors"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Editor keeps what the menu is made of.
type Editor interface {
	// Menu returns what the menu of the store of that slug is made of, or CodeNotFound.
	Menu(ctx context.Context, slug string) (State, error)
	// EditMenu changes what the store says otherwise than the catalog into what edit returns, and
	// through the main store the catalog as well. It returns that as it was written. Nothing is
	// changed when edit fails; nobody else edits meanwhile. Without such a store it is CodeNotFound.
	EditMenu(ctx context.Context, slug string, edit func(State) (State, error)) (State, error)
}

// mostRounds is how often a catalog is made anew because somebody else has changed it meanwhile.
const mostRounds = 10

// errChangedMeanwhile is why there is another round.
var errChangedMeanwhile = errors.New("the catalog has been changed meanwhile")

// Replace changes the catalog into what replace makes of the state, and returns the state as it was
// before and as it is now. To check a large catalog takes its time, in which nobody is kept from
// editing: replace is called again when somebody else has changed the catalog meanwhile. Its error is
// returned. It fails with [order.CodeUnavailable] when others never stop.
func Replace(ctx context.Context, editor Editor, replace func(State) (Catalog, error)) (before, now State, err error) {
	for range mostRounds {
		if before, err = editor.Menu(ctx, store.Main); err != nil {
			return before, before, err
		}
		after, err := replace(before)
		if err != nil {
			return before, before, err
		}
		now, err := editor.EditMenu(ctx, store.Main, func(state State) (State, error) {
			if state.Version != before.Version {
				return state, errChangedMeanwhile
			}
			state.Catalog = after
			return state, nil
		})
		if !errors.Is(err, errChangedMeanwhile) {
			return before, now, err
		}
	}
	return before, before, &order.Error{Code: order.CodeUnavailable, Message: "others are changing the catalog", Err: errChangedMeanwhile}
}

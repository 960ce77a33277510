package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Database is what tells a new system from one with a shop in it.
type Database interface {
	// Stores returns all stores.
	Stores(ctx context.Context) ([]store.State, error)
	// Menu returns what the menu of a store is made of.
	Menu(ctx context.Context, store string) (catalog.State, error)
	// List returns a page of the orders of all stores where store is empty, in any status where there
	// are no statuses.
	List(ctx context.Context, store string, statuses []order.Status, pageSize int, pageToken string) ([]order.Snapshot, string, error)
}

// Begin fails unless the system is a new one, or one that the demo was begun in: it is not mixed with
// what belongs to somebody. It is called before anybody can order.
func (d *Demo) Begin(ctx context.Context, database Database) error {
	stores, err := database.Stores(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(stores, func(s store.State) bool { return s.LegalName == LegalName }) {
		return d.goOn(stores)
	}
	found, err := shopIn(ctx, stores, database)
	if err != nil {
		return err
	}
	if found != "" {
		return fmt.Errorf("--demo fills a new system, and in this one there is %s: choose another folder with --data-dir "+
			"(and another DATABASE_URL, where it is set), or start without --demo", found)
	}
	if err := os.Remove(d.Made); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a database that is gone
		return fmt.Errorf("forget what was made in another system: %w", err)
	}
	return nil
}

// goOn fails when the demo was begun, and somebody has made the main store theirs since.
func (d *Demo) goOn(stores []store.State) error {
	if slices.ContainsFunc(stores, func(s store.State) bool {
		return s.Store.Store == store.Main && s.LegalName != LegalName && s.Version != unchanged
	}) {
		return errors.New("--demo was begun in this system, and somebody has changed its main store since: start without --demo")
	}
	return nil
}

// unchanged is the version of a document that nobody has changed yet.
const unchanged = 1

// shopIn says what somebody has in the system already; nothing of a new one.
func shopIn(ctx context.Context, stores []store.State, database Database) (found string, err error) {
	orders, _, err := database.List(ctx, "", nil, 1, "")
	if err != nil {
		return "", err
	}
	menu, err := database.Menu(ctx, store.Main)
	if err != nil {
		return "", err
	}
	switch {
	case len(orders) > 0:
		return "a store with orders", nil
	case len(stores) > 1:
		return fmt.Sprintf("a chain of %d stores", len(stores)), nil
	case slices.ContainsFunc(stores, func(s store.State) bool { return s.Version != unchanged }):
		return "a store that somebody has set up", nil
	case menu.Version != unchanged:
		return "a menu that somebody has changed", nil
	}
	return "", nil
}

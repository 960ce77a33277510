// Package backoffice has the resources of the store surface through which owners and managers
// change what is sold, where and how it is called: the menu and what is sold out, the catalog as one
// document, the stores and their pauses, the brand, the coupons.
package backoffice

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
)

// replacedTag is the header of the answer to a change, which has the entity tag of what was there
// before: by it a client that has sent no If-Match knows whether that was what it had seen.
const replacedTag = "Replaced-ETag"

// MenuEditor is what the staff changes the menu and the hours through.
type MenuEditor = catalog.Editor

// BrandEditor is what the staff changes the brand through.
type BrandEditor interface {
	Brand(ctx context.Context) (brand.Brand, error)
	// EditBrand changes the brand into what edit returns, and returns that. Nothing is changed when
	// edit fails; nobody else edits meanwhile.
	EditBrand(ctx context.Context, edit func(brand.Brand) (brand.Brand, error)) (brand.Brand, error)
}

// StoreEditor is what the stores are read from and changed through.
type StoreEditor interface {
	// Stores returns all stores, in their order, and Store one of them, or CodeNotFound.
	Stores(ctx context.Context) ([]store.State, error)
	// CountStores returns how many there are.
	CountStores(ctx context.Context) (int, error)
	Store(ctx context.Context, slug string) (store.State, error)
	// PutStore makes or changes a store: edit gets it as it is, with version 0 when there is none,
	// and returns its document. Nothing is changed when edit fails; nobody else edits it meanwhile.
	PutStore(ctx context.Context, slug string, edit func(store.State) (store.Store, error)) (store.State, error)
	// SetPause pauses a store, or ends its pause; CodeNotFound when there is none.
	SetPause(ctx context.Context, slug string, pause store.Pause) error
}

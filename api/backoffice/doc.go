// Package backoffice has the resources of the store surface through which owners and managers
// change what is sold and how it is called: the menu and what is sold out, the catalog as one
// document, the brand.
package backoffice

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/catalog"
)

// MenuEditor is what the staff changes the menu and the hours through.
type MenuEditor interface {
	// Menu returns what the menu is made of.
	Menu(ctx context.Context) (catalog.State, error)
	// EditMenu changes what the menu is made of into what edit returns, and returns that as it
	// was written. Nothing is changed when edit fails; nobody else edits meanwhile.
	EditMenu(ctx context.Context, edit func(catalog.State) (catalog.State, error)) (catalog.State, error)
}

// BrandEditor is what the staff changes the brand through.
type BrandEditor interface {
	Brand(ctx context.Context) (brand.Brand, error)
	// EditBrand changes the brand into what edit returns, and returns that. Nothing is changed when
	// edit fails; nobody else edits meanwhile.
	EditBrand(ctx context.Context, edit func(brand.Brand) (brand.Brand, error)) (brand.Brand, error)
}

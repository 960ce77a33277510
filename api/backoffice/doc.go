// Package backoffice has the resources of the store surface through which owners and managers
// change what is sold and how it is called: the menu and what is sold out, the catalog as one
// document, the brand.
package backoffice

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/catalog"
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

// Package images has the pictures of the catalog and of the brand: the store surface takes them,
// both surfaces serve them, from memory where they can.
package images

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/picture"
)

// Reader has the pictures of the catalog and of the brand, by the hash of their content.
type Reader interface {
	// Image returns the picture, or CodeNotFound.
	Image(ctx context.Context, hash string) (picture.Picture, error)
}

// Keeper is what the staff adds pictures through.
type Keeper interface {
	Reader
	// PutImage keeps the picture. One that is there already stays as it is.
	PutImage(ctx context.Context, p picture.Picture) error
	// ImagesExist returns those of the hashes that no picture has, sorted.
	ImagesExist(ctx context.Context, hashes []string) (missing []string, err error)
}

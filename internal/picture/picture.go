// Package picture turns what somebody uploads into a picture that can be shown to everybody:
// upright, as large as a page needs, and made anew from its pixels, so that nothing else of the
// upload survives. Start at [Converter.Convert].
package picture

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"regexp"

	"golang.org/x/image/draw"

	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// longestSide is how many pixels the longer side of a picture has at most: a card's whole width on
// a wide phone, at three pixels to each of CSS.
const longestSide = 1024

// Picture is a picture as it is kept and served.
type Picture struct {
	// Hash is the SHA-256 of the content in hexadecimal, by which the picture is known.
	Hash string
	// MediaType is "image/jpeg" or "image/png".
	MediaType     string
	Content       []byte
	Width, Height int
}

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ValidHash reports whether a picture can have the hash.
func ValidHash(hash string) bool { return hashForm.MatchString(hash) }

// Converter makes pictures of uploads, a few at a time: each takes some hundred megabytes of
// memory for a moment.
type Converter struct{ places chan struct{} }

// NewConverter returns a converter that works on so many uploads at a time.
func NewConverter(atOnce int) *Converter { return &Converter{places: make(chan struct{}, atOnce)} }

// Convert returns the picture of an upload, the same one for the same upload. It waits for its turn
// as long as ctx allows. The error is [order.CodeInvalid] with the field "image" for what is not a
// whole PNG, JPEG or WebP picture, and for one that is too large.
func (c *Converter) Convert(ctx context.Context, upload []byte) (Picture, error) {
	format, err := formatOf(upload)
	if err != nil {
		return Picture{}, err
	}
	if err := format.checkSize(upload); err != nil {
		return Picture{}, err
	}
	select {
	case c.places <- struct{}{}:
		defer func() { <-c.places }()
	case <-ctx.Done():
		return Picture{}, fmt.Errorf("wait for other pictures: %w", ctx.Err())
	}
	decoded, err := format.decode(bytes.NewReader(upload))
	if err != nil {
		return Picture{}, invalid("cannot be read to its end: it may be damaged", err)
	}
	return encode(upright(shrink(decoded, longestSide), format.orientation(upload)))
}

// checkSize refuses a picture that would take too much memory, by its header alone.
func (f format) checkSize(upload []byte) error {
	header, err := f.header(bytes.NewReader(upload))
	switch {
	case err != nil:
		return invalid("cannot be read: it may be damaged", err)
	case header.Width < 1 || header.Height < 1:
		return invalid("has no pixels", errors.New("a side of 0 pixels"))
	case header.Width > limits.ImageSide || header.Height > limits.ImageSide || header.Width*header.Height > limits.ImagePixels:
		return invalid(fmt.Sprintf("has %d x %d pixels: at most %d million are possible, and %d on a side",
			header.Width, header.Height, limits.ImagePixels/1_000_000, limits.ImageSide), nil)
	}
	return nil
}

// shrink returns the picture with sides of at most that length.
func shrink(from image.Image, longest int) *image.RGBA {
	size := from.Bounds().Size()
	width, height := size.X, size.Y
	if longer := max(width, height); longer > longest {
		width, height = max(width*longest/longer, 1), max(height*longest/longer, 1)
	}
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	if to.Bounds().Size() == size {
		draw.Draw(to, to.Bounds(), from, from.Bounds().Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(to, to.Bounds(), from, from.Bounds(), draw.Src, nil)
	}
	return to
}

// newPicture returns the picture with that content.
func newPicture(mediaType string, content []byte, size image.Point) Picture {
	sum := sha256.Sum256(content)
	return Picture{Hash: hex.EncodeToString(sum[:]), MediaType: mediaType, Content: content, Width: size.X, Height: size.Y}
}

// invalid says what is wrong with the upload.
func invalid(message string, cause error) error {
	return &order.Error{Code: order.CodeInvalid, Field: "image", Message: "image " + message, Err: cause}
}

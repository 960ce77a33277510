package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
)

const (
	// jpegQuality is where nobody sees a difference on a card any more.
	jpegQuality = 82
	// maxTransparent is how many bytes a picture that is not opaque may have. PNG keeps every
	// pixel as it is: a larger one is made smaller.
	maxTransparent = 1 << 20
)

// encode returns the picture in the format that suits it: JPEG for photographs, PNG for drawings,
// which it keeps sharp in fewer bytes, and for what is not opaque.
func encode(picture *image.RGBA) (Picture, error) {
	drawing, err := encodePNG(picture)
	if err != nil {
		return Picture{}, err
	}
	if !picture.Opaque() {
		for len(drawing.Content) > maxTransparent {
			picture = shrink(picture, max(drawing.Width, drawing.Height)*3/4)
			if drawing, err = encodePNG(picture); err != nil {
				return Picture{}, err
			}
		}
		return drawing, nil
	}
	var content bytes.Buffer
	if err := jpeg.Encode(&content, picture, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return Picture{}, fmt.Errorf("encode a JPEG: %w", err)
	}
	if photograph := newPicture("image/jpeg", content.Bytes(), picture.Rect.Size()); len(photograph.Content) < len(drawing.Content) {
		return photograph, nil
	}
	return drawing, nil
}

func encodePNG(picture *image.RGBA) (Picture, error) {
	var content bytes.Buffer
	if err := png.Encode(&content, picture); err != nil {
		return Picture{}, fmt.Errorf("encode a PNG: %w", err)
	}
	return newPicture("image/png", content.Bytes(), picture.Rect.Size()), nil
}

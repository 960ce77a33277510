package picture

import "image"

// turn says for a pixel of the upright picture which one of the stored picture it is: width and
// height are those of the stored one.
type turn func(x, y, width, height int) (fromX, fromY int)

// turns are by EXIF's orientation (Exif 3.0, section 4.6.5.1.6). From 5 on, the sides change places.
var turns = map[int]turn{
	2: func(x, y, width, _ int) (int, int) { return width - 1 - x, y },
	3: func(x, y, width, height int) (int, int) { return width - 1 - x, height - 1 - y },
	4: func(x, y, _, height int) (int, int) { return x, height - 1 - y },
	5: func(x, y, _, _ int) (int, int) { return y, x },
	6: func(x, y, _, height int) (int, int) { return y, height - 1 - x },
	7: func(x, y, width, height int) (int, int) { return width - 1 - y, height - 1 - x },
	8: func(x, y, width, _ int) (int, int) { return width - 1 - y, x },
}

// firstOnItsSide is the first orientation of a picture that lies on its side.
const firstOnItsSide = 5

// upright returns the picture as it was seen; the same one when it is upright already, or when
// nothing is known of the orientation.
func upright(stored *image.RGBA, orientation int) *image.RGBA {
	from, known := turns[orientation]
	if !known {
		return stored
	}
	width, height := stored.Rect.Dx(), stored.Rect.Dy()
	seen := image.NewRGBA(image.Rect(0, 0, width, height))
	if orientation >= firstOnItsSide {
		seen = image.NewRGBA(image.Rect(0, 0, height, width))
	}
	for y := range seen.Rect.Dy() {
		for x := range seen.Rect.Dx() {
			fromX, fromY := from(x, y, width, height)
			seen.SetRGBA(x, y, stored.RGBAAt(fromX, fromY))
		}
	}
	return seen
}

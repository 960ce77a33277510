package picture

import (
	"bytes"
	"fmt"
	"image"

	"golang.org/x/image/draw"
)

// IconSide is how many pixels an icon has on each side: what home screens ask for.
const IconSide = 512

// Icon returns the picture in the middle of a transparent square, as large as it fits.
func Icon(p Picture) (Picture, error) {
	format, err := formatOf(p.Content)
	if err != nil {
		return Picture{}, err
	}
	decoded, err := format.decode(bytes.NewReader(p.Content))
	if err != nil {
		return Picture{}, fmt.Errorf("decode picture %s: %w", p.Hash, err)
	}
	longer := max(p.Width, p.Height)
	width, height := max(p.Width*IconSide/longer, 1), max(p.Height*IconSide/longer, 1)
	corner := image.Pt((IconSide-width)/2, (IconSide-height)/2)
	icon := image.NewRGBA(image.Rect(0, 0, IconSide, IconSide))
	draw.CatmullRom.Scale(icon, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(width, height))}, decoded, decoded.Bounds(), draw.Src, nil)
	return encodePNG(icon)
}

package picture

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"slices"

	"github.com/bep/imagemeta"
	"golang.org/x/image/webp"
)

// format is a kind of picture that can be uploaded.
type format struct {
	mediaType string
	header    func(io.Reader) (image.Config, error)
	decode    func(io.Reader) (image.Image, error)
	metadata  imagemeta.ImageFormat
}

var formats = []format{
	{"image/png", png.DecodeConfig, png.Decode, imagemeta.PNG},
	{"image/jpeg", jpeg.DecodeConfig, jpeg.Decode, imagemeta.JPEG},
	{"image/webp", webp.DecodeConfig, webp.Decode, imagemeta.WebP},
}

// MediaTypes returns the types of what can be uploaded.
func MediaTypes() (types []string) {
	for _, f := range formats {
		types = append(types, f.mediaType)
	}
	return types
}

// formatOf returns the format that the content has, whatever it is called: many a file has the
// ending of another one.
func formatOf(upload []byte) (format, error) {
	found := http.DetectContentType(upload)
	i := slices.IndexFunc(formats, func(f format) bool { return f.mediaType == found })
	if i < 0 {
		return format{}, invalid("must be a PNG, JPEG or WebP picture", nil)
	}
	return formats[i], nil
}

// orientation returns how the camera was held, by the numbers of EXIF: 1 for upright, which is what
// a picture is that does not say.
func (f format) orientation(upload []byte) (orientation int) {
	const tag = "Orientation"
	orientation = 1
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(upload), ImageFormat: f.metadata, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(info imagemeta.TagInfo) bool { return info.Tag == tag && info.Namespace == "IFD0" },
		HandleTag: func(info imagemeta.TagInfo) error {
			if value, ok := info.Value.(uint16); ok {
				orientation = int(value)
			}
			return imagemeta.ErrStopWalking
		},
	})
	if err != nil {
		return 1 // the pixels are good: what stands beside them is shown by no browser either
	}
	return orientation
}

package picture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/webp"

	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/picture"
	"github.com/cafeforme/cafeforme/order"
)

// webpPicture is a lossless WebP of 1 x 1 pixels.
var webpPicture = []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")

// quarters is a picture whose corners have colours of their own: red, green, blue and white.
func quarters(width, height int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for i, corner := range corners {
		from := image.Pt(i%2*width/2, i/2*height/2)
		draw.Draw(p, image.Rectangle{Min: from, Max: image.Pt(width, height)}, image.NewUniform(corner), image.Point{}, draw.Src)
	}
	return p
}

var corners = [4]color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}

func asPNG(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, p))
	return b.Bytes()
}

func asJPEG(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, p, &jpeg.Options{Quality: 95}))
	return b.Bytes()
}

// withEXIF returns the JPEG with an orientation, and words in the field for the author.
func withEXIF(jpegPicture []byte, orientation uint16, author string) []byte {
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x02")
	tiff = append(tiff, 0x01, 0x12, 0, 3, 0, 0, 0, 1, byte(orientation>>8), byte(orientation), 0, 0, 0x01, 0x3b, 0, 2)
	tiff = binary.BigEndian.AppendUint32(tiff, uint32(len(author)+1))
	tiff = binary.BigEndian.AppendUint32(tiff, uint32(len(tiff)+8))
	tiff = append(append(append(tiff, 0, 0, 0, 0), author...), 0)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	header := append([]byte{0xff, 0xd8, 0xff, 0xe1}, byte((len(segment)+2)>>8), byte(len(segment)+2))
	return append(append(header, segment...), jpegPicture[2:]...)
}

// bomb returns the beginning of a PNG that says it is so large.
func bomb(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	header = append(binary.BigEndian.AppendUint32(header, height), 8, 6, 0, 0, 0)
	whole := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(whole, header...), crc32.ChecksumIEEE(header))
}

func convert(t *testing.T, upload []byte) picture.Picture {
	t.Helper()
	p, err := picture.NewConverter(1).Convert(t.Context(), upload)
	require.NoError(t, err)
	require.True(t, picture.ValidHash(p.Hash))
	return p
}

// decoded returns the pixels of a picture, which has to be what it says it is.
func decoded(t *testing.T, p picture.Picture) image.Image {
	t.Helper()
	decode := png.Decode
	if p.MediaType == "image/jpeg" {
		decode = jpeg.Decode
	}
	pixels, err := decode(bytes.NewReader(p.Content))
	require.NoError(t, err)
	require.Equal(t, image.Pt(p.Width, p.Height), pixels.Bounds().Size())
	return pixels
}

// requireCorners checks the colours of the corners, by their places in [corners].
func requireCorners(t *testing.T, p image.Image, want [4]int) {
	t.Helper()
	width, height := p.Bounds().Dx(), p.Bounds().Dy()
	for i, at := range []image.Point{{width / 8, height / 8}, {width * 7 / 8, height / 8}, {width / 8, height * 7 / 8}, {width * 7 / 8, height * 7 / 8}} {
		got, _ := color.RGBAModel.Convert(p.At(at.X, at.Y)).(color.RGBA)
		near := corners[want[i]]
		for _, pair := range [][2]uint8{{got.R, near.R}, {got.G, near.G}, {got.B, near.B}} {
			require.InDelta(t, pair[0], pair[1], 40, "corner %d is %v", i, got)
		}
	}
}

func TestPicturesOfEachFormatAreTaken(t *testing.T) {
	t.Parallel()
	for name, upload := range map[string][]byte{"PNG": asPNG(t, quarters(64, 48)), "JPEG": asJPEG(t, quarters(64, 48))} {
		p := convert(t, upload)
		require.Equal(t, [2]int{64, 48}, [2]int{p.Width, p.Height}, name)
		requireCorners(t, decoded(t, p), [4]int{0, 1, 2, 3})
		require.Equal(t, p, convert(t, upload), "the same picture again")
	}
	_, err := webp.Decode(bytes.NewReader(webpPicture))
	require.NoError(t, err)
	require.Equal(t, 1, convert(t, webpPicture).Width)
}

func TestALargePictureIsMadeSmaller(t *testing.T) {
	t.Parallel()
	p := convert(t, asJPEG(t, quarters(1100, 550)))
	require.Equal(t, [2]int{1024, 512}, [2]int{p.Width, p.Height})
	requireCorners(t, decoded(t, p), [4]int{0, 1, 2, 3})
	flat := convert(t, asPNG(t, quarters(9000, 2)))
	require.Equal(t, [2]int{1024, 1}, [2]int{flat.Width, flat.Height})
}

func TestAPhotographIsKeptAsJPEGAndADrawingAsPNG(t *testing.T) {
	t.Parallel()
	require.Equal(t, "image/png", convert(t, asPNG(t, quarters(400, 400))).MediaType)
	noise := image.NewRGBA(image.Rect(0, 0, 400, 400))
	state := uint32(1)
	for i := range noise.Pix {
		state = state*1664525 + 1013904223
		noise.Pix[i] = byte(state >> 24)
		if i%4 == 3 {
			noise.Pix[i] = 255
		}
	}
	require.Equal(t, "image/jpeg", convert(t, asPNG(t, noise)).MediaType)
}

func TestATransparentPictureStaysTransparentAndSmall(t *testing.T) {
	t.Parallel()
	noise := image.NewNRGBA(image.Rect(0, 0, 600, 600))
	state := uint32(1)
	for i := range noise.Pix {
		state = state*1664525 + 1013904223
		noise.Pix[i] = byte(state >> 24)
	}
	p := convert(t, asPNG(t, noise))
	require.Equal(t, "image/png", p.MediaType)
	require.LessOrEqual(t, len(p.Content), 1<<20)
	require.Less(t, p.Width, 600)
}

// A phone stores what the camera sees, and beside it how it was held.
func TestAPictureIsTurnedUprightAndNothingButItsPixelsIsKept(t *testing.T) {
	t.Parallel()
	const author = "where I live: 37.5665N 126.9780E"
	stored := asJPEG(t, quarters(160, 80))
	for orientation, want := range map[uint16][4]int{
		1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1},
		5: {0, 2, 1, 3}, 6: {2, 0, 3, 1}, 7: {3, 1, 2, 0}, 8: {1, 3, 0, 2}, 9: {0, 1, 2, 3},
	} {
		upload := withEXIF(stored, orientation, author)
		require.Contains(t, string(upload), author)
		p := convert(t, append(upload, "<script>alert(1)</script>"...))
		requireCorners(t, decoded(t, p), want)
		require.Equal(t, orientation >= 5 && orientation <= 8, p.Height > p.Width, orientation)
		for _, gone := range []string{author, "Exif", "script"} {
			require.NotContains(t, string(p.Content), gone)
		}
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	t.Parallel()
	var animation bytes.Buffer
	require.NoError(t, gif.Encode(&animation, quarters(8, 8), nil))
	whole := asPNG(t, quarters(64, 64))
	for name, upload := range map[string][]byte{
		"nothing": nil, "words": []byte("a picture"), "an animation": animation.Bytes(),
		"a drawing that can run scripts": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"half a PNG":                     whole[:len(whole)/2],
		"half a JPEG":                    asJPEG(t, quarters(64, 64))[:500],
		"half a WebP":                    webpPicture[:24],
		"a PNG without a size":           bomb(0, 10),
	} {
		_, err := picture.NewConverter(1).Convert(t.Context(), upload)
		requireInvalid(t, err, name)
	}
}

// What it would grow to is refused by its header: nothing is decoded, and nobody waits for a turn.
func TestADecompressionBombCostsNothing(t *testing.T) {
	t.Parallel()
	converter := picture.NewConverter(0)
	for _, size := range [][2]uint32{{100_000, 100_000}, {5001, 5000}, {limits.ImageSide + 1, 1}, {1, limits.ImageSide + 1}, {1 << 31, 2}} {
		_, err := converter.Convert(t.Context(), bomb(size[0], size[1]))
		requireInvalid(t, err, size)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := converter.Convert(ctx, bomb(5000, 5000))
	require.ErrorIs(t, err, context.DeadlineExceeded, "one that can be decoded waits for its turn")
}

func TestAnIconIsThePictureOnASquare(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{64, 32}, {1024, 512}} {
		icon, err := picture.Icon(convert(t, asPNG(t, quarters(size.X, size.Y))))
		require.NoError(t, err)
		require.Equal(t, [3]any{"image/png", picture.IconSide, picture.IconSide}, [3]any{icon.MediaType, icon.Width, icon.Height})
		pixels := decoded(t, icon)
		_, _, _, above := pixels.At(256, 100).RGBA()
		require.Zero(t, above, "transparent above it")
		r, _, _, inside := pixels.At(20, 150).RGBA()
		require.Equal(t, [2]uint32{0xffff, 0xffff}, [2]uint32{r, inside})
	}
}

func requireInvalid(t *testing.T, err error, name any) {
	t.Helper()
	var refused *order.Error
	require.ErrorAs(t, err, &refused, name)
	require.Equal(t, order.CodeInvalid, refused.Code, name)
	require.Equal(t, "image", refused.Field, name)
}

func FuzzConvert(f *testing.F) {
	f.Add(webpPicture)
	f.Add(bomb(3, 3))
	var small bytes.Buffer
	if err := jpeg.Encode(&small, quarters(8, 8), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(withEXIF(small.Bytes(), 6, "x"))
	converter := picture.NewConverter(1)
	f.Fuzz(func(t *testing.T, upload []byte) {
		p, err := converter.Convert(t.Context(), upload)
		if err != nil {
			requireInvalid(t, err, "")
			return
		}
		decoded(t, p)
	})
}

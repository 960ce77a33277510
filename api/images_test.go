package api

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/picture"
)

// fakeImages keeps pictures, and counts how often they are read.
type fakeImages struct {
	mu       sync.Mutex
	pictures map[string]picture.Picture
	actors   []string
	reads    int
	err      error
}

func newFakeImages() *fakeImages { return &fakeImages{pictures: map[string]picture.Picture{}} }

func (f *fakeImages) PutImage(ctx context.Context, p picture.Picture) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.actors = append(f.actors, auditlog.Actor(ctx))
	f.pictures[p.Hash] = p
	return f.err
}

func (f *fakeImages) Image(_ context.Context, hash string) (picture.Picture, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.err != nil {
		return picture.Picture{}, f.err
	}
	p, ok := f.pictures[hash]
	if !ok {
		return picture.Picture{}, transport.NotFound()
	}
	return p, nil
}

func (f *fakeImages) ImagesExist(_ context.Context, hashes []string) (missing []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, hash := range hashes {
		if !slices.Contains(slices.Collect(maps.Keys(f.pictures)), hash) {
			missing = append(missing, hash)
		}
	}
	return missing, f.err
}

func (f *fakeImages) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// pngPicture is a small picture.
func pngPicture() string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		panic(err)
	}
	return b.String()
}

func (s *surface) upload(contentType, body string) *answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "/store/images", strings.NewReader(body))
	maps.Copy(r.Header, s.headers)
	r.Header.Set("Content-Type", contentType)
	return s.send(r, body)
}

func TestAPictureIsUploadedAndServed(t *testing.T) {
	t.Parallel()
	store := newStoreSurface(t)
	added := decodeAs[spec.Image](store.upload("image/png", pngPicture()).wants(http.StatusCreated))
	require.True(t, picture.ValidHash(added.Image))
	require.Equal(t, "/images/"+added.Image, added.URL)
	require.Equal(t, added, decodeAs[spec.Image](store.upload("image/png", pngPicture()).wants(http.StatusCreated)), "the same again")
	require.Equal(t, []string{"store", "store"}, store.images.actors)

	store.headers = http.Header{}
	customer := newCustomerSurface(t, func(c *CustomerConfig) { c.Images = store.images })
	for _, s := range []*surface{store, customer} {
		a := s.get(added.URL).wants(http.StatusOK)
		require.Equal(t, store.images.pictures[added.Image].Content, a.body)
		for name, want := range map[string]string{
			"Content-Type": "image/png", "Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
			"ETag": `"` + added.Image + `"`,
		} {
			require.Equal(t, want, a.header.Get(name), name)
		}
		require.Contains(t, a.header.Get("Content-Security-Policy"), "default-src 'none'")
		require.Empty(t, s.get(added.URL, "If-None-Match", a.header.Get("ETag")).wants(http.StatusNotModified).body)
	}
}

func TestAPictureThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	for _, s := range []*surface{newCustomerSurface(t), newStoreSurface(t)} {
		for _, hash := range []string{strings.Repeat("a", 64), "x", "%2e%2e", "%00"} {
			s.get("/images/"+hash).refuses(http.StatusNotFound, "not_found", "")
		}
	}
}

func TestOnlyPicturesCanBeUploaded(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.upload("image/svg+xml", "<svg/>").refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
	s.upload("image/gif", "GIF89a").refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
	s.upload("application/json", "{}").refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
	s.upload("image/png", "<svg/>").refuses(http.StatusUnprocessableEntity, "invalid_image", "image")
	s.upload("image/png", pngPicture()[:40]).refuses(http.StatusUnprocessableEntity, "invalid_image", "image")
	s.upload("image/png", strings.Repeat("x", limits.ImageBody+1)).refuses(http.StatusRequestEntityTooLarge, "body_too_large", "")
	s.upload("image/jpeg", pngPicture()).wants(http.StatusCreated)
	require.Len(t, s.images.pictures, 1, "a file with the ending of another is taken for what it is")
}

// A page of pictures reads each of them once, and shows them while the database is down.
func TestPicturesComeFromMemory(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	hash := strings.Repeat("a", 64)
	s.images.pictures[hash] = picture.Picture{Hash: hash, MediaType: "image/png", Content: []byte("pixels")}
	s.images.fail(errDown)
	s.get("/images/"+hash).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.images.fail(nil)
	s.get("/images/" + hash).wants(http.StatusOK)
	s.images.fail(errDown)
	s.get("/images/" + hash).wants(http.StatusOK)
	require.Equal(t, 2, s.images.reads)
}

package images

import (
	"bytes"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/picture"
)

// Resource is the resource /images of both surfaces. What is at an address never changes.
type Resource struct{ Images *Cache }

// Register adds the resource's routes.
func (i *Resource) Register(router *mux.Router) {
	transport.Get(router, imagesPath+"{hash}", i.show)
}

// imagesPath is where the pictures are.
const imagesPath = "/images/"

// show is GET /images/{hash}.
func (i *Resource) show(w http.ResponseWriter, r *http.Request) error {
	shown, err := i.Images.Get(r.Context(), mux.Vars(r)["hash"])
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", shown.MediaType)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("ETag", `"`+shown.Hash+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(shown.Content))
	return nil
}

// Upload is the staff's resource /store/images.
type Upload struct {
	Images    Keeper
	Converter *picture.Converter
	Staff     *access.StaffAuth
}

// Register adds the resource's routes.
func (i *Upload) Register(router *mux.Router) {
	router.Handle("/store/images", i.Staff.RequireRole(access.Manager, access.Everywhere(i.add)).Upload(limits.ImageBody)).Methods(http.MethodPost)
}

// add is POST /store/images, whose body is the picture.
func (i *Upload) add(w http.ResponseWriter, r *http.Request) error {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(picture.MediaTypes(), mediaType) {
		return transport.NewError(transport.CodeUnsupportedMediaType, "the body must be a picture: image/png, image/jpeg or image/webp")
	}
	body, err := transport.ReadBody(r)
	if err != nil {
		return err
	}
	added, err := i.Converter.Convert(r.Context(), body)
	if err != nil {
		return err
	}
	if err := i.Images.PutImage(r.Context(), added); err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusCreated, spec.Image{Image: added.Hash, URL: imagesPath + added.Hash})
}

package backoffice

import (
	"context"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/images"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/picture"
	"github.com/cafeforme/cafeforme/order"
)

// BrandResource is the staff's resource /store/brand.
type BrandResource struct {
	Brands BrandEditor
	Images images.Keeper
	Staff  *access.StaffAuth
}

// Register adds the resource's routes.
func (b *BrandResource) Register(router *mux.Router) {
	transport.Get(router, "/store/brand", b.Staff.RequireRole(access.Manager, b.show))
	transport.Put(router, "/store/brand", b.Staff.RequireRole(access.Owner, b.put))
}

// show is GET /store/brand.
func (b *BrandResource) show(w http.ResponseWriter, r *http.Request) error {
	now, err := b.Brands.Brand(r.Context())
	if err != nil {
		return err
	}
	return respondBrand(w, r, now)
}

// put is PUT /store/brand.
func (b *BrandResource) put(w http.ResponseWriter, r *http.Request) error {
	var body spec.Brand
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	wanted, err := b.wanted(r.Context(), body)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if transport.Unconditional(r) {
		ctx = auditlog.Unconditionally(ctx)
	}
	replaced := ""
	now, err := b.Brands.EditBrand(ctx, func(before brand.Brand) (brand.Brand, error) {
		if !transport.Unchanged(r, brandTag(before)) {
			return before, brandChanged(w, before)
		}
		replaced = brandTag(before)
		return wanted, nil
	})
	if err != nil {
		return err
	}
	w.Header().Set(replacedTag, replaced)
	return respondBrand(w, r, now)
}

// wanted returns the brand that the request asks for.
func (b *BrandResource) wanted(ctx context.Context, body spec.Brand) (brand.Brand, error) {
	var c transport.FieldChecks
	wanted := brand.Brand{Accent: strings.ToLower(body.Accent), Name: order.Names{
		order.Korean:  c.Text("name.ko", body.Name.Ko, 1, limits.BrandName),
		order.English: c.Text("name.en", body.Name.En, 1, limits.BrandName),
	}}
	c.That(brand.ValidAccent(wanted.Accent), "accent", "must be a colour such as "+brand.DefaultAccent)
	if c.Err != nil || body.Logo == nil {
		return wanted, c.Err
	}
	logo, err := b.logo(ctx, *body.Logo)
	wanted.Logo = logo
	return wanted, err
}

// logo returns the logo with that picture, of which it makes an icon.
func (b *BrandResource) logo(ctx context.Context, hash string) (*brand.Logo, error) {
	uploaded, err := b.Images.Image(ctx, hash)
	if order.ErrorCode(err) == order.CodeNotFound {
		return nil, transport.InvalidField("logo", "must be the hash of an uploaded picture")
	}
	if err != nil {
		return nil, err
	}
	icon, err := picture.Icon(uploaded)
	if err != nil {
		return nil, err
	}
	return &brand.Logo{Image: hash, Icon: icon.Hash, Width: uploaded.Width, Height: uploaded.Height}, b.Images.PutImage(ctx, icon)
}

func brandTag(b brand.Brand) string { return `"` + b.Tag() + `"` }

// brandChanged returns the error of a change that was meant for another brand than the one that there
// is now, which the answer has.
func brandChanged(w http.ResponseWriter, now brand.Brand) error {
	w.Header().Set("ETag", brandTag(now))
	err := transport.NewError(transport.CodePreconditionFailed, "the brand has been changed since it was read")
	return transport.WithMembers(err, func(p *spec.Problem) { p.Current = views.Brand(now) })
}

func respondBrand(w http.ResponseWriter, r *http.Request, now brand.Brand) error {
	w.Header().Set("ETag", brandTag(now))
	return transport.RespondJSON(w, r, http.StatusOK, views.Brand(now))
}

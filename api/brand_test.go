package api

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// fakeBrands keeps a brand.
type fakeBrands struct {
	mu  sync.Mutex
	now brand.Brand
	err error
	// unconditional: it was last changed whatever it was.
	unconditional bool
}

func (f *fakeBrands) Brand(context.Context) (brand.Brand, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now, f.err
}

func (f *fakeBrands) EditBrand(ctx context.Context, edit func(brand.Brand) (brand.Brand, error)) (brand.Brand, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return brand.Brand{}, f.err
	}
	now, err := edit(f.now)
	if err == nil {
		f.now, f.unconditional = now, auditlog.Unconditional(ctx)
	}
	return now, err
}

// corner is a brand that is not the default one.
var corner = brand.Brand{Name: order.Names{order.Korean: "모퉁이 커피", order.English: "Corner"}, Accent: "#ff6f61"}

const cornerBody = `{"name":{"ko":" 모퉁이 커피","en":"Corner"},"logo":null,"accent":"#FF6F61"}`

func TestTheBrandIsChanged(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	before := s.get("/store/brand").wants(http.StatusOK)
	require.JSONEq(t, `{"name":{"ko":"카페포미","en":"cafeforme"},"logo":null,"accent":"#1f5c4a"}`, string(before.body))

	after := s.put("/store/brand", cornerBody, "If-Match", before.header.Get("ETag")).wants(http.StatusOK)
	require.Equal(t, corner, s.brands.now)
	require.NotEqual(t, before.header.Get("ETag"), after.header.Get("ETag"))
	require.Equal(t, after.header.Get("ETag"), s.get("/store/brand").header.Get("ETag"))
	require.Equal(t, after.body, s.get("/store/brand").body)

	late := s.put("/store/brand", cornerBody, "If-Match", before.header.Get("ETag"))
	require.Equal(t, decodeAs[any](after), late.refuses(http.StatusPreconditionFailed, "precondition_failed", "").Current)
	require.Equal(t, after.header.Get("ETag"), late.header.Get("ETag"), "with which the next try can be made")
	require.False(t, s.brands.unconditional)
	for _, headers := range [][]string{{"If-Match", "*"}, {}} {
		s.brands.unconditional = false
		put := s.put("/store/brand", cornerBody, headers...).wants(http.StatusOK)
		require.Equal(t, after.header.Get("ETag"), put.header.Get("Replaced-ETag"))
		require.True(t, s.brands.unconditional)
	}
}

func TestALogoIsAnUploadedPicture(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	withLogo := func(logo string) string { return strings.Replace(cornerBody, "null", `"`+logo+`"`, 1) }
	for _, unknown := range []string{"", "x", strings.Repeat("a", 64)} {
		s.put("/store/brand", withLogo(unknown)).refuses(http.StatusUnprocessableEntity, "invalid_logo", "logo")
	}
	uploaded := decodeAs[spec.Image](s.upload("image/png", pngPicture()).wants(http.StatusCreated)).Image
	a := decodeAs[spec.Brand](s.put("/store/brand", withLogo(uploaded)).wants(http.StatusOK))
	require.Equal(t, uploaded, *a.Logo)
	require.Equal(t, uploaded, s.brands.now.Logo.Image)
	icon := s.images.pictures[s.brands.now.Logo.Icon]
	require.Equal(t, [2]int{512, 512}, [2]int{icon.Width, icon.Height})
}

func TestABadBrandIsRefused(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	long := strings.Repeat("가", limits.BrandName+1)
	for body, want := range map[string][2]string{
		`{"name":{"ko":"","en":"x"},"logo":null,"accent":"#000000"}`:                {"invalid_name", "name.ko"},
		`{"name":{"ko":"x","en":"` + long + `"},"logo":null,"accent":"#000000"}`:    {"invalid_name", "name.en"},
		`{"name":{"ko":"x","en":"\n\u3164"},"logo":null,"accent":"#000000"}`:        {"invalid_name", "name.en"},
		`{"name":{"ko":"x"},"logo":null,"accent":"#000000"}`:                        {"invalid_name", "name.en"},
		`{"name":{"ko":"x","en":"x"},"logo":null,"accent":"red"}`:                   {"invalid_accent", "accent"},
		`{"name":{"ko":"x","en":"x"},"logo":null,"accent":"#1f5c4a;color:red"}`:     {"invalid_accent", "accent"},
		`{"name":{"ko":"x","en":"x"},"accent":"#000000"}`:                           {"invalid_logo", "logo"},
		`{"name":{"ko":"x","en":"x"},"logo":null,"accent":"#000000","theme":"one"}`: {"invalid_field", "theme"},
	} {
		s.put("/store/brand", body).refuses(http.StatusUnprocessableEntity, want[0], want[1])
	}
	require.Equal(t, brand.Default(), s.brands.now)
	s.brands.err = errDown
	s.get("/store/brand").refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.put("/store/brand", cornerBody).refuses(http.StatusServiceUnavailable, "unavailable", "")
}

func TestOrdersAndCodesNameTheBrand(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Brand = func(context.Context) brand.Brand { return corner } })
	s.post("/orders", `{"items":[{"product":"IceAmericano","qty":1}]}`).wants(http.StatusCreated)
	require.Equal(t, corner.Name, s.orders.placed[0].Terms.Brand)
	s.post("/members/codes", `{"phone":"+821099998888"}`, "Accept-Language", "en").wants(http.StatusAccepted)
	require.Equal(t, "Corner", s.codes.sent[0].Brand)

	plain := newCustomerSurface(t)
	plain.post("/orders", `{"items":[{"product":"IceAmericano","qty":1}]}`).wants(http.StatusCreated)
	require.Nil(t, plain.orders.placed[0].Terms.Brand, "histories stay small")
	plain.post("/members/codes", `{"phone":"+821099998888"}`).wants(http.StatusAccepted)
	require.Empty(t, plain.codes.sent[0].Brand)
}

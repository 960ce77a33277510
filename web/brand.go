package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/picture"
	"github.com/cafeforme/cafeforme/order"
)

// BrandSource returns the brand that pages show. It is asked for every page, and is quick.
type BrandSource func(context.Context) brand.Brand

// brandView is what templates see of the brand.
type brandView struct {
	Name string
	// Logo is the address of the picture in a page's head, with its size there.
	Logo          string
	Width, Height int
	// Icon is the address of a square picture, of that media type.
	Icon, IconType string
	// Styles is the address of the style sheet with the accent; empty for the one that pages have
	// anyway.
	Styles string
	// LightTheme and DarkTheme are the colours of what a browser shows around a page.
	LightTheme, DarkTheme string
}

const (
	// logoHeight is how high the logo is in a page's head, in pixels of CSS.
	logoHeight = 32
	// imagesPath is where the API has pictures.
	imagesPath = "/images/"
	svgType    = "image/svg+xml"
)

// viewOf returns what templates see of the brand in a language.
func (s *pageSite) viewOf(b brand.Brand, language order.Language) brandView {
	icon := s.assets.path("icon.svg")
	v := brandView{
		Name: b.Name.In(language), Logo: icon, Width: logoHeight, Height: logoHeight, Icon: icon, IconType: svgType,
		LightTheme: brand.DefaultAccent, DarkTheme: darkScheme.paper.String(),
	}
	if b.Logo != nil {
		v.Logo, v.Icon, v.IconType = imagesPath+b.Logo.Image, imagesPath+b.Logo.Icon, "image/png"
		v.Width = max(b.Logo.Width*logoHeight/max(b.Logo.Height, 1), 1)
	}
	if b.Accent != brand.DefaultAccent {
		v.Styles = s.assets.path(accentAsset(b.Accent))
		v.LightTheme = lightScheme.shades(parseColour(b.Accent)).accent.String()
	}
	return v
}

// manifest is the web app manifest (https://www.w3.org/TR/appmanifest/) of a surface, which begins
// at home.
type manifest struct {
	site *pageSite
	home string
}

const (
	manifestPath = "/manifest.webmanifest"
	// shortName is how many characters home screens have room for.
	shortName = 12
)

// ServeHTTP answers with the manifest in the language of ?lang=, or else of the reader.
func (m manifest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	language, _ := languageOf(r)
	content := m.content(m.site.brand(r.Context()), language)
	header := w.Header()
	header.Set("Content-Type", "application/manifest+json")
	header.Set("Content-Language", string(language))
	header.Add("Vary", "Accept-Language, Cookie")
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", tagOf(content))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func (m manifest) content(b brand.Brand, language order.Language) []byte {
	v := m.site.viewOf(b, language)
	sizes := "any"
	if v.IconType != svgType {
		sizes = fmt.Sprintf("%dx%d", picture.IconSide, picture.IconSide)
	}
	members := map[string]any{
		"id": m.home, "start_url": m.home, "scope": m.home, "display": "standalone", "lang": language, "name": v.Name,
		"background_color": lightScheme.paper.String(), "theme_color": v.LightTheme,
		"icons": []map[string]string{{"src": v.Icon, "type": v.IconType, "sizes": sizes}},
	}
	if len([]rune(v.Name)) <= shortName {
		members["short_name"] = v.Name
	}
	content, err := json.Marshal(members)
	if err != nil {
		panic(fmt.Errorf("web: encode the manifest: %w", err)) // texts always encode
	}
	return content
}

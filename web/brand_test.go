package web

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/order"
)

var corner = brand.Brand{
	Name: order.Names{order.Korean: "모퉁이 <커피>", order.English: "Corner Coffee Roasters"}, Accent: "#ff6f61",
	Logo: &brand.Logo{Image: strings.Repeat("a", 64), Icon: strings.Repeat("b", 64), Width: 600, Height: 200},
}

// switched is a brand that tests change while pages are served.
func switched() (source BrandSource, set func(brand.Brand)) {
	var now atomic.Value
	now.Store(brand.Default())
	return func(context.Context) brand.Brand { return now.Load().(brand.Brand) }, func(b brand.Brand) { now.Store(b) }
}

func TestPagesShowTheBrandAsItIsNow(t *testing.T) {
	t.Parallel()
	source, set := switched()
	customer, store := serve(Customer(CustomerConfig{Brand: source})), serve(Store(source))
	missing := NotFound("/", source)
	before := get(t, customer, "/", "Accept-Language", "en")
	require.Contains(t, before.Body.String(), "· cafeforme</title>")
	require.NotContains(t, before.Body.String(), "accent-")

	set(corner)
	for path, handler := range map[string]http.Handler{"/": customer, "/o/ord_x": customer, "/member": customer, "/store": store, "/store/manage": store} {
		answer := get(t, handler, path, "Accept-Language", "en")
		html := answer.Body.String()
		for _, shown := range []string{
			"· Corner Coffee Roasters</title>", `content="Corner Coffee Roasters"`, `<img src="/images/` + corner.Logo.Image + `" alt="" width="96" height="32"> Corner Coffee Roasters</a>`,
			`<link rel="icon" href="/images/` + corner.Logo.Icon + `" type="image/png">`, "/accent-ff6f61.css",
		} {
			require.Contains(t, html, shown, path)
		}
		styles := regexp.MustCompile(`/assets/[0-9a-f]+/accent-ff6f61\.css`).FindString(html)
		require.Equal(t, immutableCache, get(t, handler, styles).Header().Get("Cache-Control"))
		require.Less(t, strings.Index(html, "site.css"), strings.Index(html, "accent-ff6f61.css"), "it comes last, and so counts")
		require.NotEqual(t, before.Header().Get("ETag"), answer.Header().Get("ETag"))
		require.Contains(t, get(t, handler, path, "Accept-Language", "ko").Body.String(), "모퉁이 &lt;커피&gt;</title>")
	}
	require.Contains(t, get(t, missing, "/x").Body.String(), "모퉁이")

	set(brand.Default())
	require.Equal(t, before.Header().Get("ETag"), get(t, customer, "/", "Accept-Language", "en").Header().Get("ETag"))
}

func TestTheManifestSaysWhatIsInstalled(t *testing.T) {
	t.Parallel()
	source, set := switched()
	customer, store := serve(Customer(CustomerConfig{Brand: source})), serve(Store(source))
	read := func(handler http.Handler, language string) (m map[string]any) {
		answer := get(t, handler, "/manifest.webmanifest?lang="+language)
		require.Equal(t, http.StatusOK, answer.Code)
		require.Equal(t, "application/manifest+json", answer.Header().Get("Content-Type"))
		require.Empty(t, answer.Header().Get("Set-Cookie"), "nobody has chosen a language by it")
		require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &m))
		require.Equal(t, http.StatusNotModified, get(t, handler, "/manifest.webmanifest?lang="+language, "If-None-Match", answer.Header().Get("ETag")).Code)
		return m
	}
	plain := read(customer, "ko")
	for member, want := range map[string]any{
		"name": "카페포미", "short_name": "카페포미", "lang": "ko", "start_url": "/", "scope": "/", "display": "standalone", "theme_color": "#1f5c4a",
	} {
		require.Equal(t, want, plain[member], member)
	}
	icon, _ := plain["icons"].([]any)[0].(map[string]any)
	require.Equal(t, "image/svg+xml", icon["type"])
	require.Equal(t, http.StatusOK, get(t, customer, icon["src"].(string)).Code)

	set(corner)
	own := read(store, "en")
	require.Equal(t, "Corner Coffee Roasters", own["name"])
	require.NotContains(t, own, "short_name", "a name that is cut off is worse than none")
	require.Equal(t, "/store", own["start_url"])
	require.NotEqual(t, plain["theme_color"], own["theme_color"])
	icon, _ = own["icons"].([]any)[0].(map[string]any)
	require.Equal(t, map[string]any{"src": "/images/" + corner.Logo.Icon, "type": "image/png", "sizes": "512x512"}, icon)
	require.Contains(t, get(t, customer, "/").Header().Get("Content-Security-Policy"), "manifest-src 'self'")
	require.Contains(t, get(t, customer, "/", "Accept-Language", "en").Body.String(), `<link rel="manifest" href="/manifest.webmanifest?lang=en">`)
}

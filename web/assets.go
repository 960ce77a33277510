package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// assetPath has the hash of all assets in it: a page names the assets that it
	// was made with, which browsers may then keep for good, and modules find each
	// other beside themselves.
	assetPath   = "/assets/{version}/{name:.+}"
	assetPrefix = "/assets/"
	// drinksPath is where the pictures are. A product without one gets a cup.
	drinksPath     = "drinks/"
	defaultDrink   = drinksPath + "cup.svg"
	immutableCache = "public, max-age=31536000, immutable"
)

// What the style sheets that pages load are made of: what pages share comes first. Customers load
// nothing of the staff's.
var (
	customerStyles = []string{
		"shared/theme.css", "shared/controls.css", "shared/stores.css", "bill/bill.css", "menu/menu.css", "menu/sheet.css", "order/order.css", "member/member.css", "dev/dev.css",
		"sandboxpay/sandboxpay.css", "receipt/receipt.css",
	}
	staffStyles = append(slices.Clone(customerStyles), "board/board.css", "manage/manage.css", "manage/lists.css", "orders/orders.css")
)

// styleSheet returns the style sheet of a page.
func styleSheet(page string) string {
	if page == "board" || page == "manage" {
		return "store.css"
	}
	return "site.css"
}

// assetFiles are the scripts, styles and pictures, by name.
type assetFiles struct {
	files   map[string][]byte
	version string
}

func newAssets(t map[order.Language]pageTexts) *assetFiles {
	a := &assetFiles{files: map[string][]byte{}}
	err := fs.WalkDir(embeddedFiles, "pages", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) == ".html" {
			return err
		}
		if path.Ext(name) == ".css" {
			return nil // all styles are one asset
		}
		asset := assetName(name)
		if _, twice := a.files[asset]; twice {
			return fmt.Errorf("two pages have an asset %s", asset)
		}
		a.files[asset] = minified(name, mustRead(name))
		return nil
	})
	if err != nil {
		panic(fmt.Errorf("web: %w", err)) // it was embedded when this was built
	}
	for language, sentences := range t {
		for page, parts := range partsOf {
			a.files["text."+page+"."+string(language)+".js"] = sentences.module(parts)
		}
	}
	a.files["currencies.js"] = currencyModule()
	a.files["catalogrules.js"] = catalogRulesModule()
	a.files["site.css"] = minified("site.css", concatenated(customerStyles))
	a.files["store.css"] = minified("store.css", concatenated(staffStyles))
	a.version = a.hash()
	return a
}

// minified returns a script or a style sheet without what only its readers need; anything else as
// it is.
func minified(name string, content []byte) []byte {
	m := minify.New()
	m.Add(".js", &js.Minifier{})
	m.Add(".css", &css.Minifier{})
	small, err := m.Bytes(path.Ext(name), content)
	if errors.Is(err, minify.ErrNotExist) {
		return content
	}
	if err != nil {
		panic(fmt.Errorf("web: minify %s: %w", name, err)) // the same at every start: tests see it
	}
	return small
}

func concatenated(names []string) (content []byte) {
	for _, name := range names {
		content = append(content, mustRead("pages/"+name)...)
	}
	return content
}

// assetName returns the name of an embedded file among the assets. The folder of its page
// is not part of it: "pages/menu/menu.js" is "menu.js", beside what all pages share.
func assetName(file string) string {
	const pageFolder = 2 // "pages" and the page's
	return strings.Join(strings.Split(file, "/")[pageFolder:], "/")
}

// usualDecimals is how many decimals the minor unit of a currency has that the
// module of the currencies does not name.
const usualDecimals = 2

// currencyModule returns how many decimals the minor units of the unusual currencies
// have, as a module for browsers.
func currencyModule() []byte {
	unusual := map[string]int{}
	for _, currency := range money.Currencies() {
		if decimals, _ := money.Exponent(currency); decimals != usualDecimals {
			unusual[currency] = decimals
		}
	}
	return jsModule(unusual)
}

// catalogRulesModule returns what a catalog and an order may have, as a module for browsers.
func catalogRulesModule() []byte {
	return jsModule(map[string]any{
		"allergens": catalog.Allergens(), "currency": order.DefaultCurrency, "name": limits.Name, "description": limits.Description,
		"brand_name": limits.BrandName, "store_name": limits.StoreName, "address": limits.Address, "legal_name": limits.LegalName,
		"registration_number": limits.RegistrationNumber, "refund_days": int(order.RefundWithin / (24 * time.Hour)),
	})
}

// accentForm are the names of style sheets with an accent: everything in one follows from its name.
var accentForm = regexp.MustCompile(`^accent-([0-9a-f]{6})\.css$`)

// accentAsset returns the name of the style sheet with the accent.
func accentAsset(accent string) string { return "accent-" + strings.TrimPrefix(accent, "#") + ".css" }

// hash returns a hash of all files.
func (a *assetFiles) hash() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(a.files[name]))
		sum.Write(a.files[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// path returns where an asset is served.
func (a *assetFiles) path(name string) string { return assetPrefix + a.version + "/" + name }

// ServeHTTP serves an asset. A page of another release, whose process may be gone,
// gets what there is, but not for good.
func (a *assetFiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, assetPrefix), "/")
	content, ok := a.files[name]
	if accent := accentForm.FindStringSubmatch(name); accent != nil {
		content, ok = accentStyles("#"+accent[1]), true
	}
	if !ok && strings.HasPrefix(name, drinksPath) {
		content, ok = a.files[defaultDrink]
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	header.Set("Content-Security-Policy", "default-src 'none'")
	header.Set("ETag", `"`+a.version+`"`)
	header.Set("Cache-Control", "no-cache")
	if version == a.version {
		header.Set("Cache-Control", immutableCache)
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// Package brand is what the owner's stores are called and look like: one name in each language, one
// logo and one colour. Pages, texts and the web app manifest show it.
package brand

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"unicode/utf8"

	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// Brand is the brand as it is kept.
type Brand struct {
	// Name has both languages.
	Name order.Names `json:"name"`
	// Logo is nil for the icon that cafeforme comes with.
	Logo *Logo `json:"logo,omitempty"`
	// Accent is the colour of buttons and links, as "#rrggbb". Pages derive shades of it that can be
	// read.
	Accent string `json:"accent"`
}

// Logo is the pictures of a logo, by their hashes.
type Logo struct {
	// Image is the one that was uploaded, Icon the same one on a square.
	Image string `json:"image"`
	Icon  string `json:"icon"`
	// Width and Height are the pixels of the one that was uploaded.
	Width  int `json:"width"`
	Height int `json:"height"`
}

// DefaultAccent is the accent of the default brand.
const DefaultAccent = "#1f5c4a"

// Default returns the brand until the owner sets another.
func Default() Brand {
	return Brand{Name: order.Names{order.Korean: "카페포미", order.English: "cafeforme"}, Accent: DefaultAccent}
}

var accentForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// ValidAccent reports whether it is a colour, in small letters.
func ValidAccent(accent string) bool { return accentForm.MatchString(accent) }

// Tag returns what names this brand among all that it can be, for entity tags.
func (b Brand) Tag() string {
	document, err := json.Marshal(b)
	if err != nil {
		panic(fmt.Errorf("brand: %w", err)) // texts always encode
	}
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:8])
}

// Names returns the name as orders keep it for their texts: nothing for the default one.
func (b Brand) Names() order.Names {
	if reflect.DeepEqual(b.Name, Default().Name) {
		return nil
	}
	return b.Name
}

// AtStore returns the name as orders of one of several stores keep it for their texts: with the
// store's name where both fit, and the store's alone otherwise.
func (b Brand) AtStore(store order.Names) order.Names {
	names := order.Names{}
	for language, name := range store {
		names[language] = name
		if both := b.Name.In(language) + " " + name; utf8.RuneCountInString(both) <= limits.BrandName {
			names[language] = both
		}
	}
	return names
}

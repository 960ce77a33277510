package document

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/catalog"
)

// Version returns what names the catalog among all others, wherever it is kept. It begins with a
// letter: a spreadsheet leaves it as it is.
func Version(c catalog.Catalog) string {
	text, err := json.Marshal(Whole(c))
	if err != nil {
		panic(fmt.Errorf("name a catalog: %w", err)) // texts and numbers always encode
	}
	sum := sha256.Sum256(text)
	return "v" + hex.EncodeToString(sum[:8])
}

// Version returns the version of the catalog that the document was made of, as [Export] has written
// it; empty when it does not say.
func (d *Document) Version() string { return d.version }

// Stale reports whether the document was made of another catalog than that one.
func (d *Document) Stale(c catalog.Catalog) bool { return d.version != "" && d.version != Version(c) }

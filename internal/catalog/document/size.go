package document

import (
	"fmt"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/limits"
)

// CheckSize fails, with words that follow a field, when the catalog is so large that its export in
// JSON could not be imported again.
func CheckSize(c catalog.Catalog) error {
	text, err := Export(JSON, c)
	if err != nil {
		return err
	}
	if len(text) > limits.CatalogBody {
		return fmt.Errorf("must have at most %d MiB as JSON, and has %.1f MiB: shorten descriptions, or take items out",
			limits.CatalogBody>>20, float64(len(text))/(1<<20))
	}
	return nil
}

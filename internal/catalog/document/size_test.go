package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// filled is a catalog of as many items as there may be, with descriptions of that length.
func filled(length int) catalog.Catalog {
	c := example()
	for i := range limits.MenuItems - len(c.Items) {
		c.Items = append(c.Items, catalog.Item{
			Product: fmt.Sprintf("Drink%d", i), Category: "coffee", Name: names(strings.Repeat("가", length/8+1), "A warm drink"),
			Description: order.Names{order.Korean: strings.Repeat("가", length), order.English: strings.Repeat("a", length)},
			Price:       order.Money{Amount: 3500, Currency: "KRW"}, Groups: []string{"milk", "extra"}, Available: true,
		})
	}
	return c
}

// What is kept can be exported and imported again, in either format.
func TestACatalogIsNoLargerThanItsDocumentMayBe(t *testing.T) {
	t.Parallel()
	usual := filled(100)
	require.NoError(t, document.CheckSize(usual))
	for _, format := range []document.Format{document.JSON, document.CSV} {
		text, err := document.Export(format, usual)
		require.NoError(t, err)
		require.LessOrEqual(t, len(text), limits.CatalogBody)
	}
	large := filled(limits.Description)
	text := write(t, document.CSV, large)
	require.Less(t, len(text), limits.CatalogBody, "as CSV it would come in, and never out as JSON")
	d, err := document.Read(document.CSV, []byte(text))
	require.NoError(t, err)
	_, problems := d.Check(money.Provider{}, catalog.Catalog{})
	require.Len(t, problems, 1)
	require.Regexp(t, `^line 1: must have at most 8 MiB as JSON, and has \d+\.\d MiB: `, problems[0].String())
}

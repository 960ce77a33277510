package document_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/blank"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// drawText returns a text that a catalog can have, some of them like formulas and cells.
func drawText(t *rapid.T, longest int) string {
	text := rapid.OneOf(
		rapid.StringN(1, longest, -1),
		rapid.StringMatching(`[='+@;,"' <&＝-]{1,4}[a-z가-힣]{1,8}[;,"' ]{0,3}[a-z]`),
	).Draw(t, "text")
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if blank.Unprintable(r) {
			return 'x'
		}
		return r
	}, text))
	if blank.Text(text) || !utf8.ValidString(text) {
		return "x"
	}
	return text
}

func drawNames(t *rapid.T) order.Names { return names(drawText(t, 80), drawText(t, 80)) }

func drawGroup(t *rapid.T, i int) catalog.Group {
	group := catalog.Group{Group: fmt.Sprintf("g%d", i), Name: drawNames(t), Max: rapid.IntRange(1, 20).Draw(t, "max")}
	for j := range rapid.IntRange(1, 4).Draw(t, "options") {
		group.Options = append(group.Options, catalog.Option{
			Option: fmt.Sprintf("o%d", j), Name: drawNames(t), Price: rapid.Int64Range(-1000, 1000).Draw(t, "price"),
			MaxQty: rapid.IntRange(1, group.Max).Draw(t, "max_qty"), Available: rapid.Bool().Draw(t, "available"),
		})
	}
	if rapid.Bool().Draw(t, "default") {
		group.Min, group.Options[0].Default = 1, true
		group.Options[0].Price = max(group.Options[0].Price, 0) // no piece costs less than nothing
	}
	return group
}

func drawItem(t *rapid.T, i int, c catalog.Catalog) catalog.Item {
	item := catalog.Item{
		Product: fmt.Sprintf("P%d", i), Name: drawNames(t), Available: rapid.Bool().Draw(t, "available"),
		Price: order.Money{Amount: rapid.Int64Range(1, 1_000_000).Draw(t, "price"), Currency: "KRW"},
	}
	if rapid.Bool().Draw(t, "described") {
		item.Description = order.Names{order.English: drawText(t, 300)}
	}
	if len(c.Categories) > 0 && rapid.Bool().Draw(t, "categorized") {
		item.Category = rapid.SampledFrom(c.Categories).Draw(t, "category").Category
	}
	for _, group := range c.Groups {
		if rapid.Bool().Draw(t, "grouped") {
			item.Groups = append(item.Groups, group.Group)
		}
	}
	if rapid.Bool().Draw(t, "labelled") {
		item.Allergens = rapid.SliceOfNDistinct(rapid.SampledFrom(catalog.Allergens()), 1, 5, rapid.ID[string]).Draw(t, "allergens")
		item.Calories = new(rapid.IntRange(0, 9999).Draw(t, "calories"))
		item.Image = rapid.StringMatching(`[0-9a-f]{64}`).Draw(t, "image")
		item.Hours = []store.Period{{"07:00", "11:00"}, {"22:30", "02:00"}}
	}
	return item
}

// drawCatalog returns a catalog that can be sold from.
func drawCatalog(t *rapid.T) (c catalog.Catalog) {
	for i := range rapid.IntRange(0, 3).Draw(t, "categories") {
		c.Categories = append(c.Categories, catalog.Category{Category: fmt.Sprintf("c%d", i), Name: drawNames(t)})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "groups") {
		c.Groups = append(c.Groups, drawGroup(t, i))
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "items") {
		c.Items = append(c.Items, drawItem(t, i, c))
	}
	return c
}

// From JSON to CSV and back nothing is lost, whatever the texts are.
func TestBothFormatsHoldTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := drawCatalog(t)
		require.Empty(t, first.Check(money.Provider{}, catalog.Catalog{}))
		now := first
		for _, format := range []document.Format{document.JSON, document.CSV, document.JSON} {
			text, err := document.Write(format, now)
			require.NoError(t, err)
			d, err := document.Read(format, text)
			require.NoError(t, err)
			var problems []document.Problem
			now, problems = d.Check(money.Provider{}, catalog.Catalog{})
			require.Empty(t, problems)
		}
		require.Equal(t, first, now)
	})
}

// Whatever is sent, it is read or refused; what is read can be written, and is the same then.
func FuzzDocuments(f *testing.F) {
	for _, format := range []document.Format{document.JSON, document.CSV} {
		text, err := document.Write(format, example())
		require.NoError(f, err)
		f.Add(format == document.CSV, text)
		f.Add(format == document.CSV, []byte("kind,product\nitem"))
		f.Add(format == document.CSV, []byte(`{"items":[{"hours":[[1]]}],"groups":[],"categories":[{}]}`))
	}
	f.Fuzz(func(t *testing.T, isCSV bool, text []byte) {
		format := document.JSON
		if isCSV {
			format = document.CSV
		}
		d, err := document.Read(format, text)
		if err != nil {
			return
		}
		c, problems := d.Check(money.Provider{}, example())
		for _, problem := range problems {
			require.Positive(t, problem.Line)
			require.LessOrEqual(t, problem.Line, 1+strings.Count(string(text), "\n"))
		}
		if len(problems) > 0 {
			return
		}
		written, err := document.Write(format, c)
		require.NoError(t, err)
		d, err = document.Read(format, written)
		require.NoError(t, err)
		again, problems := d.Check(money.Provider{}, catalog.Catalog{})
		require.Empty(t, problems)
		require.Empty(t, catalog.Diff(c, again))
	})
}

// The version of an exported document is the catalog's, whatever becomes of the file on its way.
func TestAnExportedDocumentSaysWhatItWasMadeOf(t *testing.T) {
	t.Parallel()
	for _, format := range []document.Format{document.JSON, document.CSV} {
		text, err := document.Export(format, example())
		require.NoError(t, err)
		for _, way := range []string{string(text), strings.ReplaceAll(string(text), "3500", "4000"), strings.ReplaceAll(string(text), "\r\n", "\n")} {
			d, err := document.Read(format, []byte(way))
			require.NoError(t, err)
			require.Equal(t, document.Version(example()), d.Version())
			require.False(t, d.Stale(example()))
			_, problems := d.Check(money.Provider{}, catalog.Catalog{})
			require.Empty(t, problems)
			changed := example()
			changed.Items[0].Price.Amount++
			require.True(t, d.Stale(changed))
		}
		require.NotContains(t, write(t, format, example()), "version", "who asks the API has its ETag")
	}
	d, err := document.Read(document.CSV, []byte("kind,version\ncatalog,\n"))
	require.NoError(t, err)
	require.False(t, d.Stale(example()), "it does not say")
	require.Equal(t, document.Version(catalog.Catalog{}), document.Version(catalog.Catalog{Items: []catalog.Item{}}))
	require.NotRegexp(t, `^[0-9]`, document.Version(example()), "or a spreadsheet would take some for numbers")
}

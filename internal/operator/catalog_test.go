package operator

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/config"
)

func exporting(format document.Format) command {
	return func(ctx context.Context, env app.Environment) error { return ExportCatalog(ctx, env, format) }
}

func importing(in CatalogImport) command {
	return func(ctx context.Context, env app.Environment) error {
		return ImportCatalog(ctx, env, in, Attribution{})
	}
}

// versionIn returns the version in a document that was exported.
func versionIn(text string) string { return regexp.MustCompile(`v[0-9a-f]{16}`).FindString(text) }

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestAnOperatorExportsAndImportsTheCatalog(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	for name, format := range map[string]document.Format{"catalog.json": document.JSON, "Catalog.CSV": document.CSV} {
		text, err := o.types(exporting(format))
		require.NoError(t, err)
		printed, err := o.types(importing(CatalogImport{File: written(t, name, text)}))
		require.NoError(t, err)
		require.Equal(t, "Nothing is different.\n", printed)

		dearer := strings.Replace(text, "4500", "4700", 1)
		require.NotEqual(t, text, dearer)
		for _, again := range []string{"1 change to be made. Nothing was changed.", "1 change to be made. Nothing was changed."} {
			printed, err = o.types(importing(CatalogImport{File: written(t, name, dearer), DryRun: true}))
			require.NoError(t, err)
			require.Regexp(t, `(?m)^changed  items/\w+: price 4500 KRW -> 4700 KRW$`, printed)
			require.Contains(t, printed, again)
		}
		printed, err = o.types(importing(CatalogImport{File: written(t, name, dearer)}))
		require.NoError(t, err)
		require.Contains(t, printed, "1 change made.")
		now, err := o.types(exporting(format))
		require.NoError(t, err)
		require.NotEqual(t, versionIn(text), versionIn(now))
		require.Equal(t, strings.Replace(dearer, versionIn(text), versionIn(now), 1), now)

		for _, dryRun := range []bool{true, false} {
			printed, err = o.types(importing(CatalogImport{File: written(t, name, text), DryRun: dryRun}))
			require.ErrorContains(t, err, "it has been changed since")
			require.Regexp(t, `(?m)^changed  items/\w+: price 4700 KRW -> 4500 KRW$`, printed)
			require.Contains(t, printed, "1 change to be made. Nothing was changed.")
		}
		printed, err = o.types(importing(CatalogImport{File: written(t, name, strings.Replace(text, versionIn(text), "", 1)), DryRun: true}))
		require.NoError(t, err, "it does not say what it was made of")
		require.Contains(t, printed, "1 change to be made.")
		_, err = o.types(importing(CatalogImport{File: written(t, "old", text), Format: format, Force: true}))
		require.NoError(t, err)
	}
	printed, err := o.types(logging(LogOptions{Since: time.Hour, Limit: 200}))
	require.NoError(t, err)
	require.Contains(t, printed, "Einspanner")
	require.Equal(t, 2, strings.Count(printed, "catalog.replace"), printed)
}

func TestAnImportTellsEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	before, err := o.types(exporting(document.JSON))
	require.NoError(t, err)
	file := written(t, "menu.csv", "kind,product,name_ko,name_en,price,currency,category\nitem,Tea,차,,x,KRW,\nitem,2,차,Tea,100,KRW,tea\n")
	var stderr bytes.Buffer
	err = ImportCatalog(t.Context(), app.Environment{
		Environ: config.Environ{"DATABASE_URL=" + o.url, "USER=mina"}, Stdout: &bytes.Buffer{}, Stderr: &stderr,
	}, CatalogImport{File: file}, Attribution{})
	require.EqualError(t, err, "the catalog stays as it is: "+file+" has 4 problems")
	require.Equal(t, []string{
		file + ":2: items[0].price.amount must be an integer",
		file + ":2: items[0].name.en must not be empty",
		file + ":3: items[1].product must be 1 to 40 ASCII letters and digits, beginning with a letter",
		file + ":3: items[1].category must be one of the categories",
	}, strings.Split(strings.TrimSpace(stderr.String()), "\n"))
	for name, says := range map[string]string{"a.json": "cannot be read as JSON: line 2: must be valid JSON", "a.csv": "cannot be read as CSV: line 2: must be valid CSV"} {
		_, err = o.types(importing(CatalogImport{File: written(t, name, "kind\n\"")}))
		require.ErrorContains(t, err, strings.Replace(says, "line 2: must be valid JSON", "line 1: must be valid JSON", 1))
	}
	_, err = o.types(importing(CatalogImport{File: "/nowhere/menu.csv"}))
	require.ErrorContains(t, err, "read the catalog: open /nowhere/menu.csv")
	after, err := o.types(exporting(document.JSON))
	require.NoError(t, err)
	require.Equal(t, before, after)
}

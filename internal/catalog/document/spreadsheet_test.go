package document_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/money"
)

// asSpreadsheet returns the CSV as a spreadsheet saves it again: it has read what looks like a value as
// one, writes it in its own words, and quotes only what it has to.
func asSpreadsheet(text, separator, yes, no string) string {
	text = strings.NewReplacer(",", separator, "true", yes, "false", no).Replace(text)
	return text + strings.Repeat(separator, 20) + "\r\n"
}

func TestWhatASpreadsheetSavesIsTaken(t *testing.T) {
	t.Parallel()
	c := example()
	c.Items[0].Description = nil // without commas in texts, cells are what is between commas
	text := write(t, document.CSV, c)
	require.True(t, strings.HasPrefix(text, "\ufeffkind,"), "by which Excel knows UTF-8")
	require.Equal(t, strings.Count(text, "\n"), strings.Count(text, "\r\n"))
	for name, saved := range map[string]string{
		"Excel in Korean and English, CSV UTF-8": asSpreadsheet(text, ",", "TRUE", "FALSE"),
		"Excel in German":                        asSpreadsheet(text, ";", "WAHR", "FALSCH"),
		"Excel in French":                        asSpreadsheet(text, ";", "VRAI", "FAUX"),
		"Excel in Spanish":                       asSpreadsheet(text, ";", "VERDADERO", "FALSO"),
		"Excel in Italian":                       asSpreadsheet(text, ";", "VERO", "FALSO"),
		"LibreOffice, with tabs":                 asSpreadsheet(text, "\t", "TRUE", "FALSE"),
		"an editor, without the mark":            strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\ufeff"),
		"Excel, with its own first line":         "\ufeffsep=;\r\n" + strings.TrimPrefix(asSpreadsheet(text, ";", "TRUE", "FALSE"), "\ufeff"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, problems := read(t, document.CSV, saved, catalog.Catalog{})
			require.Empty(t, problems)
			require.Equal(t, c, got)
		})
	}
}

func TestWhatASpreadsheetSavesWithoutUTF8IsRefusedWithWords(t *testing.T) {
	t.Parallel()
	text := write(t, document.CSV, example())
	var unicode bytes.Buffer // "Unicode text": UTF-16 with a mark
	for _, unit := range utf16.Encode([]rune(text)) {
		unicode.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	for name, saved := range map[string][]byte{
		"CSV in Korean Windows (CP949)": bytes.ReplaceAll([]byte(text), []byte("커피"), []byte{0xc4, 0xbf, 0xc7, 0xc7}),
		"Unicode text":                  unicode.Bytes(),
		"a workbook":                    []byte("PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00\xff\xfe"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := document.Read(document.CSV, saved)
			var unreadable *document.UnreadableError
			require.ErrorAs(t, err, &unreadable)
			require.Contains(t, unreadable.Problem.Message, "must be in UTF-8, which spreadsheets save as CSV UTF-8")
		})
	}
}

// Prices as people format them in a spreadsheet are told, and not guessed at.
func TestAPriceThatIsNoNumberIsTold(t *testing.T) {
	t.Parallel()
	for _, price := range []string{`"4,500"`, "4500.00", "₩4500", "4.5E+03", "4500원"} {
		d, err := document.Read(document.CSV, []byte("kind,product,name_ko,name_en,price,currency\nitem,Tea,차,Tea,"+price+",KRW\n"))
		require.NoError(t, err)
		_, problems := d.Check(money.Provider{}, catalog.Catalog{})
		require.Len(t, problems, 1)
		require.Equal(t, "line 2: items[0].price.amount must be an integer", problems[0].String())
	}
}

package document_test

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func names(ko, en string) order.Names { return order.Names{order.Korean: ko, order.English: en} }

// example is a catalog with something of everything.
func example() catalog.Catalog {
	return catalog.Catalog{
		Categories: []catalog.Category{{Category: "coffee", Name: names("커피", "Coffee")}, {Category: "tea", Name: names("차", "Tea")}},
		Groups: []catalog.Group{
			{Group: "milk", Name: names("우유", "Milk"), Min: 1, Max: 1, Options: []catalog.Option{
				{Option: "whole", Name: names("일반 우유", "Whole milk"), Default: true, MaxQty: 1, Available: true},
				{Option: "oat", Name: names("오트", "Oat milk"), Price: 500, MaxQty: 1},
			}},
			{Group: "extra", Name: names("추가", "Extra"), Max: 3, Options: []catalog.Option{
				{Option: "shot", Name: names("샷", "Shot"), Price: 700, MaxQty: 3, Available: true},
				{Option: "own-cup", Name: names("개인 컵", "Own cup"), Price: -300, MaxQty: 1, Available: true},
			}},
		},
		Items: []catalog.Item{
			{
				Product: "CafeLatte", Category: "coffee", Name: names("카페 라떼", "Cafe Latte"), Description: order.Names{order.Korean: "부드러운, 우유"},
				Price: order.Money{Amount: 3500, Currency: "KRW"}, Groups: []string{"milk", "extra"}, Available: true,
				Allergens: []string{"milk", "soybeans"}, Calories: new(0), Image: strings.Repeat("0a", 32),
				Hours: []store.Period{{"07:00", "11:00"}, {"22:00", "02:00"}},
			},
			{Product: "Water", Name: names("=물", "'=1+1"), Price: order.Money{Amount: 1000, Currency: "KRW"}},
		},
	}
}

// read returns what the document makes of the catalog before.
func read(t *testing.T, format document.Format, text string, before catalog.Catalog) (catalog.Catalog, []document.Problem) {
	t.Helper()
	d, err := document.Read(format, []byte(text))
	require.NoError(t, err)
	return d.Check(money.Provider{}, before)
}

func write(t *testing.T, format document.Format, c catalog.Catalog) string {
	t.Helper()
	text, err := document.Write(format, c)
	require.NoError(t, err)
	return string(text)
}

func TestACatalogIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, format := range []document.Format{document.JSON, document.CSV} {
		again, problems := read(t, format, write(t, format, example()), catalog.Catalog{})
		require.Empty(t, problems, format)
		require.Equal(t, example(), again, format)
		require.Empty(t, catalog.Diff(example(), again), format)
	}
}

func TestAnEmptyCatalogHasLists(t *testing.T) {
	t.Parallel()
	require.JSONEq(t, `{"categories":[],"groups":[],"items":[]}`, write(t, document.JSON, catalog.Catalog{}))
	for _, format := range []document.Format{document.JSON, document.CSV} {
		again, problems := read(t, format, write(t, format, catalog.Catalog{}), example())
		require.Empty(t, problems)
		require.Empty(t, again.Items)
	}
}

func TestWhatIsLeftOutHasItsUsualValue(t *testing.T) {
	t.Parallel()
	want := catalog.Catalog{
		Groups: []catalog.Group{{Group: "milk", Name: names("우유", "Milk"), Max: 1, Options: []catalog.Option{
			{Option: "oat", Name: names("오트", "Oat"), MaxQty: 1, Available: true},
		}}},
		Items: []catalog.Item{{Product: "Tea", Name: names("차", "Tea"), Price: order.Money{Amount: 100, Currency: "KRW"}, Available: true}},
	}
	for format, text := range map[document.Format]string{
		document.JSON: `{"categories":[],"groups":[{"group":"milk","name":{"ko":"우유","en":"Milk"},"max":null,
			"options":[{"option":"oat","name":{"ko":"오트","en":" Oat "}}]}],
			"items":[{"product":"Tea","name":{"ko":"차","en":"Tea"},"price":{"amount":100,"currency":"KRW"},"description":{"ko":"","en":null},
			"groups":[],"hours":[],"allergens":null,"category":null}]}`,
		document.CSV: "kind,group,option,product,name_ko,name_en,price,currency\n" +
			"group,milk,,,우유,Milk\noption,milk,oat,,오트, Oat \nitem,,,Tea,차,Tea,100,KRW\n",
	} {
		got, problems := read(t, format, text, catalog.Catalog{})
		require.Empty(t, problems, format)
		require.Empty(t, catalog.Diff(want, got), format)
	}
}

func TestAvailabilityThatIsLeftOutStaysAsItIs(t *testing.T) {
	t.Parallel()
	before := example()
	before.Items[0].Available = false
	var loose map[string]any
	require.NoError(t, json.Unmarshal([]byte(write(t, document.JSON, before)), &loose))
	for _, list := range []string{"groups", "items"} {
		for _, entry := range loose[list].([]any) {
			delete(entry.(map[string]any), "available")
			options, _ := entry.(map[string]any)["options"].([]any)
			for _, option := range options {
				delete(option.(map[string]any), "available")
			}
		}
	}
	text, err := json.Marshal(loose)
	require.NoError(t, err)
	after, problems := read(t, document.JSON, string(text), before)
	require.Empty(t, problems)
	require.Empty(t, catalog.Diff(before, after))
	fresh, problems := read(t, document.JSON, string(text), catalog.Catalog{})
	require.Empty(t, problems)
	require.True(t, fresh.Items[0].Available)
	require.True(t, fresh.Groups[0].Options[1].Available)

	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(write(t, document.CSV, before), "\ufeff"))).ReadAll()
	require.NoError(t, err)
	var silent strings.Builder
	column := slices.Index(rows[0], "available")
	for _, row := range rows {
		row[column] = ""
	}
	require.NoError(t, csv.NewWriter(&silent).WriteAll(rows))
	after, problems = read(t, document.CSV, silent.String(), before)
	require.Empty(t, problems)
	require.Empty(t, catalog.Diff(before, after))
}

func TestAFileOfASpreadsheetIsTaken(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"with a mark, empty rows and columns": "\ufeffkind,product,name_ko,name_en,price,currency,available,\r\nitem,Tea,차,Tea,100,KRW,TRUE,\r\n,,,,,,,\r\n",
		"with semicolons":                     "Kind;Product;name_ko;name_en;price;currency\nITEM;Tea;차;\"Tea\";100;KRW\n",
		"with tabs":                           "kind\tproduct\tname_ko\tname_en\tprice\tcurrency\nitem\tTea\t차\tTea\t100\tKRW\n",
	} {
		after, problems := read(t, document.CSV, text, catalog.Catalog{})
		require.Empty(t, problems, name)
		require.Equal(t, []catalog.Item{{
			Product: "Tea", Name: names("차", "Tea"), Price: order.Money{Amount: 100, Currency: "KRW"}, Available: true,
		}}, after.Items, name)
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	c := example()
	for i, text := range []string{"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1", "'=1"} {
		c.Items = append(c.Items[:1], catalog.Item{Product: "P", Name: names(text, text), Price: order.Money{Amount: 1, Currency: "KRW"}})
		written := write(t, document.CSV, c)
		for line := range strings.SplitSeq(written, "\r\n") {
			for cell := range strings.SplitSeq(line, ",") {
				cell = strings.Trim(cell, `"`)
				if !strings.HasPrefix(cell, "-3") { // a number
					require.NotContains(t, "=+-@＝", string(append([]rune(cell), 'x')[0]), "%d: %q", i, cell)
				}
			}
		}
		again, problems := read(t, document.CSV, written, catalog.Catalog{})
		require.Empty(t, problems)
		require.Equal(t, text, again.Items[1].Name[order.English])
	}
}

func TestTextsThatCannotBeReadSaySo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]document.UnreadableError{
		"{\n]":                              {document.JSON, document.Problem{"", 2, "must be valid JSON: invalid character ']' looking for beginning of object key string"}},
		"\ufeff[]":                          {document.JSON, document.Problem{"", 1, "must be one JSON object"}},
		"{\"items\":[{\"x\":1,\n\"x\":1}]}": {document.JSON, document.Problem{"items[0].x", 2, "appears twice"}},
		"":                                  {document.CSV, document.Problem{"", 1, "is empty"}},
		"kind\n\"item":                      {document.CSV, document.Problem{"", 2, `must be valid CSV: extraneous or missing " in quoted-field`}},
		"kind\nitem\n\ufffd\xbf":            {document.CSV, document.Problem{"", 3, "must be in UTF-8, which spreadsheets save as CSV UTF-8"}},
	} {
		_, err := document.Read(want.Format, []byte(text))
		var unreadable *document.UnreadableError
		require.ErrorAs(t, err, &unreadable, "%q", text)
		require.Equal(t, want, *unreadable, "%q", text)
	}
}

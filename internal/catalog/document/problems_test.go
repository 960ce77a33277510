package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/money"
)

// told returns the problems of the document, one by one.
func told(t *testing.T, format document.Format, text string) (all []string) {
	t.Helper()
	_, problems := read(t, format, text, catalog.Catalog{})
	for _, problem := range problems {
		all = append(all, problem.String())
	}
	return all
}

func TestEverythingThatIsWrongIsToldAtOnceWithItsLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		`line 1: has the unknown field "extra"`,
		`line 3: categories[0].category must be a string`,
		`line 4: categories[1].name.en must not be empty`,
		`line 6: groups[0].min must be between 0 and max`,
		`line 8: groups[0].options[0].price must be an integer`,
		`line 9: groups[0].options[1] must be an object`,
		`line 12: items[1].product is "Tea", which is there twice`,
		`line 13: items[1].price must be an object`,
		`line 14: items[1].hours[0] must be a period such as ["07:00","11:00"]`,
		`line 14: items[1].groups[1] must be one of the groups`,
	}, told(t, document.JSON, `{"extra":1,
"categories":[
  {"category":5,"name":{"ko":"차","en":"Tea"}},
  {"category":"tea","name":{"ko":"차"}}],
"groups":[
  {"group":"milk","name":{"ko":"우유","en":"Milk"},"min":2,"max":1,
   "options":[
     {"option":"oat","name":{"ko":"오트","en":"Oat"},"price":1.5,"default":true},
     7]}],
"items":[
  {"product":"Tea","name":{"ko":"차","en":"Tea"},"price":{"amount":1,"currency":"KRW"}},
  {"product":"Tea","name":{"ko":"차","en":"Tea"},
   "price":100,
   "groups":["milk","size"],"hours":[["07:00"]]}
]}`))
}

func TestListsThatAreMissingEmptyNoMenu(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"line 1: categories is required", "line 1: items is required", "line 1: groups must be an array"},
		told(t, document.JSON, `{"groups":{},"items":null}`))
}

func TestProblemsOfAFileNameTheirRows(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		`line 2: categories[0].price must be empty in a row of kind category`,
		`line 3: has a row of kind "drink", want category, group, option or item`,
		`line 4: groups has an option of the group "milk", which has no row`,
		`line 5: has "x" in a column without a name`,
		`line 6: items[0].price.amount must be an integer`,
		`line 6: items[0].available must be true or false`,
		`line 6: items[0].hours[0] must be a period such as 07:00-11:00`,
		`line 6: items[0].category must be one of the categories`,
	}, told(t, document.CSV, `kind,category,group,option,product,name_ko,name_en,price,currency,available,hours
category,tea,,,,차,Tea,5
drink,,,,Tea
option,,milk,oat,,오트,Oat
category,more,,,,더,More,,,,,x
item,coffee,,,Tea,차,Tea,"3,500",KRW,maybe,07:00
`))
	require.Equal(t, []string{
		`line 1: has the unknown column "colour"`, `line 1: has the column "product" twice`, `line 1: has no column "kind"`,
	}, told(t, document.CSV, "product,colour,Product\nTea,red,\n"))
}

func TestAHundredProblemsAreEnough(t *testing.T) {
	t.Parallel()
	items := strings.Repeat(",\n{\"product\":5}", 2000)[1:]
	require.Len(t, told(t, document.JSON, fmt.Sprintf(`{"categories":[],"groups":[],"items":[%s]}`, items)), document.MaxProblems)
}

// Without an item that says it, the document names the currency of what options cost.
func TestACatalogWithoutItemsKeepsItsCurrency(t *testing.T) {
	t.Parallel()
	const groups = `{%s"categories":[],"groups":[{"group":"milk","name":{"ko":"우유","en":"Milk"},"options":[
		{"option":"oat","name":{"ko":"오트","en":"Oat"},"price":%d}]}],"items":[%s]}`
	check := func(currency string, price int, items string, before catalog.Catalog) (catalog.Catalog, []document.Problem) {
		d, err := document.Read(document.JSON, fmt.Appendf(nil, groups, currency, price, items))
		require.NoError(t, err)
		return d.Check(money.Provider{}, before)
	}
	const tea = `{"product":"Tea","name":{"ko":"차","en":"Tea"},"price":{"amount":450,"currency":"USD"}}`
	dollars, problems := check("", 50, tea, catalog.Catalog{})
	require.Empty(t, problems)
	require.Empty(t, dollars.OptionCurrency)
	empty, problems := check("", 50, "", dollars)
	require.Empty(t, problems)
	require.Equal(t, "USD", empty.Currency())
	text, err := document.Write(document.JSON, empty)
	require.NoError(t, err)
	require.Contains(t, string(text), `"currency": "USD"`)
	again, err := document.Read(document.JSON, text)
	require.NoError(t, err)
	same, problems := again.Check(money.Provider{}, empty)
	require.Empty(t, problems)
	require.Equal(t, empty, same)

	_, problems = check(`"currency":"KRW",`, 50, "", empty)
	require.Equal(t, "line 2: groups[0].options[0].price must be given anew: it is what was 0.50 USD, and the prices are in KRW now", problems[0].String())
	won, problems := check(`"currency":"KRW",`, 500, "", empty)
	require.Empty(t, problems)
	require.Equal(t, "KRW", won.Currency())
	for _, wrong := range []string{`"currency":"KRW",`, `"currency":"ZZZ",`} {
		_, problems = check(wrong, 50, tea, dollars)
		require.Equal(t, "line 1: currency must be the ISO 4217 code of the items' currency", problems[0].String())
	}
}

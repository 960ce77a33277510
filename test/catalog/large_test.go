package catalog_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// How large the catalog of a chain is.
const (
	manyItems  = 2000
	manyGroups = 12
)

func names(en string) order.Names {
	return order.Names{order.Korean: "음료 " + en, order.English: en}
}

// largeCatalog returns the document of a chain's catalog, with those prices.
func largeCatalog(t testing.TB, price int64) string {
	t.Helper()
	var c catalog.Catalog
	for i := range 20 {
		c.Categories = append(c.Categories, catalog.Category{Category: fmt.Sprintf("c%d", i), Name: names(fmt.Sprintf("Category %d", i))})
	}
	for i := range manyGroups {
		group := catalog.Group{Group: fmt.Sprintf("g%d", i), Name: names(fmt.Sprintf("Group %d", i)), Max: 2}
		for j := range 8 {
			group.Options = append(group.Options, catalog.Option{
				Option: fmt.Sprintf("o%d", j), Name: names(fmt.Sprintf("Option %d", j)), Price: int64(100 * j), MaxQty: 2, Available: true,
			})
		}
		group.Min, group.Options[0].Default = i%2, i%2 == 1
		c.Groups = append(c.Groups, group)
	}
	for i := range manyItems {
		item := catalog.Item{
			Product: fmt.Sprintf("Drink%d", i), Category: fmt.Sprintf("c%d", i%20), Name: names(fmt.Sprintf("Drink %d", i)),
			Description: names("What is in it, where it comes from, and how it tastes on a cold day"), Price: order.Money{Amount: price, Currency: "KRW"},
			Available: true, Allergens: []string{"milk", "soybeans"}, Calories: new(i % 500),
		}
		for j := range 4 {
			item.Groups = append(item.Groups, fmt.Sprintf("g%d", (i+j)%manyGroups))
		}
		if i%10 == 0 {
			item.Hours = []store.Period{{"07:00", "11:00"}}
		}
		c.Items = append(c.Items, item)
	}
	text, err := document.Write(document.JSON, c)
	require.NoError(t, err)
	return string(text)
}

// largeOrder is an order of twenty lines of it.
func largeOrder() string {
	lines := make([]string, 20)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"product":"Drink%d","qty":1,"options":[{"group":"g%d","option":"o3","qty":2}]}`, 100*i+1, (100*i+1)%manyGroups)
	}
	return `{"items":[` + strings.Join(lines, ",") + `]}`
}

// The catalog of a chain is imported in seconds, and its menu is there at once. The bounds are wide: a
// machine that is busy is no fault.
func TestALargeCatalogIsNoBurden(t *testing.T) {
	t.Parallel()
	c := newCafe(t)
	took := func(do func()) time.Duration {
		from := time.Now()
		do()
		return time.Since(from)
	}
	text := largeCatalog(t, 4000)
	imported := took(func() { c.asked(c.store, http.MethodPut, "/store/catalog", text) })
	c.asked(c.customer, http.MethodGet, "/menu", "")
	menu := took(func() { c.asked(c.customer, http.MethodGet, "/menu", "") })
	priced := took(func() { c.asked(c.customer, http.MethodPost, "/orders/quote", largeOrder()) })
	t.Logf("%d bytes imported in %v; menu in %v, an order priced in %v", len(text), imported, menu, priced)
	require.Less(t, imported, 30*time.Second)
	require.Less(t, menu, 2*time.Second)
	require.Less(t, priced, 2*time.Second)
}

// An import through the API, every price another one.
func BenchmarkImport(b *testing.B) {
	c := newCafe(b)
	texts := []string{largeCatalog(b, 4000), largeCatalog(b, 4100)}
	n := 0
	for b.Loop() {
		c.asked(c.store, http.MethodPut, "/store/catalog", texts[n%2])
		n++
	}
}

// The menu as customers get it.
func BenchmarkMenu(b *testing.B) {
	c := newCafe(b)
	c.asked(c.store, http.MethodPut, "/store/catalog", largeCatalog(b, 4000))
	for b.Loop() {
		c.asked(c.customer, http.MethodGet, "/menu", "")
	}
}

// The price of an order of twenty lines.
func BenchmarkQuote(b *testing.B) {
	c := newCafe(b)
	c.asked(c.store, http.MethodPut, "/store/catalog", largeCatalog(b, 4000))
	body := largeOrder()
	for b.Loop() {
		c.asked(c.customer, http.MethodPost, "/orders/quote", body)
	}
}

package catalog_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func paths(problems []catalog.Problem) (found []string) {
	for _, problem := range problems {
		found = append(found, problem.Path)
	}
	return found
}

func TestACatalogThatCanBeSoldFromHasNoProblems(t *testing.T) {
	t.Parallel()
	require.Empty(t, cafe().Catalog.Check(money.Provider{}, catalog.Catalog{}))
	require.Empty(t, catalog.Catalog{}.Check(money.Provider{}, catalog.Catalog{}))
}

func TestEveryProblemOfACatalogIsNamed(t *testing.T) {
	t.Parallel()
	for path, spoil := range map[string]func(*catalog.Catalog){
		"categories[0].category": func(c *catalog.Catalog) { c.Categories[0].Category = "Not A Slug" },
		"categories[0].name.en":  func(c *catalog.Catalog) { c.Categories[0].Name = order.Names{order.Korean: "커피"} },
		"groups[1].group":        func(c *catalog.Catalog) { c.Groups[1].Group = "milk" },
		"groups[0].min":          func(c *catalog.Catalog) { c.Groups[0].Min = -1 },
		"groups[2].max":          func(c *catalog.Catalog) { c.Groups[2].Max = 0; c.Groups[2].Options[0].MaxQty = 0 },
		"groups[0].options":      func(c *catalog.Catalog) { c.Groups[0].Options[0].Default = false },
		"groups[2].options":      func(c *catalog.Catalog) { c.Groups[2].Options[0].Default = true },
		"items[1].groups": func(c *catalog.Catalog) {
			c.Groups[2].Min, c.Groups[2].Options[0].Default = 1, true // a tea for 200 won, in a cup that makes it 300 cheaper
		},
		"groups[0].options[1].option":  func(c *catalog.Catalog) { c.Groups[0].Options[1].Option = "whole" },
		"groups[0].options[1].max_qty": func(c *catalog.Catalog) { c.Groups[0].Options[1].MaxQty = 2 },
		"groups[0].options[1].price":   func(c *catalog.Catalog) { c.Groups[0].Options[1].Price = 1 << 60 },
		"groups[0].options[1].name.ko": func(c *catalog.Catalog) { c.Groups[0].Options[1].Name[order.Korean] = strings.Repeat("가", 81) },
		"items[1].product":             func(c *catalog.Catalog) { c.Items[1].Product = "Latte" },
		"items[0].category":            func(c *catalog.Catalog) { c.Items[0].Category = "food" },
		"items[0].groups[1]":           func(c *catalog.Catalog) { c.Items[0].Groups[1] = "foam" },
		"items[0].price.amount":        func(c *catalog.Catalog) { c.Items[0].Price.Amount = 0 },
		"items[1].price.currency":      func(c *catalog.Catalog) { c.Items[1].Price.Currency = "USD" },
		"items[0].allergens[0]":        func(c *catalog.Catalog) { c.Items[0].Allergens = []string{"gluten"} },
		"items[0].calories":            func(c *catalog.Catalog) { c.Items[0].Calories = new(-1) },
		"items[0].image":               func(c *catalog.Catalog) { c.Items[0].Image = "../etc/passwd" },
		"items[0].hours":               func(c *catalog.Catalog) { c.Items[0].Hours = []store.Period{{"7:00", "11:00"}} },
		"items[0].description.en":      func(c *catalog.Catalog) { c.Items[0].Description = order.Names{order.English: "two\nlines"} },
		"items[0].name":                func(c *catalog.Catalog) { c.Items[0].Name["fr"] = "Café au lait" },
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			c := cafe().Catalog
			spoil(&c)
			problems := c.Check(money.Provider{}, catalog.Catalog{})
			require.Contains(t, paths(problems), path, problems)
		})
	}
}

// A price that was set before is no reason to refuse what is right.
func TestAnItemMayKeepItsPrice(t *testing.T) {
	t.Parallel()
	before := cafe().Catalog
	before.Items[1].Price = order.Money{Amount: 1255, Currency: "DEM"}
	after := before.WithItem(before.Items[1])
	after.Items[1].Available = false
	require.Empty(t, after.Check(money.Provider{}, before))
	after.Items[1].Price.Amount++
	require.Contains(t, paths(after.CheckItem("Tea", money.Provider{}, before)), "price.currency")
}

func TestHoursAreTimesOfADay(t *testing.T) {
	t.Parallel()
	for hours, fine := range map[[2]string]bool{
		{"00:00", "24:00"}: true, {"22:00", "02:00"}: true, {"08:00", "08:00"}: false, {"24:00", "01:00"}: false,
		{"08:60", "09:00"}: false, {"25:00", "09:00"}: false, {"08:00", "9:00"}: false, {"", ""}: false, {"08:00x", "09:00"}: false,
	} {
		c := cafe().Catalog
		c.Items[0].Hours = []store.Period{hours}
		require.Equal(t, fine, len(c.Check(money.Provider{}, catalog.Catalog{})) == 0, hours)
	}
}

// An option's price is a number of the catalog's currency: 500 won must not become five dollars.
func TestOptionsArePricedAnewInAnotherCurrency(t *testing.T) {
	t.Parallel()
	before, after := cafe().Catalog, cafe().Catalog
	for i := range after.Items {
		after.Items[i].Price.Currency = "USD"
	}
	problems := after.Check(money.Provider{}, before)
	require.Equal(t, []string{"groups[0].options[1].price", "groups[1].options[0].price", "groups[2].options[0].price"}, paths(problems))
	require.Equal(t, "must be given anew: it is what was 500 KRW, and the prices are in USD now", problems[0].Message)
	after.Groups[0].Options[1].Price, after.Groups[1].Options[0].Price, after.Groups[2].Options[0].Price = 50, 60, -30
	require.Empty(t, after.Check(money.Provider{}, before))
	require.Empty(t, after.Check(money.Provider{}, after))
}

// The last item that is there may not change the currency by itself, nor the first one that comes back.
func TestAnItemDoesNotChangeWhatOptionsCost(t *testing.T) {
	t.Parallel()
	before := cafe().Catalog.WithoutItem("Latte")
	tea := before.Items[0]
	tea.Price.Currency = "USD"
	problems := before.WithItem(tea).CheckItem("Tea", money.Provider{}, before)
	require.Equal(t, []catalog.Problem{{
		Path: "price.currency", Message: "must be KRW, which the options' prices are in; to change it, replace the whole catalog",
	}}, problems)

	dollars := before.WithItem(tea)
	empty := dollars.WithoutItem("Tea")
	require.Equal(t, "USD", empty.Currency(), "the options still cost dollars")
	require.Empty(t, empty.WithItem(tea).CheckItem("Tea", money.Provider{}, empty))
	tea.Price.Currency = "KRW"
	require.Equal(t, []string{"price.currency"}, paths(empty.WithItem(tea).CheckItem("Tea", money.Provider{}, empty)))
	require.Empty(t, empty.WithItem(dollars.Items[0]).OptionCurrency, "the item says it again")
}

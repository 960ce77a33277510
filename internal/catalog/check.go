package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/fieldcheck"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// Problem is something that is wrong with a catalog.
type Problem = fieldcheck.Problem

var (
	productForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,39}$`)
	slugForm    = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	imageForm   = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// ValidProduct reports whether products can be called so.
func ValidProduct(product string) bool { return productForm.MatchString(product) }

// Check returns everything that is wrong with the catalog; nothing when it can be sold from.
// amounts are the prices that the payment provider can charge. An item that has the price of
// before may keep it, so that it can be sold out whatever the provider was when it was priced.
func (c Catalog) Check(amounts money.Provider, before Catalog) []Problem {
	k := c.checker(amounts, before)
	k.Count("categories", len(c.Categories), limits.Categories)
	k.Count("groups", len(c.Groups), limits.Groups)
	k.Count("items", len(c.Items), limits.MenuItems)
	if len(k.Problems) > 0 {
		return k.Problems // what is far too large is not looked at
	}
	categories, groups, products := seen{}, seen{}, seen{}
	for i, category := range c.Categories {
		path := at("categories", i)
		k.slug(path+".category", category.Category, categories)
		k.Names(path+".name", category.Name, limits.Name)
	}
	for i, group := range c.Groups {
		k.slug(at("groups", i)+".group", group.Group, groups)
		k.group(at("groups", i), group)
	}
	for i, item := range c.Items {
		path := at("items", i)
		k.That(productForm.MatchString(item.Product), path+".product", "must be 1 to 40 ASCII letters and digits, beginning with a letter")
		k.Unique(path+".product", item.Product, products)
		k.item(path, item)
	}
	return k.Problems
}

// CheckItem is [Catalog.Check] of one product's item alone: all else is as it was checked before. The
// paths of its problems are within the item, such as "price.amount".
func (c Catalog) CheckItem(product string, amounts money.Provider, before Catalog) []Problem {
	k := c.checker(amounts, before)
	k.Count("items", len(c.Items), limits.MenuItems)
	item, _ := c.FindItem(product)
	k.item("", item)
	k.That(k.currency == k.currencyBefore || !slices.ContainsFunc(c.Groups, Group.priced), ".price.currency",
		"must be "+k.currencyBefore+", which the options' prices are in; to change it, replace the whole catalog")
	for i, problem := range k.Problems {
		k.Problems[i].Path = strings.TrimPrefix(problem.Path, ".")
	}
	return k.Problems
}

// checker returns what checks the catalog.
func (c Catalog) checker(amounts money.Provider, before Catalog) *checker {
	k := &checker{
		amounts: amounts, currency: c.Currency(),
		categories:     byID(c.Categories, func(c Category) string { return c.Category }),
		groups:         byID(c.Groups, func(g Group) string { return g.Group }),
		currencyBefore: before.Currency(), prices: map[string]order.Money{}, optionPrices: map[string]int64{},
	}
	for _, item := range before.Items {
		k.prices[item.Product] = item.Price
	}
	for _, group := range before.Groups {
		for _, option := range group.Options {
			k.optionPrices[OptionKey(group.Group, option.Option)] = option.Price
		}
	}
	if kept, found := find(c.Items, k.keepsPrice); found {
		k.currency = kept.Price.Currency
	}
	return k
}

// seen are the identifiers that came before.
type seen map[string]bool

func at(list string, i int) string { return fieldcheck.Element(list, i) }

type checker struct {
	fieldcheck.Checker
	amounts money.Provider
	// currency is what prices have to be in: that of an item that keeps its price, if there is one.
	currency   string
	categories map[string]Category
	groups     map[string]Group
	// prices are those of before, by product.
	prices map[string]order.Money
	// optionPrices are those of before, by [OptionKey], in the currency of before.
	optionPrices   map[string]int64
	currencyBefore string
}

func (k *checker) keepsPrice(item Item) bool {
	price, known := k.prices[item.Product]
	return known && price == item.Price
}

func (k *checker) slug(path, id string, before seen) {
	k.That(slugForm.MatchString(id), path, "must be 1 to 40 lower-case letters, digits, dashes and underscores, beginning with a letter")
	k.Unique(path, id, before)
}

func (k *checker) group(path string, group Group) {
	k.Names(path+".name", group.Name, limits.Name)
	k.That(group.Max >= 1 && group.Max <= limits.Options, path+".max", fmt.Sprintf("must be between 1 and %d", limits.Options))
	k.That(group.Min >= 0 && group.Min <= group.Max, path+".min", "must be between 0 and max")
	k.That(len(group.Options) > 0, path+".options", "must not be empty")
	k.Count(path+".options", len(group.Options), limits.GroupOptions)
	options, defaults, most := seen{}, 0, 0
	for i, option := range group.Options {
		at := at(path+".options", i)
		k.slug(at+".option", option.Option, options)
		k.Names(at+".name", option.Name, limits.Name)
		k.That(option.MaxQty >= 1 && option.MaxQty <= group.Max, at+".max_qty", "must be between 1 and the group's max")
		k.optionPrice(at+".price", OptionKey(group.Group, option.Option), option.Price)
		most += option.MaxQty
		if option.Default {
			defaults++
		}
	}
	k.That(defaults == group.Min, path+".options", "must have as many defaults as every piece has to have: min")
	k.That(most >= group.Min, path+".min", "must not be more than the options have together")
}

// optionPrice checks what an option costs on top, which can be below zero. It is a number of the
// catalog's currency: once that is another one, no option may cost the same number.
func (k *checker) optionPrice(path, key string, price int64) {
	before, known := k.optionPrices[key]
	kept := known && price == before
	switch {
	case price == 0:
	case kept && k.currency == k.currencyBefore: // whatever the provider was then
	case kept:
		k.That(false, path, fmt.Sprintf("must be given anew: it is what was %s, and the prices are in %s now",
			money.Format(price, k.currencyBefore), k.currency))
	default:
		k.newOptionPrice(path, price)
	}
}

func (k *checker) newOptionPrice(path string, price int64) {
	highest := money.HighestPrice(k.currency)
	if price < -highest || price > highest {
		k.That(false, path, fmt.Sprintf("must be between %s and %s", money.Format(-highest, k.currency), money.Format(highest, k.currency)))
		return
	}
	if err := k.amounts.CheckPrice(max(price, -price), k.currency); err != nil {
		k.That(false, path, err.Error())
	}
}

func (k *checker) item(path string, item Item) {
	_, known := k.categories[item.Category]
	k.That(item.Category == "" || known, path+".category", "must be one of the categories")
	k.Names(path+".name", item.Name, limits.Name)
	k.Languages(path+".description", item.Description)
	for language, description := range item.Description {
		k.Text(path+".description."+string(language), description, limits.Description)
	}
	if !k.keepsPrice(item) {
		k.price(path+".price", item.Price)
	}
	used := seen{}
	for i, group := range item.Groups {
		_, known := k.groups[group]
		k.That(known, at(path+".groups", i), "must be one of the groups")
		k.Unique(at(path+".groups", i), group, used)
	}
	k.Count(path+".groups", len(item.Groups), limits.ItemGroups)
	extra := k.defaultsOf(item)
	k.That(extra >= 0 || item.Price.Amount+extra >= 0, path+".groups", "must not have defaults that make it cheaper than nothing")
	k.That(k.fewestOptions(item) <= limits.Options, path+".groups", fmt.Sprintf("must not require more than %d options together", limits.Options))
	for i, allergen := range item.Allergens {
		k.That(slices.Contains(Allergens(), allergen), at(path+".allergens", i), "must be one of "+strings.Join(Allergens(), ", "))
	}
	k.Count(path+".allergens", len(item.Allergens), len(Allergens()))
	k.That(item.Calories == nil || *item.Calories >= 0 && *item.Calories <= limits.Calories, path+".calories",
		fmt.Sprintf("must be between 0 and %d", limits.Calories))
	k.That(item.Image == "" || imageForm.MatchString(item.Image), path+".image", "must be the hash of an uploaded picture")
	k.That(len(item.Hours) <= limits.Periods, path+".hours", fmt.Sprintf("must have at most %d periods", limits.Periods))
	for _, period := range item.Hours {
		if err := period.Check(); err != nil {
			k.That(false, path+".hours", "has "+err.Error())
			break
		}
	}
}

// fewestOptions returns how many options every piece of the item has.
func (k *checker) fewestOptions(item Item) (fewest int) {
	for _, id := range item.Groups {
		fewest += k.groups[id].Min
	}
	return fewest
}

// defaultsOf returns what the defaults of the item cost on top.
func (k *checker) defaultsOf(item Item) (sum int64) {
	for _, id := range item.Groups {
		for _, option := range k.groups[id].Options {
			if option.Default {
				sum += option.Price
			}
		}
	}
	return sum
}

// price checks the price of one piece: one that the payment provider can charge, in the
// catalog's one currency, since an order cannot mix them.
func (k *checker) price(path string, price order.Money) {
	if !money.Known(price.Currency) {
		k.That(false, path+".currency", "must be the ISO 4217 code of a currency that people pay with")
		return
	}
	k.That(price.Currency == k.currency, path+".currency", "must be "+k.currency+" like the rest of the menu")
	highest := money.HighestPrice(price.Currency)
	k.That(price.Amount >= 1 && price.Amount <= highest, path+".amount", "must be between "+money.Format(1, price.Currency)+" and "+money.Format(highest, price.Currency))
	if err := k.amounts.CheckPrice(price.Amount, price.Currency); err != nil {
		k.That(false, path+".amount", err.Error())
	}
}

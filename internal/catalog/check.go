package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cafeforme/cafeforme/internal/blank"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// Problem is something that is wrong with a catalog.
type Problem struct {
	// Path is where, such as "items[3].groups[0]".
	Path string
	// Message says what is wrong, and follows the path.
	Message string
}

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
	k.count("categories", len(c.Categories), limits.Categories)
	k.count("groups", len(c.Groups), limits.Groups)
	k.count("items", len(c.Items), limits.MenuItems)
	if len(k.problems) > 0 {
		return k.problems // what is far too large is not looked at
	}
	categories, groups, products := seen{}, seen{}, seen{}
	for i, category := range c.Categories {
		path := at("categories", i)
		k.slug(path+".category", category.Category, categories)
		k.names(path+".name", category.Name)
	}
	for i, group := range c.Groups {
		k.slug(at("groups", i)+".group", group.Group, groups)
		k.group(at("groups", i), group)
	}
	for i, item := range c.Items {
		path := at("items", i)
		k.that(productForm.MatchString(item.Product), path+".product", "must be 1 to 40 ASCII letters and digits, beginning with a letter")
		k.unique(path+".product", item.Product, products)
		k.item(path, item)
	}
	return k.problems
}

// CheckItem is [Catalog.Check] of one product's item alone: all else is as it was checked before. The
// paths of its problems are within the item, such as "price.amount".
func (c Catalog) CheckItem(product string, amounts money.Provider, before Catalog) []Problem {
	k := c.checker(amounts, before)
	k.count("items", len(c.Items), limits.MenuItems)
	item, _ := c.FindItem(product)
	k.item("", item)
	k.that(k.currency == k.currencyBefore || !c.pricedOptions(), ".price.currency",
		"must be "+k.currencyBefore+", which the options' prices are in; to change it, replace the whole catalog")
	for i, problem := range k.problems {
		k.problems[i].Path = strings.TrimPrefix(problem.Path, ".")
	}
	return k.problems
}

// pricedOptions reports whether any option costs something on top.
func (c Catalog) pricedOptions() bool {
	return slices.ContainsFunc(c.Groups, func(g Group) bool {
		return slices.ContainsFunc(g.Options, func(o Option) bool { return o.Price != 0 })
	})
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

func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

type checker struct {
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
	problems       []Problem
}

func (k *checker) keepsPrice(item Item) bool {
	price, known := k.prices[item.Product]
	return known && price == item.Price
}

func (k *checker) that(ok bool, path, message string) {
	if !ok {
		k.problems = append(k.problems, Problem{path, message})
	}
}

func (k *checker) count(path string, n, most int) {
	k.that(n <= most, path, fmt.Sprintf("must have at most %d entries", most))
}

func (k *checker) slug(path, id string, before seen) {
	k.that(slugForm.MatchString(id), path, "must be 1 to 40 lower-case letters, digits, dashes and underscores, beginning with a letter")
	k.unique(path, id, before)
}

func (k *checker) unique(path, id string, before seen) {
	k.that(!before[id], path, fmt.Sprintf("is %q, which is there twice", id))
	before[id] = true
}

// names checks names that both languages have to have.
func (k *checker) names(path string, names order.Names) {
	for _, language := range []order.Language{order.Korean, order.English} {
		k.that(names[language] != "", path+"."+string(language), "must not be empty")
		k.text(path+"."+string(language), names[language], limits.Name)
	}
	k.languages(path, names)
}

func (k *checker) languages(path string, names order.Names) {
	for language := range names {
		k.that(language == order.Korean || language == order.English, path, fmt.Sprintf("has the language %q, want ko and en", language))
	}
}

// text checks a text of at most longest characters, on one line.
func (k *checker) text(path, text string, longest int) {
	k.that(utf8.RuneCountInString(text) <= longest, path, fmt.Sprintf("must have at most %d characters", longest))
	k.that(text == "" || !blank.Text(text), path, "must have a visible character")
	k.that(strings.TrimSpace(text) == text && !strings.ContainsFunc(text, blank.Unprintable), path,
		"must not have control characters, nor spaces around it")
}

func (k *checker) group(path string, group Group) {
	k.names(path+".name", group.Name)
	k.that(group.Max >= 1 && group.Max <= limits.Options, path+".max", fmt.Sprintf("must be between 1 and %d", limits.Options))
	k.that(group.Min >= 0 && group.Min <= group.Max, path+".min", "must be between 0 and max")
	k.that(len(group.Options) > 0, path+".options", "must not be empty")
	k.count(path+".options", len(group.Options), limits.GroupOptions)
	options, defaults, most := seen{}, 0, 0
	for i, option := range group.Options {
		at := at(path+".options", i)
		k.slug(at+".option", option.Option, options)
		k.names(at+".name", option.Name)
		k.that(option.MaxQty >= 1 && option.MaxQty <= group.Max, at+".max_qty", "must be between 1 and the group's max")
		k.optionPrice(at+".price", OptionKey(group.Group, option.Option), option.Price)
		most += option.MaxQty
		if option.Default {
			defaults++
		}
	}
	k.that(defaults == group.Min, path+".options", "must have as many defaults as every piece has to have: min")
	k.that(most >= group.Min, path+".min", "must not be more than the options have together")
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
		k.that(false, path, fmt.Sprintf("must be given anew: it is what was %s, and the prices are in %s now",
			money.Format(price, k.currencyBefore), k.currency))
	default:
		k.newOptionPrice(path, price)
	}
}

func (k *checker) newOptionPrice(path string, price int64) {
	highest := money.HighestPrice(k.currency)
	if price < -highest || price > highest {
		k.that(false, path, fmt.Sprintf("must be between %s and %s", money.Format(-highest, k.currency), money.Format(highest, k.currency)))
		return
	}
	if err := k.amounts.CheckPrice(max(price, -price), k.currency); err != nil {
		k.that(false, path, err.Error())
	}
}

func (k *checker) item(path string, item Item) {
	_, known := k.categories[item.Category]
	k.that(item.Category == "" || known, path+".category", "must be one of the categories")
	k.names(path+".name", item.Name)
	k.languages(path+".description", item.Description)
	for language, description := range item.Description {
		k.text(path+".description."+string(language), description, limits.Description)
	}
	if !k.keepsPrice(item) {
		k.price(path+".price", item.Price)
	}
	used := seen{}
	for i, group := range item.Groups {
		_, known := k.groups[group]
		k.that(known, at(path+".groups", i), "must be one of the groups")
		k.unique(at(path+".groups", i), group, used)
	}
	k.count(path+".groups", len(item.Groups), limits.ItemGroups)
	extra := k.defaultsOf(item)
	k.that(extra >= 0 || item.Price.Amount+extra >= 0, path+".groups", "must not have defaults that make it cheaper than nothing")
	k.that(k.fewestOptions(item) <= limits.Options, path+".groups", fmt.Sprintf("must not require more than %d options together", limits.Options))
	for i, allergen := range item.Allergens {
		k.that(slices.Contains(Allergens(), allergen), at(path+".allergens", i), "must be one of "+strings.Join(Allergens(), ", "))
	}
	k.count(path+".allergens", len(item.Allergens), len(Allergens()))
	k.that(item.Calories == nil || *item.Calories >= 0 && *item.Calories <= limits.Calories, path+".calories",
		fmt.Sprintf("must be between 0 and %d", limits.Calories))
	k.that(item.Image == "" || imageForm.MatchString(item.Image), path+".image", "must be the hash of an uploaded picture")
	k.that(len(item.Hours) <= limits.Periods, path+".hours", fmt.Sprintf("must have at most %d periods", limits.Periods))
	if err := item.Hours.check(); err != nil {
		k.that(false, path+".hours", "has "+err.Error())
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
		k.that(false, path+".currency", "must be the ISO 4217 code of a currency that people pay with")
		return
	}
	k.that(price.Currency == k.currency, path+".currency", "must be "+k.currency+" like the rest of the menu")
	highest := money.HighestPrice(price.Currency)
	k.that(price.Amount >= 1 && price.Amount <= highest, path+".amount", "must be between "+money.Format(1, price.Currency)+" and "+money.Format(highest, price.Currency))
	if err := k.amounts.CheckPrice(price.Amount, price.Currency); err != nil {
		k.that(false, path+".amount", err.Error())
	}
}

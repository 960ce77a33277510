// Package catalog has what the store sells: categories, items and the groups of options that
// items share. A [Catalog] is the document that the back office keeps. Together with what is
// sold out at the moment it is a [State], which makes the [Menu] that customers order from:
// [Menu.Lines] prices an order. An order keeps its own copy of what it was placed with.
package catalog

import (
	"cmp"
	"slices"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Catalog is everything that is sold, in the order in which it is shown.
type Catalog struct {
	Categories []Category `json:"categories"`
	Groups     []Group    `json:"groups"`
	Items      []Item     `json:"items"`
	// OptionCurrency is the currency of what options cost on top, while there are no items that say it.
	OptionCurrency string `json:"currency,omitempty"`
}

// Category is a part of the menu.
type Category struct {
	Category string      `json:"category"`
	Name     order.Names `json:"name"`
}

// Group is a choice that items share, such as the milk. A piece has at least Min of its options
// and at most Max, counted with their quantities.
type Group struct {
	Group   string      `json:"group"`
	Name    order.Names `json:"name"`
	Min     int         `json:"min"`
	Max     int         `json:"max"`
	Options []Option    `json:"options"`
}

// Option is one of a group's options.
type Option struct {
	Option string      `json:"option"`
	Name   order.Names `json:"name"`
	// Price is what one of it costs on top, in minor units of the catalog's currency; below
	// zero for one that makes a piece cheaper.
	Price int64 `json:"price"`
	// Default: a piece comes with one of it when nothing of the group is chosen.
	Default bool `json:"default"`
	// MaxQty is how many of it one piece can have.
	MaxQty int `json:"max_qty"`
	// Available: it is to be had, where no store says otherwise.
	Available bool `json:"available"`
}

// Item is one product. Its price holds for orders placed from now on.
type Item struct {
	Product     string      `json:"product"`
	Category    string      `json:"category,omitempty"`
	Name        order.Names `json:"name"`
	Description order.Names `json:"description,omitempty"`
	// Price is the price of one piece without options.
	Price order.Money `json:"price"`
	// Groups are the groups of options that it has, in the order in which they are shown.
	Groups []string `json:"groups,omitempty"`
	// Available: it is to be had, where no store says otherwise.
	Available bool `json:"available"`
	// Allergens are some of [Allergens].
	Allergens []string `json:"allergens,omitempty"`
	// Calories are those of one piece as it comes, in kcal; nil when nobody has said.
	Calories *int `json:"calories,omitempty"`
	// Image is the hash of the picture's content, by which it is kept; empty without a picture.
	Image string `json:"image,omitempty"`
	// Hours are the hours of the day in which it is sold; none for the whole day.
	Hours []store.Period `json:"hours,omitempty"`
}

// Currency returns the currency of the catalog, which all of its items have; that of a menu
// that names none when nothing says it.
func (c Catalog) Currency() string {
	if len(c.Items) == 0 {
		return cmp.Or(c.OptionCurrency, order.DefaultCurrency)
	}
	return c.Items[0].Price.Currency
}

// In returns the catalog, whose options' prices stay in the currency when it has no items.
func (c Catalog) In(currency string) Catalog {
	c.OptionCurrency = ""
	if len(c.Items) == 0 && currency != order.DefaultCurrency {
		c.OptionCurrency = currency
	}
	return c
}

// FindItem returns the item of the product, and false when the catalog has none.
func (c Catalog) FindItem(product string) (Item, bool) {
	return find(c.Items, func(i Item) bool { return i.Product == product })
}

// FindGroup returns the group of that identifier, and false when the catalog has none.
func (c Catalog) FindGroup(group string) (Group, bool) {
	return find(c.Groups, func(g Group) bool { return g.Group == group })
}

// FindOption returns the group's option of that identifier, and false when it has none.
func (g Group) FindOption(option string) (Option, bool) {
	return find(g.Options, func(o Option) bool { return o.Option == option })
}

func find[T any](all []T, is func(T) bool) (found T, ok bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	return found, false
}

// WithItem returns the catalog with the item: in the place of the same product's, or at the end.
func (c Catalog) WithItem(item Item) Catalog {
	c.Items = slices.Clone(c.Items)
	if i := slices.IndexFunc(c.Items, func(i Item) bool { return i.Product == item.Product }); i >= 0 {
		c.Items[i] = item
	} else {
		c.Items = append(c.Items, item)
	}
	return c.In("")
}

// WithoutItem returns the catalog without the item of the product. Orders have copies of what
// they were placed with.
func (c Catalog) WithoutItem(product string) Catalog {
	currency := c.Currency()
	c.Items = slices.DeleteFunc(slices.Clone(c.Items), func(i Item) bool { return i.Product == product })
	return c.In(currency)
}

// InCurrencyOf returns the catalog with the item as the only one, in whose currency it is then. Groups
// with an option that costs something go: their prices are numbers of another currency.
func (c Catalog) InCurrencyOf(item Item) Catalog {
	c.Groups = slices.DeleteFunc(slices.Clone(c.Groups), Group.priced)
	item.Groups = slices.DeleteFunc(slices.Clone(item.Groups), func(id string) bool {
		_, stays := c.FindGroup(id)
		return !stays
	})
	c.Items = []Item{item}
	return c
}

// priced reports whether any of the group's options costs something on top.
func (g Group) priced() bool {
	return slices.ContainsFunc(g.Options, func(o Option) bool { return o.Price != 0 })
}

// Allergens returns what an item can be labelled with: the list of Korea's labelling rule (Ministry
// of Food and Drug Safety, Standards for the Labelling of Foods, allergenic substances).
// "shellfish" has oysters, abalones and mussels in it.
func Allergens() []string {
	return []string{
		"eggs", "milk", "buckwheat", "peanuts", "soybeans", "wheat", "mackerel", "crab", "shrimp", "pork", "peach", "tomato",
		"sulfites", "walnut", "chicken", "beef", "squid", "shellfish", "pine_nuts",
	}
}

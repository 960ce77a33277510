package document

import (
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// entry is one of the catalog's entries as it was read: an object in JSON, or a row in CSV. What it
// does not have is empty, and has the value that its reader names. What has the wrong form is noted.
type entry interface {
	// path is where the entry is in the catalog: "items[3]".
	path() string
	text(name string) string
	names(name string) order.Names
	// number returns the number, and whether there is one.
	number(name string) (n int64, there bool)
	// truth returns the truth, and whether it is said.
	truth(name string) (truth, said bool)
	// price returns an amount with its currency.
	price() order.Money
	texts(name string) []string
	hours() []store.Period
}

// The fields of the entries in JSON, which are the columns in CSV.
var (
	categoryFields = []string{"category", "name"}
	groupFields    = []string{"group", "name", "min", "max", "options"}
	optionFields   = []string{"option", "name", "price", "default", "max_qty", "available"}
	itemFields     = []string{
		"product", "category", "name", "description", "price", "groups", "available", "allergens", "calories", "hours", "image",
	}
)

func (d *Document) category(e entry) catalog.Category {
	return catalog.Category{Category: e.text("category"), Name: e.names("name")}
}

// group returns the group without its options.
func (d *Document) group(e entry) catalog.Group {
	return catalog.Group{
		Group: e.text("group"), Name: e.names("name"),
		Min: numberOr(e, "min", 0), Max: numberOr(e, "max", 1),
	}
}

func (d *Document) option(e entry) catalog.Option {
	price, _ := e.number("price")
	byDefault, _ := e.truth("default")
	return catalog.Option{
		Option: e.text("option"), Name: e.names("name"), Price: price,
		Default: byDefault, MaxQty: numberOr(e, "max_qty", 1), Available: d.available(e),
	}
}

func (d *Document) item(e entry) catalog.Item {
	item := catalog.Item{
		Product: e.text("product"), Category: e.text("category"), Name: e.names("name"), Description: e.names("description"),
		Price: e.price(), Groups: e.texts("groups"), Available: d.available(e), Allergens: e.texts("allergens"),
		Hours: e.hours(), Image: e.text("image"),
	}
	if calories, there := e.number("calories"); there {
		item.Calories = new(int(calories))
	}
	return item
}

// numberOr returns the entry's number, or the one that it has when it says none.
func numberOr(e entry, name string, otherwise int) int {
	if n, there := e.number(name); there {
		return int(n)
	}
	return otherwise
}

// available returns whether an item or an option is to be had, and notes when the document does not say so.
func (d *Document) available(e entry) bool {
	available, said := e.truth("available")
	if !said {
		d.unsaid[e.path()] = true
	}
	return available
}

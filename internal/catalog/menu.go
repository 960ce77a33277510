package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// The codes of what cannot be ordered now, but could be at another time or in another way.
const (
	CodeStoreClosed  order.Code = "store_closed"
	CodeSoldOut      order.Code = "sold_out"
	CodePriceChanged order.Code = "price_changed"
)

// Menu is what customers can order at a time: of its items and options each says whether it is
// to be had.
type Menu struct {
	// Store is whose menu it is.
	Store store.State
	// Open: the store takes orders.
	Open bool
	// Opening is since when not, and until when.
	Opening    store.Opening
	Categories []Category
	Groups     []Group
	Items      []Item
	// Unavailable says why, of the items that are not to be had, by product.
	Unavailable map[string]Unavailability
	// Until is when the menu becomes another one by itself; zero for never.
	Until    time.Time
	currency string
}

// Item returns the item of the given product, and false when the menu has none.
func (m Menu) Item(product string) (Item, bool) {
	return find(m.Items, func(i Item) bool { return i.Product == product })
}

// Group returns the group of that identifier, and false when the menu has none.
func (m Menu) Group(group string) (Group, bool) {
	return find(m.Groups, func(g Group) bool { return g.Group == group })
}

// WantedLine is a line that a customer asks for.
type WantedLine struct {
	Product string
	Qty     int
	Options []WantedOption
	Note    string
	// Price is what the customer saw of one piece with its options; nil for whoever takes any.
	Price *order.Money
}

// WantedOption is an option that a customer asks for, with how many of it each piece is to have.
type WantedOption struct {
	Group, Option string
	Qty           int
}

// Lines returns the lines of an order of what is wanted: named, priced, equal lines made one as far
// as one may have as many pieces. Where nothing of a group is wanted that every piece has something
// of, it has the group's defaults. What can never be ordered is told before what cannot be ordered
// now. Each error names its field, such as "items[0].options[1].option": [order.CodeInvalid] for what
// can never be ordered, [CodeStoreClosed], [CodeSoldOut] and [CodePriceChanged] for what cannot be
// ordered now.
func (m Menu) Lines(wanted []WantedLine) ([]order.Line, error) {
	lines := make([]order.Line, len(wanted))
	var now error
	for i, want := range wanted {
		w := lineMaker{menu: m, number: i + 1, field: fmt.Sprintf("items[%d]", i)}
		line, err := w.line(want)
		if err != nil {
			return nil, err
		}
		lines[i], now = line, cmp.Or(now, w.now)
	}
	if !m.Open {
		return nil, &order.Error{Code: CodeStoreClosed, Message: m.Opening.Closed()}
	}
	if now != nil {
		return nil, now
	}
	return order.MergeLines(lines, limits.Quantity), nil
}

// PriceChangedError is the error of a line that costs something else than the customer saw. It is an
// [order.Error] with [CodePriceChanged].
type PriceChangedError struct {
	// Line counts the lines that were asked for, from 1.
	Line int
	// Price is what one piece of it costs now, with its options.
	Price   order.Money
	refusal *order.Error
}

// Error says the new price.
func (e *PriceChangedError) Error() string { return e.refusal.Error() }

// Unwrap returns the refusal with its code.
func (e *PriceChangedError) Unwrap() error { return e.refusal }

// lineMaker makes one line.
type lineMaker struct {
	menu Menu
	// number counts the lines, from 1.
	number int
	field  string
	// now is why the line cannot be ordered now: the first reason found.
	now error
}

func (w *lineMaker) line(want WantedLine) (order.Line, error) {
	item, found := w.menu.Item(want.Product)
	if !found {
		return order.Line{}, invalid(w.field+".product", "must be a product on the menu")
	}
	line := order.Line{Product: item.Product, Name: item.Name, Qty: want.Qty, Note: want.Note, BasePrice: item.Price}
	if err := w.checkKnown(item, want.Options); err != nil {
		return order.Line{}, err
	}
	for _, id := range item.Groups {
		group, _ := w.menu.Group(id)
		chosen, err := w.choose(group, want.Options)
		if err != nil {
			return order.Line{}, err
		}
		line.Options = append(line.Options, chosen...)
	}
	priced, err := line.Priced()
	if err != nil {
		return order.Line{}, invalid(w.field+".options", "cannot be had together: "+err.Error())
	}
	w.checkOffer(item, want.Price, priced.Price)
	return priced, nil
}

// checkKnown refuses options that the item does not have, and those that are asked for twice.
func (w *lineMaker) checkKnown(item Item, wanted []WantedOption) error {
	seen := map[string]bool{}
	for j, want := range wanted {
		field := fmt.Sprintf("%s.options[%d]", w.field, j)
		group, _ := w.menu.Group(want.Group)
		if !slices.Contains(item.Groups, want.Group) {
			return invalid(field+".group", "must be a group of options that "+item.Product+" has")
		}
		option, found := group.FindOption(want.Option)
		if !found {
			return invalid(field+".option", "must be an option of the group "+want.Group)
		}
		key := OptionKey(want.Group, want.Option)
		if seen[key] {
			return invalid(field+".option", "is there twice; say how many with qty")
		}
		seen[key] = true
		if want.Qty < 1 || want.Qty > option.MaxQty {
			return invalid(field+".qty", fmt.Sprintf("must be between 1 and %d", option.MaxQty))
		}
		if !option.Available {
			w.soldOut(field+".option", option.Name, want.Option)
		}
	}
	return nil
}

// choose returns the options of the group that one piece has, in the catalog's order.
func (w *lineMaker) choose(group Group, wanted []WantedOption) ([]order.LineOption, error) {
	quantities, sum := map[string]int{}, 0
	for _, want := range wanted {
		if want.Group == group.Group {
			quantities[want.Option] = want.Qty
			sum += want.Qty
		}
	}
	if sum == 0 && group.Min > 0 {
		for _, option := range group.Options {
			if option.Default {
				quantities[option.Option] = 1
				sum++
				w.checkDefault(option)
			}
		}
	}
	switch {
	case sum < group.Min:
		return nil, invalid(w.field+".options", fmt.Sprintf("must have at least %d of the group %s", group.Min, group.Group))
	case sum > group.Max:
		return nil, invalid(w.field+".options", fmt.Sprintf("must have at most %d of the group %s", group.Max, group.Group))
	}
	var chosen []order.LineOption
	for _, option := range group.Options {
		if qty := quantities[option.Option]; qty > 0 {
			chosen = append(chosen, order.LineOption{
				Group: group.Group, Option: option.Option, Name: option.Name, Qty: qty,
				Price: option.Price, Default: option.Default && qty == 1,
			})
		}
	}
	return chosen, nil
}

// checkDefault notes that a default is sold out: another option of its group may be left.
func (w *lineMaker) checkDefault(option Option) {
	if !option.Available {
		w.soldOut(w.field+".options", option.Name, option.Option)
	}
}

// checkOffer notes that the item is sold out, or that its price is not the one that was seen.
func (w *lineMaker) checkOffer(item Item, seen *order.Money, price order.Money) {
	if !item.Available {
		w.soldOut(w.field+".product", item.Name, item.Product)
	}
	if seen != nil && *seen != price {
		w.refuse(&PriceChangedError{Line: w.number, Price: price, refusal: &order.Error{
			Code: CodePriceChanged, Field: w.field + ".price",
			Message: fmt.Sprintf("the price of %s is %s now", item.Product, money.Format(price.Amount, price.Currency)),
		}})
	}
}

func (w *lineMaker) soldOut(field string, name order.Names, id string) {
	w.refuse(&order.Error{Code: CodeSoldOut, Field: field, Message: cmp.Or(name.In(order.English), id) + " is sold out"})
}

// refuse notes why the line cannot be ordered now.
func (w *lineMaker) refuse(err error) {
	if w.now == nil {
		w.now = err
	}
}

func invalid(field, message string) error {
	return &order.Error{Code: order.CodeInvalid, Field: field, Message: field + " " + message}
}

// Currency returns the currency of the menu.
func (m Menu) Currency() string { return cmp.Or(m.currency, order.DefaultCurrency) }

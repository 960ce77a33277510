package order

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Names are what something is called, by language.
type Names map[Language]string

// In returns the name in the language, or whatever comes closest; empty without any.
func (n Names) In(language Language) string {
	for _, candidate := range []Language{language, Korean, English} {
		if name := n[candidate]; name != "" {
			return name
		}
	}
	return ""
}

// Line is one line of an order: a product with its options, as it was called and priced
// when the order was placed.
type Line struct {
	// Number counts the lines of an order, from 1.
	Number  int    `json:"line,omitempty"`
	Product string `json:"product"`
	Name    Names  `json:"name,omitempty"`
	Qty     int    `json:"qty"`
	// RefundedQty is how many of the pieces are refunded, or are to be.
	RefundedQty int `json:"refunded_qty,omitempty"`
	// Options are in the order in which the catalog has them.
	Options []LineOption `json:"options,omitempty"`
	Note    string       `json:"note,omitempty"`
	// BasePrice is the price of one piece without its options; zero on a line without any.
	BasePrice Money `json:"base_price,omitzero"`
	// Price is the price of one piece with its options.
	Price Money `json:"price"`
}

// LineOption is an option of one piece of a line.
type LineOption struct {
	Group  string `json:"group"`
	Option string `json:"option"`
	Name   Names  `json:"name,omitempty"`
	// Qty is how many of the option one piece has.
	Qty int `json:"qty"`
	// Price is what one of the option costs on top, in minor units of the line's currency; below
	// zero for one that makes the piece cheaper.
	Price int64 `json:"price,omitempty"`
	// Default: the product comes with the option when nothing else is chosen.
	Default bool `json:"default,omitempty"`
}

// Base returns the price of one piece without its options.
func (l Line) Base() Money {
	if len(l.Options) == 0 {
		return l.Price
	}
	return l.BasePrice
}

// Priced returns the line with the price of one piece: its base price and its options'. It
// fails with [CodeInvalid] when that is below zero or does not fit.
func (l Line) Priced() (Line, error) {
	price := l.BasePrice
	for _, option := range l.Options {
		more, err := Money{Amount: option.Price, Currency: price.Currency}.Times(option.Qty)
		if err != nil {
			return Line{}, err
		}
		if price, err = price.Add(more); err != nil {
			return Line{}, err
		}
	}
	if price.Amount < 0 {
		return Line{}, &Error{Code: CodeInvalid, Message: "the options cost less than nothing"}
	}
	l.Price = price
	if len(l.Options) == 0 {
		l.BasePrice = Money{}
	}
	return l, nil
}

// Total returns what all pieces of the line cost. It fails with [CodeInvalid] when that does
// not fit.
func (l Line) Total() (Money, error) { return l.Price.Times(l.Qty) }

// Pieces returns how many pieces the lines have, those that are refunded included.
func Pieces(lines []Line) (pieces int) {
	for _, line := range lines {
		pieces += line.Qty
	}
	return pieces
}

// DisplayName returns the line's name in the language, its product without any.
func (l Line) DisplayName(language Language) string {
	if name := l.Name.In(language); name != "" {
		return name
	}
	return l.Product
}

// Describe returns what one piece of the line is, in the language: its name, and the options that
// are not what it comes with: "Cafe Latte (Oat milk, 2x Extra shot)".
func (l Line) Describe(language Language) string {
	var special []string
	for _, option := range l.Options {
		switch {
		case option.Default:
		case option.Qty > 1:
			special = append(special, fmt.Sprintf("%dx %s", option.Qty, option.DisplayName(language)))
		default:
			special = append(special, option.DisplayName(language))
		}
	}
	if len(special) == 0 {
		return l.DisplayName(language)
	}
	return l.DisplayName(language) + " (" + strings.Join(special, ", ") + ")"
}

// DisplayName returns the option's name in the language, its identifier without any.
func (o LineOption) DisplayName(language Language) string {
	if name := o.Name.In(language); name != "" {
		return name
	}
	return o.Option
}

// MergeLines returns the lines with equal ones made one, where the first of them is, and
// numbered. Lines are equal that are made alike: the same product, options and note. A line has
// most pieces at most: what would be more is a line of its own.
func MergeLines(lines []Line, most int) []Line {
	merged := []Line{}
	latest := map[string]int{} // the line that has room, by its key
	for _, line := range lines {
		key := line.key()
		if i, known := latest[key]; known {
			fits := min(line.Qty, most-merged[i].Qty)
			merged[i].Qty += fits
			if line.Qty -= fits; line.Qty == 0 {
				continue
			}
		}
		latest[key] = len(merged)
		line.Number = len(merged) + 1
		merged = append(merged, line)
	}
	return merged
}

// key is alike for lines that are made alike.
func (l Line) key() string {
	parts := []string{l.Product, l.Note}
	for _, option := range l.Options {
		parts = append(parts, fmt.Sprintf("%s/%s/%d", option.Group, option.Option, option.Qty))
	}
	return strings.Join(parts, "\x00")
}

// Total returns the sum of all lines. It fails with [CodeInvalid], and names the
// field, when there are none, when a quantity is below one or a price below
// zero, when a price is not that of the piece and its options, when the currencies
// differ or when the sum does not fit.
func Total(lines []Line) (Money, error) {
	if len(lines) == 0 {
		return Money{}, &Error{Code: CodeInvalid, Field: "items", Message: "an order needs at least one item"}
	}
	total := Money{Currency: lines[0].Price.Currency}
	for i, line := range lines {
		if err := line.check(i); err != nil {
			return Money{}, err
		}
		sum, err := line.Total()
		if err != nil {
			return Money{}, lineError(i, "qty", err.Error())
		}
		if total, err = total.Add(sum); err != nil {
			return Money{}, lineError(i, "price", err.Error())
		}
	}
	return total, nil
}

// check checks the line at index i.
func (l Line) check(i int) error {
	if l.Qty < 1 {
		return lineError(i, "qty", "the quantity must be at least 1")
	}
	if l.Price.Amount < 0 {
		return lineError(i, "price", "the price must not be negative")
	}
	if len(l.Options) == 0 {
		return nil
	}
	for j, option := range l.Options {
		if option.Qty < 1 {
			return lineError(i, fmt.Sprintf("options[%d].qty", j), "the quantity must be at least 1")
		}
	}
	priced, err := l.Priced()
	if err != nil {
		return lineError(i, "options", err.Error())
	}
	if priced.Price != l.Price {
		return lineError(i, "price", "the price must be that of the piece and its options")
	}
	return nil
}

func lineError(i int, field, message string) error {
	return &Error{Code: CodeInvalid, Field: fmt.Sprintf("items[%d].%s", i, field), Message: message}
}

// cloneLines returns a copy of the lines, which shares nothing with them.
func cloneLines(lines []Line) []Line {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].Name = maps.Clone(lines[i].Name)
		lines[i].Options = slices.Clone(lines[i].Options)
		for j := range lines[i].Options {
			lines[i].Options[j].Name = maps.Clone(lines[i].Options[j].Name)
		}
	}
	return lines
}

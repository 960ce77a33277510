package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/internal/strictjson"
	"github.com/cafeforme/cafeforme/order"
)

func (d *Document) readJSON(text []byte) error {
	value, err := strictjson.Parse(text)
	var refused *strictjson.Error
	if errors.As(err, &refused) {
		return &UnreadableError{JSON, Problem{refused.Path, refused.Line, refused.Message}}
	}
	if err != nil {
		return err
	}
	if _, ok := value.Data.(strictjson.Object); !ok {
		return &UnreadableError{JSON, Problem{"", value.Line, "must be one JSON object"}}
	}
	whole := d.object(value, "", "version", "currency", "categories", "groups", "items")
	d.version = whole.text("version")
	d.catalog.OptionCurrency = whole.text("currency")
	for _, name := range []string{"categories", "groups", "items"} {
		whole.require(name)
	}
	for _, e := range whole.entries("categories", categoryFields) {
		d.catalog.Categories = append(d.catalog.Categories, d.category(e))
	}
	for _, e := range whole.entries("groups", groupFields) {
		group := d.group(e)
		for _, option := range e.entries("options", optionFields) {
			group.Options = append(group.Options, d.option(option))
		}
		d.catalog.Groups = append(d.catalog.Groups, group)
	}
	for _, e := range whole.entries("items", itemFields) {
		d.catalog.Items = append(d.catalog.Items, d.item(e))
	}
	return nil
}

// object is an [entry] in JSON.
type object struct {
	document *Document
	where    string
	line     int
	fields   map[string]strictjson.Value
}

// object returns the value as an object of these fields.
func (d *Document) object(value strictjson.Value, path string, known ...string) object {
	d.lines[path] = value.Line
	given, ok := value.Data.(strictjson.Object)
	if !ok {
		d.blame(path, value.Line, "must be an object")
	}
	for _, name := range given.Names {
		if !slices.Contains(known, name) {
			d.blame(path, given.Fields[name].Line, fmt.Sprintf("has the unknown field %q", strictjson.Join("", name)))
		}
	}
	return object{d, path, value.Line, given.Fields}
}

// field returns the field and its path, and whether it is there: null is not.
func (o object) field(name string) (value strictjson.Value, path string, there bool) {
	value, there = o.fields[name]
	path = strictjson.Join(o.where, name)
	if there {
		o.document.lines[path] = value.Line
	}
	return value, path, there && value.Data != nil
}

// require notes that the field is missing without which the document says nothing.
func (o object) require(name string) {
	if value, path, there := o.field(name); !there {
		o.document.blame(path, max(o.line, value.Line), "is required")
		o.document.unusable = true
	}
}

// list returns the elements of an array.
func (o object) list(name string) ([]strictjson.Value, string) {
	value, path, there := o.field(name)
	if !there {
		return nil, path
	}
	elements, ok := value.Data.([]strictjson.Value)
	if !ok {
		o.document.blame(path, value.Line, "must be an array")
		o.document.unusable = o.document.unusable || o.where == ""
	}
	return elements, path
}

// entries returns the objects of an array.
func (o object) entries(name string, known []string) []object {
	elements, path := o.list(name)
	entries := make([]object, len(elements))
	for i, element := range elements {
		entries[i] = o.document.object(element, at(path, i), known...)
	}
	return entries
}

func (o object) path() string { return o.where }

func (o object) text(name string) string {
	value, path, there := o.field(name)
	if !there {
		return ""
	}
	return o.document.string(value, path)
}

// string returns the value as a text without spaces around it.
func (d *Document) string(value strictjson.Value, path string) string {
	d.lines[path] = value.Line
	text, ok := value.Data.(string)
	if !ok {
		d.blame(path, value.Line, "must be a string")
	}
	return strings.TrimSpace(text)
}

// names leaves empty names out, as if they were not there.
func (o object) names(name string) (names order.Names) {
	value, path, there := o.field(name)
	if !there {
		return nil
	}
	given := o.document.object(value, path, string(order.Korean), string(order.English))
	for _, language := range []order.Language{order.Korean, order.English} {
		if text := given.text(string(language)); text != "" {
			if names == nil {
				names = order.Names{}
			}
			names[language] = text
		}
	}
	return names
}

func (o object) number(name string) (int64, bool) {
	value, path, there := o.field(name)
	if !there {
		return 0, false
	}
	number, _ := value.Data.(json.Number)
	n, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil {
		o.document.blame(path, value.Line, "must be an integer")
	}
	return n, err == nil
}

func (o object) truth(name string) (truth, said bool) {
	value, path, there := o.field(name)
	if !there {
		return false, false
	}
	truth, ok := value.Data.(bool)
	if !ok {
		o.document.blame(path, value.Line, "must be true or false")
	}
	return truth, true
}

func (o object) price() order.Money {
	value, path, there := o.field("price")
	if !there {
		return order.Money{}
	}
	given := o.document.object(value, path, "amount", "currency")
	amount, _ := given.number("amount")
	return order.Money{Amount: amount, Currency: given.text("currency")}
}

func (o object) texts(name string) (texts []string) {
	elements, path := o.list(name)
	for i, element := range elements {
		texts = append(texts, o.document.string(element, at(path, i)))
	}
	return texts
}

func (o object) hours() (hours []store.Period) {
	elements, path := o.list("hours")
	for i, element := range elements {
		ends, _ := element.Data.([]strictjson.Value)
		if len(ends) != 2 {
			o.document.blame(at(path, i), element.Line, `must be a period such as ["07:00","11:00"]`)
			continue
		}
		hours = append(hours, [2]string{
			o.document.string(ends[0], at(at(path, i), 0)), o.document.string(ends[1], at(at(path, i), 1)),
		})
	}
	return hours
}

package document

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// row is an [entry] in CSV.
type row struct {
	document *Document
	kind     string
	where    string
	line     int
	// cells are those with something in them, by their column.
	cells map[string]string
}

// row returns the record as a row. It is nowhere in the catalog yet.
func (d *Document) row(header []string, r record) row {
	cells := map[string]string{}
	for i, cell := range r.cells {
		cell = strings.TrimSpace(unguarded(strings.TrimSpace(cell)))
		switch {
		case cell == "":
		case i >= len(header) || header[i] == "":
			d.blame("", r.line, fmt.Sprintf("has %q in a column without a name", cell))
		default:
			cells[header[i]] = cell
		}
	}
	return row{document: d, kind: strings.ToLower(cells["kind"]), line: r.line, cells: cells}
}

// as returns the row in its place in the catalog.
func (r row) as(list string, i int) row {
	r.where = at(list, i)
	r.document.lines[r.where] = r.line
	for _, column := range slices.Sorted(maps.Keys(r.cells)) {
		if !slices.Contains(columnsOf[r.kind], column) {
			r.blame(column, "must be empty in a row of kind "+r.kind)
		}
	}
	return r
}

func (r row) blame(field, message string) {
	r.document.blame(r.where+"."+field, r.line, message)
}

func (r row) path() string { return r.where }

func (r row) text(name string) string { return r.cells[name] }

func (r row) names(name string) (names order.Names) {
	for _, language := range []order.Language{order.Korean, order.English} {
		if text := r.cells[name+"_"+string(language)]; text != "" {
			if names == nil {
				names = order.Names{}
			}
			names[language] = text
		}
	}
	return names
}

func (r row) number(name string) (int64, bool) { return r.integer(name, name) }

// integer returns the number in the column, for the field of that name.
func (r row) integer(column, field string) (int64, bool) {
	cell := r.cells[column]
	if cell == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		r.blame(field, "must be an integer")
	}
	return n, err == nil
}

// truths are true and false as spreadsheets write them once they have read them, each in its language.
var truths = map[string]bool{
	"true": true, "wahr": true, "vrai": true, "verdadero": true, "verdadeiro": true, "vero": true,
	"false": false, "falsch": false, "faux": false, "falso": false,
}

// truth takes the words as spreadsheets write them: TRUE.
func (r row) truth(name string) (truth, said bool) {
	cell := strings.ToLower(r.cells[name])
	if cell == "" {
		return false, false
	}
	truth, known := truths[cell]
	if !known {
		r.blame(name, "must be true or false")
	}
	return truth, true
}

func (r row) price() order.Money {
	amount, _ := r.integer("price", "price.amount")
	return order.Money{Amount: amount, Currency: r.cells["currency"]}
}

// texts returns the values of a cell, which have spaces, semicolons or commas between them.
func (r row) texts(name string) []string {
	values := strings.FieldsFunc(r.cells[name], func(c rune) bool { return strings.ContainsRune(" ;,\n", c) })
	if len(values) == 0 {
		return nil
	}
	return values
}

func (r row) hours() (hours []store.Period) {
	for i, period := range r.texts("hours") {
		from, until, ok := strings.Cut(period, "-")
		if !ok {
			r.blame(at("hours", i), "must be a period such as 07:00-11:00")
			continue
		}
		hours = append(hours, [2]string{from, until})
	}
	return hours
}

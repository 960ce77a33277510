package document

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The kinds of rows.
const (
	kindCatalog  = "catalog"
	kindCategory = "category"
	kindGroup    = "group"
	kindOption   = "option"
	kindItem     = "item"
)

// columns are those of a file in CSV, in the order in which they are written.
var columns = []string{
	"kind", "category", "group", "option", "product", "name_ko", "name_en", "description_ko", "description_en", "price", "currency",
	"groups", "min", "max", "default", "max_qty", "available", "allergens", "calories", "hours", "image",
	columnVersion,
}

// columnVersion is the column of the catalog's version: only a file that was exported has it.
const columnVersion = "version"

// columnsOf are the columns that the rows of each kind have something in.
var columnsOf = map[string][]string{
	kindCatalog:  {"kind", columnVersion},
	kindCategory: {"kind", "category", "name_ko", "name_en"},
	kindGroup:    {"kind", "group", "name_ko", "name_en", "min", "max"},
	kindOption:   {"kind", "group", "option", "name_ko", "name_en", "price", "default", "max_qty", "available"},
	kindItem: {
		"kind", "category", "product", "name_ko", "name_en", "description_ko", "description_en", "price", "currency",
		"groups", "available", "allergens", "calories", "hours", "image",
	},
}

func (d *Document) readCSV(text []byte) error {
	records, err := readRecords(text)
	if err != nil {
		return err
	}
	header := d.readHeader(records[0])
	if d.unusable {
		return nil
	}
	var rows []row
	options := map[string][]row{}
	for _, record := range records[1:] {
		r := d.row(header, record)
		rows = append(rows, r)
		if r.kind == kindOption {
			options[r.text("group")] = append(options[r.text("group")], r)
		}
	}
	for _, r := range rows {
		d.add(r, options)
	}
	for _, r := range rows {
		if group := r.text("group"); r.kind == kindOption && options[group] != nil {
			d.blame("groups", r.line, fmt.Sprintf("has an option of the group %q, which has no row", group))
		}
	}
	return nil
}

// add adds what the row has to the catalog. A group comes with its options, wherever in the file
// these are, and leaves them no more.
func (d *Document) add(r row, options map[string][]row) {
	switch r.kind {
	case kindCatalog:
		d.version = r.as("catalog", 0).text(columnVersion)
	case kindCategory:
		d.catalog.Categories = append(d.catalog.Categories, d.category(r.as("categories", len(d.catalog.Categories))))
	case kindItem:
		d.catalog.Items = append(d.catalog.Items, d.item(r.as("items", len(d.catalog.Items))))
	case kindGroup:
		r = r.as("groups", len(d.catalog.Groups))
		group := d.group(r)
		for i, option := range options[group.Group] {
			group.Options = append(group.Options, d.option(option.as(r.path()+".options", i)))
		}
		delete(options, group.Group)
		d.catalog.Groups = append(d.catalog.Groups, group)
	case kindOption:
		// It comes with its group.
	default:
		d.blame("", r.line, fmt.Sprintf("has a row of kind %q, want category, group, option or item", r.kind))
	}
}

// record is a row's cells, as they are in the file.
type record struct {
	line  int
	cells []string
}

// readRecords returns the rows that have something in them: at least one.
func readRecords(text []byte) (records []record, err error) {
	for i, line := range bytes.Split(text, []byte("\n")) {
		if !utf8.Valid(line) {
			return nil, unreadableCSV(i+1, "must be in UTF-8, which spreadsheets save as CSV UTF-8")
		}
	}
	if first, rest, _ := bytes.Cut(text, []byte("\n")); separatorLine.Match(first) {
		text = append([]byte("\n"), rest...) // the header says it, too
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma, reader.FieldsPerRecord = separator(text), -1
	for {
		cells, err := reader.Read()
		parse := new(csv.ParseError)
		switch {
		case errors.As(err, &parse):
			return nil, unreadableCSV(parse.Line, "must be valid CSV: "+parse.Err.Error())
		case errors.Is(err, io.EOF) && len(records) == 0:
			return nil, unreadableCSV(1, "is empty")
		case errors.Is(err, io.EOF):
			return records, nil
		case err != nil:
			return nil, err
		}
		if strings.TrimSpace(strings.Join(cells, "")) != "" {
			line, _ := reader.FieldPos(0)
			records = append(records, record{line, cells})
		}
	}
}

func unreadableCSV(line int, message string) error {
	return &UnreadableError{CSV, Problem{"", line, message}}
}

// separatorLine is what tells Excel the separator, before the header.
var separatorLine = regexp.MustCompile(`^sep=.\r?$`)

// separator returns what is between the cells: where people write decimals with a comma,
// spreadsheets write a semicolon.
func separator(text []byte) rune {
	header, _, _ := bytes.Cut(bytes.TrimLeft(text, "\n"), []byte("\n"))
	for _, other := range []rune{';', '\t'} {
		if bytes.ContainsRune(header, other) && !bytes.ContainsRune(header, ',') {
			return other
		}
	}
	return ','
}

// readHeader returns the names of the columns.
func (d *Document) readHeader(r record) []string {
	names := make([]string, len(r.cells))
	for i, cell := range r.cells {
		name := strings.ToLower(strings.TrimSpace(cell))
		switch {
		case name != "" && !slices.Contains(columns, name):
			d.refuse(r.line, fmt.Sprintf("has the unknown column %q", cell))
		case name != "" && slices.Contains(names, name):
			d.refuse(r.line, fmt.Sprintf("has the column %q twice", name))
		}
		names[i] = name
	}
	if !slices.Contains(names, "kind") {
		d.refuse(r.line, `has no column "kind"`)
	}
	return names
}

// refuse notes that the document cannot be used at all.
func (d *Document) refuse(line int, message string) {
	d.blame("", line, message)
	d.unusable = true
}

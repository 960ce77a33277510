// Package document is the catalog as one document, as owners keep it: in JSON, or in CSV for a
// spreadsheet. [Read] reads one and knows on which line everything is, [Document.Check] says
// everything that is wrong with it at once, and [Write] writes a catalog. The HTTP API and the
// commands use the same documents.
//
// A file in CSV has one row for each category, group, option and item. Its column kind says which
// of these a row is; the other columns are named as the fields in JSON. Rows of a kind are in the
// catalog's order. A cell has several values where JSON has a list, with spaces between them.
//
// A document that was exported has the version of the catalog that it was made of, by which its import
// knows that somebody has changed the catalog since.
package document

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/money"
)

// Format is a form that documents have.
type Format string

// The formats.
const (
	JSON Format = "json"
	CSV  Format = "csv"
)

// MaxProblems is how many problems of a document are told.
const MaxProblems = 100

// Problem is something that is wrong with a document.
type Problem struct {
	// Path is where in the catalog, such as "items[3].groups[0]"; empty for the whole document.
	Path string
	// Line is the line of the document that is to blame, from 1.
	Line int
	// Message says what is wrong, and follows the path.
	Message string
}

// String returns the problem in one line.
func (p Problem) String() string {
	return fmt.Sprintf("line %d: %s", p.Line, strings.TrimSpace(p.Path+" "+p.Message))
}

// UnreadableError is the error of a document that is not even JSON or CSV.
type UnreadableError struct {
	Format Format
	// Problem is why, with the path of a field that is given twice.
	Problem Problem
}

// Error returns where and why.
func (e *UnreadableError) Error() string { return e.Problem.String() }

// Document is a catalog as it was read.
type Document struct {
	catalog catalog.Catalog
	// version is that of the catalog that it was made of; empty when it does not say.
	version string
	// problems are what is wrong with the form.
	problems []Problem
	// unusable: what is wrong with the form leaves nothing to be checked.
	unusable bool
	// lines are where entries and fields are, by their paths.
	lines map[string]int
	// unsaid are the paths of the items and options of which it does not say whether they are available.
	unsaid map[string]bool
}

// Read reads a document. The error is of type [*UnreadableError]; everything else that is wrong is
// for [Document.Check] to say.
func Read(format Format, text []byte) (*Document, error) {
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	d := &Document{lines: map[string]int{}, unsaid: map[string]bool{}}
	read := d.readJSON
	if format == CSV {
		read = d.readCSV
	}
	if err := read(text); err != nil {
		return nil, err
	}
	return d, nil
}

// byteOrderMark is what spreadsheets begin a text in UTF-8 with, and know it by.
const byteOrderMark = "\ufeff"

// Images returns the hashes of the pictures that the document names.
func (d *Document) Images() []string { return d.catalog.Images() }

// BlameImages notes which of them were never uploaded, for [Document.Check] to say.
func (d *Document) BlameImages(missing []string) {
	for _, problem := range d.catalog.CheckImages(missing) {
		d.problems = append(d.problems, Problem{problem.Path, d.line(problem.Path), problem.Message})
	}
}

// Check returns the catalog that the document makes of the one before, and everything that is wrong
// with it, in the order of its lines: at most [MaxProblems]. What it does not say of the
// availability of an item or an option stays as it is before; what is new is available. amounts
// are the prices that the payment provider can charge.
func (d *Document) Check(amounts money.Provider, before catalog.Catalog) (catalog.Catalog, []Problem) {
	after := d.completed(before)
	problems := slices.Clone(d.problems)
	if said := d.catalog.OptionCurrency; said != "" && (!money.Known(said) || len(after.Items) > 0 && said != after.Currency()) {
		problems = append(problems, Problem{"currency", d.line("currency"), "must be the ISO 4217 code of the items' currency"})
	}
	if !d.unusable {
		for _, problem := range after.Check(amounts, before) {
			if !d.blamed(problem.Path) {
				problems = append(problems, Problem{problem.Path, d.line(problem.Path), problem.Message})
			}
		}
	}
	if len(problems) == 0 {
		if err := CheckSize(after); err != nil {
			problems = append(problems, Problem{"", 1, err.Error()})
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return after, problems[:min(len(problems), MaxProblems)]
}

// completed returns the catalog, with what the document does not say taken from the one before.
func (d *Document) completed(before catalog.Catalog) catalog.Catalog {
	after := d.catalog.In(cmp.Or(d.catalog.OptionCurrency, before.Currency()))
	if len(d.unsaid) == 0 {
		return after
	}
	was := before.Availability()
	stays := func(key string) bool {
		available, known := was[key]
		return available || !known
	}
	after.Groups = slices.Clone(after.Groups)
	for i, group := range after.Groups {
		after.Groups[i].Options = slices.Clone(group.Options)
		for j, option := range group.Options {
			if path := at(at("groups", i)+".options", j); d.unsaid[path] {
				after.Groups[i].Options[j].Available = stays(catalog.OptionKey(group.Group, option.Option))
			}
		}
	}
	after.Items = slices.Clone(after.Items)
	for i, item := range after.Items {
		if path := at("items", i); d.unsaid[path] {
			after.Items[i].Available = stays(item.Product)
		}
	}
	return after
}

// enoughProblems is how many problems of the form are looked for: a document of nothing else would
// take long.
const enoughProblems = 10 * MaxProblems

// blame notes that something is wrong with the form.
func (d *Document) blame(path string, line int, message string) {
	if len(d.problems) < enoughProblems {
		d.problems = append(d.problems, Problem{path, line, message})
	}
}

// blamed reports whether the form of what the path leads to is wrong already, or of what it is in or has in it.
func (d *Document) blamed(path string) bool {
	return slices.ContainsFunc(d.problems, func(p Problem) bool {
		return p.Path != "" && (within(path, p.Path) || within(p.Path, path))
	})
}

// within reports whether a path is the other one, or leads further into it.
func within(path, other string) bool {
	rest, ok := strings.CutPrefix(path, other)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// line returns the line of what the path leads to, or of what it would be in.
func (d *Document) line(path string) int {
	for {
		if line, known := d.lines[path]; known {
			return line
		}
		if path == "" {
			return 1
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

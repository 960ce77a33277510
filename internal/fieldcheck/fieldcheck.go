// Package fieldcheck collects everything that is wrong with a document, each with the path of its
// field. Start at [Checker].
package fieldcheck

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cafeforme/cafeforme/internal/blank"
	"github.com/cafeforme/cafeforme/order"
)

// Problem is something that is wrong with a document.
type Problem struct {
	// Path is where, such as "items[3].groups[0]".
	Path string
	// Message says what is wrong, and follows the path.
	Message string
}

// Checker has what was found to be wrong, in the order in which it was looked for.
type Checker struct{ Problems []Problem }

// That blames the path, unless the condition holds.
func (c *Checker) That(ok bool, path, message string) {
	if !ok {
		c.Problems = append(c.Problems, Problem{path, message})
	}
}

// Count checks how many entries a list has.
func (c *Checker) Count(path string, n, most int) {
	c.That(n <= most, path, fmt.Sprintf("must have at most %d entries", most))
}

// Between checks that a number is within limits, which are allowed themselves.
func (c *Checker) Between(path string, n, least, most int) {
	c.That(n >= least && n <= most, path, fmt.Sprintf("must be between %d and %d", least, most))
}

// Unique checks that the identifier is none of those before, and adds it to them.
func (c *Checker) Unique(path, id string, before map[string]bool) {
	c.That(!before[id], path, fmt.Sprintf("is %q, which is there twice", id))
	before[id] = true
}

// Names checks names that both languages have to have, each of at most longest characters.
func (c *Checker) Names(path string, names order.Names, longest int) {
	for _, language := range []order.Language{order.Korean, order.English} {
		c.That(names[language] != "", path+"."+string(language), "must not be empty")
		c.Text(path+"."+string(language), names[language], longest)
	}
	c.Languages(path, names)
}

// Languages checks that the names are in languages that are known.
func (c *Checker) Languages(path string, names order.Names) {
	for language := range names {
		c.That(language == order.Korean || language == order.English, path, fmt.Sprintf("has the language %q, want ko and en", language))
	}
}

// Text checks a text of at most longest characters, on one line.
func (c *Checker) Text(path, text string, longest int) {
	c.That(utf8.RuneCountInString(text) <= longest, path, fmt.Sprintf("must have at most %d characters", longest))
	c.That(text == "" || !blank.Text(text), path, "must have a visible character")
	c.That(strings.TrimSpace(text) == text && !strings.ContainsFunc(text, blank.Unprintable), path,
		"must not have control characters, nor spaces around it")
}

// Element returns the path of an element of a list: "items[3]".
func Element(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

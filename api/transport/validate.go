package transport

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/blank"
	"github.com/cafeforme/cafeforme/order"
)

var visibleASCII = regexp.MustCompile(`^[\x21-\x7e]+$`)

// IsVisibleASCII reports whether the value is made of visible ASCII characters alone.
func IsVisibleASCII(value string) bool { return visibleASCII.MatchString(value) }

// FieldChecks checks values one after the other and keeps the first error. Its
// methods return the value as it is used from then on.
type FieldChecks struct{ Err error }

// That blames the field, unless the condition holds or another field was
// blamed before.
func (c *FieldChecks) That(ok bool, field, message string) {
	if !ok && c.Err == nil {
		c.Err = InvalidField(field, message)
	}
}

// Text trims the value and checks its length and its characters.
func (c *FieldChecks) Text(field, value string, shortest, longest int) string {
	value = strings.TrimSpace(value)
	length := utf8.RuneCountInString(value)
	c.That(length >= shortest, field, "must not be empty")
	c.That(length <= longest, field, fmt.Sprintf("must have at most %d characters", longest))
	c.That(!strings.ContainsFunc(value, blank.Unprintable), field, "must not have control characters")
	c.That(value == "" || !blank.Text(value), field, "must have a visible character")
	return value
}

// OptionalText is Text for a value that may be left out, which is empty then.
func (c *FieldChecks) OptionalText(field string, value *string, longest int) string {
	if value == nil {
		return ""
	}
	return c.Text(field, *value, 0, longest)
}

// Match checks that the value, when there is one, has the form.
func (c *FieldChecks) Match(field string, value *string, form func(string) bool, longest int, message string) string {
	if value == nil {
		return ""
	}
	c.That(len(*value) <= longest && form(*value), field, message)
	return *value
}

// Between checks that a number is within limits, which are allowed themselves.
func (c *FieldChecks) Between(field string, n, least, most int64) {
	c.That(n >= least && n <= most, field, fmt.Sprintf("must be between %d and %d", least, most))
}

// AtMost checks how many entries a list has.
func (c *FieldChecks) AtMost(field string, n, most int) {
	c.That(n <= most, field, fmt.Sprintf("must have at most %d entries", most))
}

// Language returns the language, Korean when there is none.
func (c *FieldChecks) Language(field string, value *spec.Language) order.Language {
	if value == nil {
		return order.Korean
	}
	c.That(value.Valid(), field, "must be ko or en")
	return order.Language(*value)
}

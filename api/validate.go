package api

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/blank"
	"github.com/cafeforme/cafeforme/order"
)

// fieldChecks checks values one after the other and keeps the first error. Its
// methods return the value as it is used from then on.
type fieldChecks struct{ err error }

// that blames the field, unless the condition holds or another field was
// blamed before.
func (c *fieldChecks) that(ok bool, field, message string) {
	if !ok && c.err == nil {
		c.err = invalid(field, message)
	}
}

// text trims the value and checks its length and its characters.
func (c *fieldChecks) text(field, value string, shortest, longest int) string {
	value = strings.TrimSpace(value)
	length := utf8.RuneCountInString(value)
	c.that(length >= shortest, field, "must not be empty")
	c.that(length <= longest, field, fmt.Sprintf("must have %d characters at most", longest))
	c.that(!strings.ContainsFunc(value, unprintable), field, "must not have control characters")
	c.that(value == "" || !blank.Text(value), field, "must have a character that can be seen")
	return value
}

// unprintable reports whether a character could break a line or a log, be
// refused by the database, or turn the text around it. The marks that
// right-to-left keyboards produce turn nothing.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || turning(r)
}

// turning reports an embedding, an override or an isolate of Unicode's
// bidirectional algorithm (UAX #9).
func turning(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

func (c *fieldChecks) optionalText(field string, value *string, longest int) string {
	if value == nil {
		return ""
	}
	return c.text(field, *value, 0, longest)
}

// match checks that the value, when there is one, has the form.
func (c *fieldChecks) match(field string, value *string, form *regexp.Regexp, longest int, message string) string {
	if value == nil {
		return ""
	}
	c.that(len(*value) <= longest && form.MatchString(*value), field, message)
	return *value
}

func (c *fieldChecks) between(field string, n, least, most int64) {
	c.that(n >= least && n <= most, field, fmt.Sprintf("must be between %d and %d", least, most))
}

// language returns the language, Korean when there is none.
func (c *fieldChecks) language(field string, value *spec.Language) order.Language {
	if value == nil {
		return order.Korean
	}
	c.that(value.Valid(), field, "must be ko or en")
	return order.Language(*value)
}

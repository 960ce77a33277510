package api

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/blank"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/order"
)

// Limits of the input, in characters where it is text. openapi.yaml states them
// too.
const (
	maxItems         = 100
	maxQty           = 99
	maxNote          = 200
	maxReason        = 200
	maxName          = 80
	maxNumber        = 64
	maxCode          = 40
	maxPaymentMethod = 255
	maxETAMinutes    = 240
	minKey, maxKey   = 16, 128
	maxCommandID     = 128
)

var (
	orderIDs          = regexp.MustCompile(`^ord_[a-z2-7]{26}$`)
	membershipNumbers = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	products          = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,39}$`)
	oneTimeCodes      = regexp.MustCompile(`^\d{4,20}$`)
	nonces            = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	visible           = regexp.MustCompile(`^[\x21-\x7e]+$`)
)

// checks checks values one after the other and keeps the first error. Its
// methods return the value as it is used from then on.
type checks struct{ err error }

// that blames the field, unless the condition holds or another field was
// blamed before.
func (c *checks) that(ok bool, field, message string) {
	if !ok && c.err == nil {
		c.err = invalid(field, message)
	}
}

// text trims the value and checks its length and its characters.
func (c *checks) text(field, value string, shortest, longest int) string {
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

func (c *checks) optionalText(field string, value *string, longest int) string {
	if value == nil {
		return ""
	}
	return c.text(field, *value, 0, longest)
}

// match checks that the value, when there is one, has the form.
func (c *checks) match(field string, value *string, form *regexp.Regexp, longest int, message string) string {
	if value == nil {
		return ""
	}
	c.that(len(*value) <= longest && form.MatchString(*value), field, message)
	return *value
}

func (c *checks) between(field string, n, least, most int64) {
	c.that(n >= least && n <= most, field, fmt.Sprintf("must be between %d and %d", least, most))
}

// countries are those that texts go to.
type countries = phone.Countries

// phone returns the number, which texts can go to in one of the countries, in E.164 form.
func (c *checks) phone(field, value string, allowed countries) string {
	number, err := allowed.Read(value)
	if err != nil {
		c.that(false, field, err.Error())
	}
	return number
}

func (c *checks) optionalPhone(field string, value *string, allowed countries) string {
	if value == nil {
		return ""
	}
	return c.phone(field, *value, allowed)
}

// membershipNumber returns the number without what people put between digits.
func (c *checks) membershipNumber(field string, value *string) string {
	if value == nil {
		return ""
	}
	const message = "must be a membership number"
	c.that(utf8.RuneCountInString(*value) <= maxNumber, field, message)
	number := phone.Digits(*value)
	return c.match(field, &number, membershipNumbers, maxNumber, message)
}

// oneTimeCode returns the code without what people paste around and between its digits.
func (c *checks) oneTimeCode(field, value string) string {
	digits := phone.Digits(value)
	c.that(utf8.RuneCountInString(value) <= maxCode && oneTimeCodes.MatchString(digits), field, "must be the digits from the SMS")
	return digits
}

func (c *checks) commandID(value *spec.CommandID) string {
	return c.match("command_id", value, visible, maxCommandID,
		fmt.Sprintf("must be %d visible ASCII characters at most", maxCommandID))
}

// language returns the language, Korean when there is none.
func (c *checks) language(field string, value *spec.Language) order.Language {
	if value == nil {
		return order.Korean
	}
	c.that(value.Valid(), field, "must be ko or en")
	return order.Language(*value)
}

func (c *checks) statuses(field string, values []string) []order.Status {
	var result []order.Status
	for _, value := range values {
		status := order.Status(value)
		c.that(status.Valid(), field, "must be a list of statuses")
		if !slices.Contains(result, status) {
			result = append(result, status)
		}
	}
	return result
}

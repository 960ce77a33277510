package api

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/order"
)

var (
	oneTimeCodes = regexp.MustCompile(`^\d{4,20}$`)
	couponForm   = regexp.MustCompile(`^[0-9A-Z_-]{1,40}$`)
	nonceForm    = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
)

// inputChecks are the checks of fields that orders and members have, beside those of any field.
type inputChecks struct{ transport.FieldChecks }

// countries are those that texts go to.
type countries = phone.Countries

// phone returns the number, which texts can go to in one of the countries, in E.164 form.
func (c *inputChecks) phone(field, value string, allowed countries) string {
	number, err := allowed.Read(value)
	if err != nil {
		c.That(false, field, err.Error())
	}
	return number
}

func (c *inputChecks) optionalPhone(field string, value *string, allowed countries) string {
	if value == nil {
		return ""
	}
	return c.phone(field, *value, allowed)
}

// membershipNumber returns the number without what people put between digits.
func (c *inputChecks) membershipNumber(field string, value *string) string {
	if value == nil {
		return ""
	}
	const message = "must be a membership number"
	c.That(utf8.RuneCountInString(*value) <= limits.MembershipNumber, field, message)
	number := phone.Digits(*value)
	return c.Match(field, &number, transport.IsMembershipNumber, limits.MembershipNumber, message)
}

// oneTimeCode returns the code without what people paste around and between its digits.
func (c *inputChecks) oneTimeCode(field, value string) string {
	digits := phone.Digits(value)
	c.That(utf8.RuneCountInString(value) <= limits.Code && oneTimeCodes.MatchString(digits), field, "must be the digits from the SMS")
	return digits
}

// couponCode returns the code as coupons have it: in capital letters, without what people put around it.
func (c *inputChecks) couponCode(field, value string) string {
	code := strings.ToUpper(strings.TrimSpace(value))
	c.That(couponForm.MatchString(code), field, "must be the code of a coupon")
	return code
}

func (c *inputChecks) commandID(value *spec.CommandID) string {
	return c.Match("command_id", value, transport.IsVisibleASCII, limits.CommandID,
		fmt.Sprintf("must have at most %d visible ASCII characters", limits.CommandID))
}

// lineQtys returns the pieces of an order's lines that a request names.
func (c *inputChecks) lineQtys(field string, given []spec.LineQty) []order.LineQty {
	c.That(len(given) >= 1 && len(given) <= limits.Items, field, fmt.Sprintf("must name between 1 and %d lines", limits.Items))
	lines := make([]order.LineQty, len(given))
	for i, line := range given {
		c.Between(fmt.Sprintf("%s[%d].line", field, i), int64(line.Line), 1, limits.Items)
		c.Between(fmt.Sprintf("%s[%d].qty", field, i), int64(line.Qty), 1, limits.Quantity)
		lines[i] = order.LineQty(line)
	}
	return lines
}

// date checks that the value, when there is one, is a day of the calendar.
func (c *inputChecks) date(field, value string) {
	_, err := time.Parse(time.DateOnly, value)
	c.That(value == "" || err == nil, field, "must be a date such as 2026-03-02")
}

func (c *inputChecks) statuses(field string, values []string) []order.Status {
	var result []order.Status
	for _, value := range values {
		status := order.Status(value)
		c.That(status.Valid(), field, "must be a list of order statuses")
		if !slices.Contains(result, status) {
			result = append(result, status)
		}
	}
	return result
}

package phone

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/cafeforme/cafeforme/internal/limits"
)

// DefaultCountries are the countries that texts go to where nothing says otherwise.
var DefaultCountries = Countries{"KR"}

// Countries are the countries that texts go to, by their codes of ISO 3166-1 (alpha-2). A number
// without a country's calling code is one of the first. None stands for
// [DefaultCountries].
type Countries []string

// ParseCountries reads a list of countries, separated by commas.
func ParseCountries(list string) (countries Countries, err error) {
	for part := range strings.SplitSeq(list, ",") {
		code := strings.ToUpper(strings.TrimSpace(part))
		if !phonenumbers.GetSupportedRegions()[code] {
			return nil, fmt.Errorf("%q is not a country code; use codes of two letters, such as KR,JP", part)
		}
		if !slices.Contains(countries, code) {
			countries = append(countries, code)
		}
	}
	return countries, nil
}

// number is what [Digits] leaves of a phone number.
var number = regexp.MustCompile(`^\+?[0-9]+$`)

// Read returns the number, typed in any common form, in E.164 form. It fails, with words that
// continue the name of the field, when it is none, or none that texts are sent to.
func (c Countries) Read(value string) (string, error) {
	digits := Digits(value)
	if utf8.RuneCountInString(value) > limits.Phone || !number.MatchString(digits) {
		return "", errNoNumber
	}
	parsed, err := c.parse(digits)
	if err != nil {
		return "", err
	}
	if err := c.textable(parsed); err != nil {
		return "", err
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), nil
}

// Check fails unless texts are sent to the number, which is in E.164 form.
func (c Countries) Check(e164 string) error {
	parsed, err := phonenumbers.Parse(e164, phonenumbers.UNKNOWN_REGION)
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		return errNoNumber
	}
	return c.textable(parsed)
}

// Country returns the country of a number in E.164 form; "" when it is no country's.
func Country(e164 string) string {
	parsed, err := phonenumbers.Parse(e164, phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return ""
	}
	return phonenumbers.GetRegionCodeForNumber(parsed)
}

// parse reads the digits as a number of the first country, or an international one: 00, which many
// networks and ITU-T E.123 have before a calling code, stands for + where it is not the
// first country's own prefix.
func (c Countries) parse(digits string) (*phonenumbers.PhoneNumber, error) {
	forms := []string{digits}
	if rest, ok := strings.CutPrefix(digits, "00"); ok {
		forms = append(forms, "+"+rest)
	}
	for _, form := range forms {
		parsed, err := phonenumbers.Parse(form, c.orDefault()[0])
		if err == nil && phonenumbers.IsValidNumber(parsed) {
			return parsed, nil
		}
	}
	return nil, errNoNumber
}

// textable fails unless the number is a mobile phone's, as far as libphonenumber knows, in one of
// the countries.
func (c Countries) textable(parsed *phonenumbers.PhoneNumber) error {
	kind := phonenumbers.GetNumberType(parsed)
	mobile := kind == phonenumbers.MOBILE || kind == phonenumbers.FIXED_LINE_OR_MOBILE // some plans do not tell them apart
	if !mobile || !slices.Contains(c.orDefault(), phonenumbers.GetRegionCodeForNumber(parsed)) {
		return fmt.Errorf("must be a mobile phone number of a country that texts are sent to: %s", strings.Join(c.orDefault(), ", "))
	}
	return nil
}

func (c Countries) orDefault() Countries {
	if len(c) == 0 {
		return DefaultCountries
	}
	return c
}

var errNoNumber = errors.New("must be a phone number")

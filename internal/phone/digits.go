// Package phone reads phone numbers, and other numbers of digits, as people type
// and paste them, and says which phones can get texts.
package phone

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Digits returns a value of digits as it is meant: characters in their common form (NFKC of
// Unicode's UAX #15), decimal digits of every script as 0 to 9, and without what people
// and address books put around and between them: formatting characters, dashes, spaces,
// dots, slashes, brackets, and "tel:" (RFC 3966) before them. What else there is stays, for the
// caller to refuse.
func Digits(value string) string {
	value = strings.Map(meant, norm.NFKC.String(value))
	for len(value) >= len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		value = value[len(scheme):]
	}
	return value
}

// scheme is that of a phone number's URI.
const scheme = "tel:"

// meant returns what a character of a number means; -1 for one that means nothing.
func meant(r rune) rune {
	switch {
	case strings.ContainsRune("./()·\u2212\u30fb\u30fc", r), unicode.In(r, unicode.Cf, unicode.Pd, unicode.White_Space):
		return -1
	case r > unicode.MaxASCII && unicode.Is(unicode.Nd, r):
		return '0' + decimal(r)
	default:
		return r
	}
}

// decimal returns the value of a decimal digit. Unicode encodes them in runs of ten, from zero
// to nine (Stability Policy: "Property Value Stability" of Numeric_Type=Decimal).
func decimal(r rune) rune {
	for _, digits := range unicode.Nd.R16 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return (r - rune(digits.Lo)) % 10
		}
	}
	for _, digits := range unicode.Nd.R32 {
		first, last := rune(digits.Lo), rune(digits.Hi) //nolint:gosec // Unicode ends at U+10FFFF
		if first <= r && r <= last {
			return (r - first) % 10
		}
	}
	return 0
}

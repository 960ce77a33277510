// Package blank tells what shows as nothing, wherever somebody is to read who or why.
package blank

import (
	"strings"
	"unicode"
)

// Text reports whether the text shows as nothing: it has no letter, number, punctuation or symbol
// that shows by itself.
func Text(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !Character(r)
	})
}

// Character reports whether fonts draw the character as nothing, wherever it stands:
// Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties, formatting characters (Cf), and
// the blank pattern of Braille. Spaces are none: they keep words apart.
func Character(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Cf) || r == '\u2800'
}

// Unprintable reports whether the character could break a line or a log, be
// refused by the database, or turn the text around it. The marks that
// right-to-left keyboards produce turn nothing.
func Unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || isBidiControl(r)
}

// isBidiControl reports an embedding, an override or an isolate of Unicode's
// bidirectional algorithm (UAX #9).
func isBidiControl(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

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

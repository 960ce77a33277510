// Package languages chooses between the languages that customers can have.
package languages

import (
	"golang.org/x/text/language"

	"github.com/cafeforme/cafeforme/order"
)

// Offered lists the languages, the default first.
func Offered() []order.Language { return []order.Language{order.Korean, order.English} }

var matcher = language.NewMatcher([]language.Tag{language.Korean, language.English})

// Accepted returns the offered language that suits an Accept-Language header (RFC
// 9110, section 12.5.4) best. A header that cannot be read asks for nothing, and
// gets the default.
func Accepted(header string) order.Language {
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return Offered()[0]
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return Offered()[0]
	}
	return Offered()[i]
}

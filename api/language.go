package api

import (
	"net/http"

	"golang.org/x/text/language"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

// offered lists the languages, the default first.
var offered = []order.Language{order.Korean, order.English}

var matcher = language.NewMatcher([]language.Tag{language.Korean, language.English})

// languageOf returns the language that the client asks for, by ?language= or
// its short form ?lang=, or else by the header Accept-Language.
func languageOf(r *http.Request) (order.Language, error) {
	query := r.URL.Query()
	var c checks
	var asked order.Language
	for _, parameter := range []string{"lang", "language"} {
		if query.Has(parameter) {
			given := spec.Language(query.Get(parameter))
			asked = c.language("language", &given)
		}
	}
	if asked != "" || c.err != nil {
		return asked, c.err
	}
	return accepted(r.Header.Get("Accept-Language")), nil
}

// accepted returns the offered language that suits the header best. A header
// that cannot be read asks for nothing.
func accepted(header string) order.Language {
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return offered[0]
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return offered[0]
	}
	return offered[i]
}

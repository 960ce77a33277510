package api

import (
	"net/http"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/languages"
	"github.com/cafeforme/cafeforme/order"
)

// languageOf returns the language that the client asks for, by ?language= or
// its short form ?lang=, or else by the header Accept-Language.
func languageOf(r *http.Request) (order.Language, error) {
	query := r.URL.Query()
	var c fieldChecks
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
	return languages.Accepted(r.Header.Get("Accept-Language")), nil
}

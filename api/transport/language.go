package transport

import (
	"net/http"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/languages"
	"github.com/cafeforme/cafeforme/order"
)

// LanguageOf returns the language that the client asks for, by ?language= or
// its short form ?lang=, or else by the header Accept-Language.
func LanguageOf(r *http.Request) (order.Language, error) {
	query := r.URL.Query()
	var c FieldChecks
	var asked order.Language
	for _, parameter := range []string{"lang", "language"} {
		if query.Has(parameter) {
			given := spec.Language(query.Get(parameter))
			asked = c.Language("language", &given)
		}
	}
	if asked != "" || c.Err != nil {
		return asked, c.Err
	}
	return languages.Accepted(r.Header.Get("Accept-Language")), nil
}

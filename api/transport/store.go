package transport

import (
	"cmp"
	"net/http"
	"regexp"

	"github.com/cafeforme/cafeforme/order"
)

// slug is what a store may be called.
var slug = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// StoreOf returns the store that a request is about: that of the parameter "store", or the
// one that there is from the start. What no store can be called is CodeNotFound.
func StoreOf(r *http.Request) (string, error) {
	store := cmp.Or(r.URL.Query().Get("store"), order.MainStore)
	if !slug.MatchString(store) {
		return "", NotFound()
	}
	return store, nil
}

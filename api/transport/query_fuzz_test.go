package transport

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// A query asks for a page and a language that exist, or is refused.
func FuzzQueries(f *testing.F) {
	for _, seed := range []string{"", "page_size=1&page_token=x", "page_size=-1", "page_size=1e3", "lang=ko", "language=&lang=en", "%zz", "page_token=%00"} {
		f.Add(seed, "ko;q=0.5, en")
	}
	f.Add("", "*;q=2,,\xff")
	f.Fuzz(func(t *testing.T, query, accept string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.URL.RawQuery = query
		r.Header["Accept-Language"] = []string{accept}
		if asked, err := PageOf(r); err != nil {
			require.Less(t, problemOf(err).Status, 500)
		} else {
			require.True(t, asked.Size >= 1 && asked.Size <= limits.MaxPageSize && len(asked.Token) <= limits.PageToken)
		}
		if chosen, err := LanguageOf(r); err != nil {
			require.Less(t, problemOf(err).Status, 500)
		} else {
			require.Contains(t, []order.Language{order.Korean, order.English}, chosen)
		}
	})
}

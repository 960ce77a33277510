package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABrowserGetsAPageForAnUnknownPath(t *testing.T) {
	t.Parallel()
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, "<h1>not found")
	})
	customer := newCustomerSurface(t, func(c *CustomerConfig) { c.NotFound = page })
	store := newBrowser(t, func(c *StoreConfig) { c.NotFound = page })
	without := newCustomerSurface(t)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		surface             *surface
		method, accept, how string
	}{
		{customer, "GET", browser, "text/html; charset=utf-8"}, {customer, "HEAD", browser, "text/html; charset=utf-8"},
		{store, "GET", browser, "text/html; charset=utf-8"}, {customer, "GET", "TEXT/HTML", "text/html; charset=utf-8"},
		{customer, "GET", "", "application/problem+json"}, {customer, "GET", "*/*", "application/problem+json"},
		{customer, "GET", "application/json", "application/problem+json"},
		{customer, "GET", "application/json, text/html;q=0", "application/problem+json"},
		{customer, "GET", "application/problem+json, text/html;q=0.5", "application/problem+json"},
		{customer, "POST", browser, "application/problem+json"}, {without, "GET", browser, "application/problem+json"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, "/nowhere", http.NoBody)
		r.Header.Set("Accept", c.accept)
		recorder := httptest.NewRecorder()
		c.surface.handler.ServeHTTP(recorder, r)
		require.Equal(t, http.StatusNotFound, recorder.Code, c.accept)
		require.Equal(t, c.how, recorder.Header().Get("Content-Type"), "%s %s", c.method, c.accept)
		require.Contains(t, recorder.Header().Values("Vary"), "Accept")
		require.Equal(t, "DENY", recorder.Header().Get("X-Frame-Options"))
	}
}

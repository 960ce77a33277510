package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Only the page that opens Toss's window lets its script in, and that page lets in nobody else.
func TestOnlyThePayPageLetsTossIn(t *testing.T) {
	t.Parallel()
	customer, store := customerPages(), serve(Store(nil))
	for path, handler := range map[string]http.Handler{
		"/": customer, "/o/ord_x": customer, "/member": customer, "/dev": customer, "/sandbox/pay/cs_1": customer, "/store": store, "/store/manage": store,
		"/o/ord_x/": NoOrder(CustomerConfig{}), "/nothing": NotFound("/", nil),
	} {
		header := get(t, handler, path).Header()
		require.Equal(t, contentPolicy, header.Get("Content-Security-Policy"), path)
		require.Empty(t, header.Get("Referrer-Policy"), "%s: the surface's holds", path)
	}
	header := get(t, customer, "/o/ord_x/pay").Header()
	policy := header.Get("Content-Security-Policy")
	for _, rule := range []string{
		"default-src 'none'", "script-src 'self' https://js.tosspayments.com", "style-src 'self'", "img-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
		"connect-src 'self' https://*.tosspayments.com", "form-action https://*.tosspayments.com", "frame-src https://*.tosspayments.com",
	} {
		require.Contains(t, strings.Split(policy, "; "), rule)
	}
	for _, host := range regexp.MustCompile(`https?:[^ ;]*`).FindAllString(policy, -1) {
		require.Regexp(t, `^https://(js|\*)\.tosspayments\.com$`, host)
	}
	require.NotContains(t, policy, "unsafe")
	require.Equal(t, "strict-origin", header.Get("Referrer-Policy"), "who knows an order's address may see the order")
}

package web

import (
	"net/http"
)

// payPath is the page that opens the payment window of Toss Payments.
const payPath = "/o/{id}/pay"

// tossPolicy is what Toss's script needs to open its window: it loads from one host, asks others,
// and leads away from this page. It makes scripts of texts as it loads, so that trusted types
// cannot be required; no other page has it.
const tossPolicy = "default-src 'none'; script-src 'self' https://js.tosspayments.com; style-src 'self'; img-src 'self'; " +
	"connect-src 'self' https://*.tosspayments.com; frame-src https://*.tosspayments.com; form-action https://*.tosspayments.com; " +
	"manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// payPage is a page that leads to Toss Payments, which learns from where: the site, and nothing of
// the order's address.
type payPage struct{ page *localizedPage }

func (s *pageSite) pay(c CustomerConfig) http.Handler {
	page := s.page("pay", c)
	page.policy = tossPolicy
	return payPage{page}
}

// ServeHTTP answers with the page.
func (p payPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Referrer-Policy", "strict-origin")
	p.page.ServeHTTP(w, r)
}

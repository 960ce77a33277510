package transport

import "net/http"

// strictFor is a year, in seconds.
const strictFor = "max-age=31536000"

// SetSecurityHeaders sets what every answer carries, also one that is given
// before there is a surface: it stays out of caches, frames and other sites'
// scripts. What may be kept, or may load something, says so itself.
func SetSecurityHeaders(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
}

// secureHeaders sets the headers of every answer.
func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		SetSecurityHeaders(w.Header())
		next.ServeHTTP(w, r)
	})
}

// StrictTransport has browsers that came over HTTPS come over nothing else for a
// year (RFC 6797), whether it is always so or only for this request.
func StrictTransport(always bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if always || OverTLS(r) {
			w.Header().Set("Strict-Transport-Security", strictFor)
		}
		next.ServeHTTP(w, r)
	})
}

// OverTLS reports whether the browser speaks HTTPS, to us or to our proxy. The
// header is believed without a look at who sends it: a browser that made it up
// would only lose its own cookie.
func OverTLS(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

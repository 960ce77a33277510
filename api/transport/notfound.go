package transport

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// NotFoundHandler answers for every path that there is no route for: with the page
// to browsers, if there is one, and with a problem to everybody else.
func NotFoundHandler(page http.Handler) http.Handler {
	problem := HandlerFunc(func(http.ResponseWriter, *http.Request) error { return NotFound() })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		read := r.Method == http.MethodGet || r.Method == http.MethodHead
		if page == nil || !read || !prefersHTML(r.Header.Get("Accept")) {
			problem.ServeHTTP(w, r)
			return
		}
		page.ServeHTTP(varyWriter{w}, r)
	})
}

// varyWriter keeps what an answer varies by beside what a page sets.
type varyWriter struct{ http.ResponseWriter }

// WriteHeader adds to the header what was there before the page.
func (v varyWriter) WriteHeader(status int) {
	v.Header().Add("Vary", "Accept")
	v.ResponseWriter.WriteHeader(status)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (v varyWriter) Unwrap() http.ResponseWriter { return v.ResponseWriter }

// prefersHTML reports whether the header Accept (RFC 9110, section 12.5.1) names
// text/html, and no JSON that is wanted more. Whoever takes anything is no browser.
func prefersHTML(accept string) bool {
	html, json := 0.0, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		mediaType, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		switch mediaType {
		case "text/html":
			html = max(html, qualityValue(params["q"]))
		case "application/json", "application/problem+json":
			json = max(json, qualityValue(params["q"]))
		}
	}
	return html > 0 && html >= json
}

// qualityValue returns a quality value, 1 where there is none.
func qualityValue(value string) float64 {
	q, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 1
	}
	return q
}

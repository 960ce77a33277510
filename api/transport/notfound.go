package transport

import (
	"mime"
	"net/http"
	"slices"
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
		if page == nil || !read || !Prefers(r, "text/html", "application/json", "application/problem+json") {
			problem.ServeHTTP(w, r)
			return
		}
		page.ServeHTTP(w, r)
	})
}

// Prefers reports whether the header Accept (RFC 9110, section 12.5.1) names the media type,
// and none of the others that is wanted more. Whoever takes anything prefers nothing.
func Prefers(r *http.Request, wanted string, others ...string) bool {
	this, other := 0.0, 0.0
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		mediaType, params, err := mime.ParseMediaType(part)
		switch {
		case err != nil:
		case mediaType == wanted:
			this = max(this, qualityValue(params["q"]))
		case slices.Contains(others, mediaType):
			other = max(other, qualityValue(params["q"]))
		}
	}
	return this > 0 && this >= other
}

// qualityValue returns a quality value, 1 where there is none.
func qualityValue(value string) float64 {
	q, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 1
	}
	return q
}

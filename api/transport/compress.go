package transport

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// compressedTypes are the media types that are compressed. Event streams are none: their events would
// wait for each other. Most pictures are compressed already.
var compressedTypes = []string{
	"application/json", "application/manifest+json", "application/problem+json", "application/yaml",
	"image/svg+xml", "text/css", "text/csv", "text/html", "text/javascript", "text/plain",
}

// compressedSuffix tells the entity tag of a compressed answer from that of the answer as it is: a
// strong tag names the bytes that are sent (RFC 9110, section 8.8.3).
const compressedSuffix = "-gzip"

// compress sends answers to GET in gzip to clients that accept it.
//
// The length of a compressed answer tells whether a secret in it is like words of whoever had the
// browser ask (BREACH). No answer here has both. Tokens, nonces and codes are in answers to POST,
// which are sent as they are. Pages are the same for everybody. What GET answers has nothing of its
// request in it but the ID of what is asked for, which its reader knows; a problem may repeat a
// word, and has no secret.
func compress(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.EnableZstd(false), gzhttp.ContentTypes(compressedTypes), gzhttp.SuffixETag(compressedSuffix))
	if err != nil {
		panic(fmt.Errorf("api: %w", err)) // the options are constants
	}
	compressed := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plainTags(r, "If-Match")
		hasCompressed := plainTags(r, "If-None-Match")
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		if !reads || isEventStream(r) {
			w.Header().Add("Vary", "Accept-Encoding") // so that all refusals are alike
			next.ServeHTTP(w, r)
			return
		}
		if hasCompressed {
			w = notModifiedWriter{w}
		}
		compressed(w, r)
	})
}

// isEventStream reports whether the answer's beginning has to be sent before there is more.
func isEventStream(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/events") }

// plainTags takes the suffix of compressed answers off the entity tags of a header, since handlers
// know the others, and reports whether there was any.
func plainTags(r *http.Request, header string) (had bool) {
	values := r.Header.Values(header)
	plain := make([]string, len(values))
	for i, value := range values {
		plain[i] = strings.ReplaceAll(value, compressedSuffix+`"`, `"`)
		had = had || plain[i] != value
	}
	if had {
		r.Header[header] = plain
	}
	return had
}

// notModifiedWriter answers a client that has the compressed answer with the tag of that one.
type notModifiedWriter struct{ http.ResponseWriter }

// WriteHeader puts the suffix on the tag of what is not modified.
func (n notModifiedWriter) WriteHeader(status int) {
	if tag := n.Header().Get("ETag"); status == http.StatusNotModified && strings.HasSuffix(tag, `"`) {
		n.Header().Set("ETag", strings.TrimSuffix(tag, `"`)+compressedSuffix+`"`)
	}
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (n notModifiedWriter) Unwrap() http.ResponseWriter { return n.ResponseWriter }

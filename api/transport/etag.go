package transport

import (
	"net/http"
	"slices"
	"strings"
)

// NotModified reports whether the client has the representation with the entity tag already, by
// If-None-Match (RFC 9110, section 13.1.2).
func NotModified(r *http.Request, tag string) bool {
	return slices.ContainsFunc(entityTags(r, "If-None-Match"), func(has string) bool {
		return has == "*" || strings.TrimPrefix(has, "W/") == tag
	})
}

// Unchanged reports whether what the client wants to change still has one of the entity tags, by
// If-Match (RFC 9110, section 13.1.1). It has for a client that does not ask.
func Unchanged(r *http.Request, tags ...string) bool {
	has := entityTags(r, "If-Match")
	return len(has) == 0 || slices.ContainsFunc(has, func(tag string) bool { return tag == "*" || slices.Contains(tags, tag) })
}

// Unconditional reports whether the client wants to change whatever there is: by an If-Match of *, or
// by none.
func Unconditional(r *http.Request) bool {
	has := entityTags(r, "If-Match")
	return len(has) == 0 || slices.Contains(has, "*")
}

// entityTags returns the entity tags of a header. Ours have no commas in them.
func entityTags(r *http.Request, header string) (tags []string) {
	for _, line := range r.Header.Values(header) {
		for tag := range strings.SplitSeq(line, ",") {
			tags = append(tags, strings.TrimSpace(tag))
		}
	}
	return tags
}

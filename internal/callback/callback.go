// Package callback is how providers call back, at /webhooks/NAME: what the HTTP surface
// hands to a provider, and what it has to know of one. Whether a request is really the
// provider's, the provider alone can tell.
package callback

import "net/http"

// Path returns the path that the provider of the name calls back at.
func Path(name string) string { return "/webhooks/" + name }

// Request is a request that a provider, or somebody who pretends to be it, has made.
type Request struct {
	// Target is the path and query, as they came.
	Target string
	Header http.Header
	Body   []byte
}

// Contract is what a provider sends, and wants to hear.
type Contract struct {
	// MediaType is the only one that bodies have; any will do when empty.
	MediaType string
	// MaxBody is the largest body that is read, in bytes; the surface's own limit when 0.
	MaxBody int64
	// Status tells the provider that its report was taken; everything else makes it
	// report again.
	Status int
	// AnswerType and Answer are what is answered with that status; nothing when empty.
	AnswerType string
	Answer     []byte
}

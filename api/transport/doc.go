// Package transport is what every resource of the HTTP API has in common: how requests
// are read, and how answers and errors are written.
//
// Start at [HandlerFunc] in respond.go: a handler returns an error, and errors.go turns
// the error's code into a status and a problem (RFC 9457). decode.go reads bodies
// strictly, validate.go checks fields, path.go and page.go read what is in the address,
// middleware.go wraps a whole surface, and limiter.go limits how often a client may come.
package transport

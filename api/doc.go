// Package api is cafeforme's HTTP API: the customer surface ([NewCustomer]) and
// the store surface ([NewStore]).
//
// openapi.yaml is its contract; the models in package spec are generated from
// it, and the tests hold every route, request and answer against it. What the
// package reads and acts through are the small interfaces in interfaces.go. One
// file holds one resource, which registers its own routes; a handler returns an
// error, and one table (errors.go) turns its code into a status.
package api

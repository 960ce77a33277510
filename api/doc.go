// Package api is cafeforme's HTTP API: the customer surface ([NewCustomer]) and
// the store surface ([NewStore]).
//
// openapi.yaml is its contract; the models in package spec are generated from it, and the
// tests hold every route, request and answer against it. Start at customer.go and
// store.go, which put the surfaces together; one file holds one resource, which registers
// its own routes. What the resources read and act through are the small interfaces in
// interfaces.go.
//
// Its rooms: transport reads requests and writes answers and errors, access tells who
// asks, live pushes changes, views says what whom is shown, backoffice changes what is sold,
// images takes and serves pictures, receipts shows what was paid, webhook takes the providers' callbacks.
package api

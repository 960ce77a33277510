// Package observability holds the dashboard and the alert rules against the
// metrics of a running café, with Prometheus's own parser. It is a module of its
// own, so that nothing of Prometheus's server is a dependency of the product.
package observability

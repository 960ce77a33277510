// Package measure measures a running system as its customers and its staff see it:
// over HTTP, beside two workflows that do as little as Temporal lets them, on the
// same server. It knows the public API, and the processes by their numbers.
//
// [Run] is the whole; docs/performance.md explains the method.
package measure

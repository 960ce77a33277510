// Package receipts is the resource /orders/{id}/receipt: what was paid for an order, and what of it
// went back, as a page for people and as JSON for programs.
package receipts

// Package views turns orders and the menu into the models of openapi.yaml, each as
// customers or the staff may see it.
//
// Start at view.go: what the staff sees, what customers see, and what only an order's own
// customer sees.
package views

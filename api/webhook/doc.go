// Package webhook receives what providers call back with, at /webhooks/NAME: the events of
// payments, the states of texts, and messages from customers. One route serves all of
// them: the provider checks who calls, and says what it sends and wants to hear.
//
// Providers repeat a callback until it is answered with success, in any order; the same
// one is taken twice without harm. Start reading at webhooks.go.
package webhook

// Package webhook receives what providers call back with: [Stripe] the events of
// payments, [Twilio] the states of texts and messages from customers.
//
// Providers repeat a callback until it is answered with success, in any order; both
// resources take the same one twice without harm.
package webhook

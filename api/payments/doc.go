// Package payments is what customers' browsers have to do with payments: what they bring back
// from a provider's page, and what the sandbox's page shows and does. Both tell the orders of it
// as the providers' webhooks do, and are believed as little.
//
// Start at returned.go; sandboxpage.go is served where the sandbox is the provider.
package payments

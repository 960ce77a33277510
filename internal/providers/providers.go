// Package providers lists the providers that cafeforme can work with. A new one is a
// folder of its own and one line here.
package providers

import (
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/notify/twilio"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/payment/toss"
)

// Payments returns the payment providers.
func Payments() payment.Registry {
	return payment.Registry{
		stripe.Provider(),
		toss.Provider(),
		sandbox.Provider(),
	}
}

// Texts returns the providers of texts.
func Texts() notify.Registry {
	return notify.Registry{
		twilio.Provider(),
		outbox.Provider(),
	}
}

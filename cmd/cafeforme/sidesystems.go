package main

import (
	"context"

	"github.com/cafeforme/cafeforme/api"
	"github.com/cafeforme/cafeforme/payments"
	"github.com/cafeforme/cafeforme/sms"
)

const (
	// defaultMethod pays for orders that name no payment method.
	defaultMethod = "pm_card_visa"
	// inspected is how much of the sandbox's past developers see.
	inspected = 100_000
)

// sideSystems are the providers of payments and texts.
type sideSystems struct {
	gateway *payments.Sandbox
	outbox  *sms.Outbox
}

// sideSystems opens the configured providers.
func (p *process) sideSystems() (sideSystems, error) {
	gateway, err := payments.NewSandbox(p.config.Sandbox)
	if err != nil {
		return sideSystems{}, err
	}
	p.opened.add("the payment sandbox", gateway.Close)
	outbox, err := sms.NewOutbox(p.config.Sandbox, p.config.PublicURL)
	if err != nil {
		return sideSystems{}, err
	}
	p.opened.add("the SMS outbox", outbox.Close)
	return sideSystems{gateway: gateway, outbox: outbox}, nil
}

// inspection lets developers look into the side systems, as the API wants it.
type inspection struct{ sideSystems }

// Messages returns the texts on the sandbox phone.
func (i inspection) Messages(ctx context.Context) ([]api.Message, error) {
	kept, err := i.outbox.Messages(ctx, inspected)
	messages := make([]api.Message, len(kept))
	for n, message := range kept {
		messages[n] = api.Message(message)
	}
	return messages, err
}

// Payments returns the movements of money at the sandbox gateway.
func (i inspection) Payments(ctx context.Context) ([]api.Payment, error) {
	kept, err := i.gateway.Payments(ctx, inspected)
	movements := make([]api.Payment, len(kept))
	for n, movement := range kept {
		movements[n] = api.Payment(movement)
	}
	return movements, err
}

package main

import (
	"context"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/api"
	"github.com/cafeforme/cafeforme/db"
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
	// outbox is nil when texts go through a real provider.
	outbox *sms.Outbox
	sender textSender
	// webhook takes what the provider of the texts calls back with; nil for none.
	webhook api.TextWebhook
}

// textSender sends the texts of orders, and one-time codes.
type textSender interface {
	activities.Sender
	api.CodeSender
}

// sideSystems opens the configured providers. What they have to remember between
// processes is in the database.
func (p *process) sideSystems(database *db.DB) (sideSystems, error) {
	gateway, err := payments.NewSandbox(p.config.Sandbox)
	if err != nil {
		return sideSystems{}, err
	}
	p.opened.add("the payment sandbox", gateway.Close)
	side := sideSystems{gateway: gateway}
	err = p.openTexts(database, &side)
	return side, err
}

// openTexts adds whoever sends the texts.
func (p *process) openTexts(database *db.DB, side *sideSystems) error {
	if t := p.config.Twilio; t.On {
		twilio, err := sms.NewTwilio(sms.TwilioConfig{
			AccountSID: t.AccountSID, AuthToken: t.AuthToken, From: t.From, APIBase: t.APIBase,
			PublicURL: p.config.PublicURL, Ledger: database,
		})
		side.sender, side.webhook = twilio, twilio
		return err
	}
	outbox, err := sms.NewOutbox(p.config.Sandbox, p.config.PublicURL)
	if err != nil {
		return err
	}
	p.opened.add("the SMS outbox", outbox.Close)
	side.outbox, side.sender = outbox, outbox
	return nil
}

// inspection lets developers look into the side systems, as the API wants it.
type inspection struct{ sideSystems }

// Messages returns the texts on the sandbox phone: none, when they go to real ones.
func (i inspection) Messages(ctx context.Context) ([]api.Message, error) {
	if i.outbox == nil {
		return nil, nil
	}
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

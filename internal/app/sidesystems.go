package app

import (
	"context"
	"io"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/api"
	"github.com/cafeforme/cafeforme/api/webhook"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// inspected is how much of the sandbox's past developers see.
const inspected = 100_000

// sideSystems are the providers of payments and texts.
type sideSystems struct {
	gateways *payment.Gateways
	// provider sends the texts, and sender those that the limits allow.
	provider, sender notify.Sender
	// textsThrough is the provider's name.
	textsThrough string
}

// sideSystems opens the configured providers. What they have to remember between
// processes is in the database.
func (p *Process) sideSystems(database *storage.DB) (side sideSystems, err error) {
	side.gateways, err = p.Config.Payments.Open(payment.Deps{Sandbox: p.Config.Sandbox, Transport: p.traces.Transport()})
	if err != nil {
		return sideSystems{}, err
	}
	p.opened.Add("the payment providers", side.gateways.Close)
	err = p.openTexts(database, &side)
	return side, err
}

// openTexts adds whoever sends the texts.
func (p *Process) openTexts(database *storage.DB, side *sideSystems) (err error) {
	side.textsThrough = p.Config.Texts.Name
	side.provider, err = p.Config.Texts.Open(notify.Deps{
		PublicURL: p.Config.PublicURL, Sandbox: p.Config.Sandbox, Ledger: database, Transport: p.traces.Transport(),
		Misconfigured: p.misconfigured(order.EffectSMS),
	})
	if err != nil {
		return err
	}
	if file, ok := side.provider.(io.Closer); ok {
		p.opened.Add("the provider of texts", file.Close)
	}
	side.sender = p.limited(side.provider, database)
	return nil
}

// limited returns what sends texts through the sender as far as the limits allow.
func (p *Process) limited(sender notify.Sender, database *storage.DB) notify.Sender {
	return smslimit.NewSender(smslimit.Config{
		Next: sender, Ledger: database, Limits: p.Config.SMSLimits, Countries: p.Config.SMSCountries,
		Limited: p.metrics.TextLimited, CodeSent: p.metrics.CodeSent, Log: p.log,
	})
}

// misconfigured returns what counts and logs a fault of our set-up with the effect's
// provider that no activity reports, as if one had.
func (p *Process) misconfigured(effect string) func(context.Context, error) {
	return func(ctx context.Context, err error) {
		if handler := p.metrics.Temporal(); handler != nil {
			handler.WithTags(activities.Labels(effect, activities.Misconfigured)).Counter(activities.EffectsMetric).Inc(1)
		}
		p.log.ErrorContext(ctx, "a provider cannot be used as it is set up", "effect", effect, "error", err)
	}
}

// Amounts returns what the provider of payments wants of amounts: also in the
// store's process, which pays nobody, but sets the prices.
func (p *Process) Amounts() money.Provider {
	provider, _ := p.Config.Payments.Chosen()
	return provider.Amounts
}

// provider names the payment provider that new orders are paid through.
func (p *Process) provider() string {
	provider, _ := p.Config.Payments.Chosen()
	return provider.Name
}

// defaultMethod pays for orders that name no payment method; empty where customers have
// to name theirs.
func (p *Process) defaultMethod() string {
	_, account := p.Config.Payments.Chosen()
	return account.DefaultMethod()
}

// webhooks returns the providers that call back, and who has to know what they report.
func (s sideSystems) webhooks(orders *orderclient.Client, database *storage.DB) webhook.Providers {
	providers := webhook.Providers{
		Payments: map[string]webhook.PaymentProvider{}, Texts: map[string]webhook.TextReceiver{}, Orders: orders, Events: database,
	}
	for name, reader := range s.gateways.EventReaders() {
		providers.Payments[name] = reader
	}
	if receiver, ok := s.provider.(notify.Receiver); ok {
		providers.Texts[s.textsThrough] = receiver
	}
	return providers
}

// inspection lets developers look into the side systems, as the API wants it.
type inspection struct{ sideSystems }

// Messages returns the texts on the sandbox phone: none, when they go to real ones.
func (i inspection) Messages(ctx context.Context) ([]api.Message, error) {
	outbox, ok := i.provider.(notify.Outbox)
	if !ok {
		return nil, nil
	}
	kept, err := outbox.Messages(ctx, inspected)
	messages := make([]api.Message, len(kept))
	for n, message := range kept {
		messages[n] = api.Message(message)
	}
	return messages, err
}

// Payments returns the movements of money at the sandbox gateway: none when
// payments are real.
func (i inspection) Payments(ctx context.Context) ([]payment.Movement, error) {
	return i.gateways.Payments(ctx, inspected)
}

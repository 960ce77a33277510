package app

import (
	"context"
	"net/http"
	"time"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/api"
	"github.com/cafeforme/cafeforme/api/webhook"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/notify/twilio"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// testMethod is a card of the sandbox, and of Stripe's test mode.
	testMethod = "pm_card_visa"
	// inspected is how much of the sandbox's past developers see.
	inspected = 100_000
)

// sideSystems are the providers of payments and texts.
type sideSystems struct {
	gateway gateway
	// sandbox is the gateway itself, and nil when payments are real.
	sandbox *sandbox.Gateway
	// stripe is the gateway itself, and nil when payments are not Stripe's.
	stripe *stripe.Gateway
	// outbox is nil when texts go through a real provider.
	outbox *outbox.Sender
	sender textSender
	// webhook takes what the provider of the texts calls back with; nil for none.
	webhook webhook.TextReceiver
}

// gateway is a payment gateway, with its books.
type gateway interface {
	activities.Gateway
	KnownMethod(token string) bool
	Books
}

// Books are where the movements of money can be read.
type Books interface {
	MovementsOf(ctx context.Context, orderIDs []string) ([]payment.Movement, error)
	OrdersSince(ctx context.Context, since time.Time) ([]string, error)
}

// textSender sends the texts of orders, and one-time codes.
type textSender interface {
	activities.Sender
	api.CodeSender
}

// sideSystems opens the configured providers. What they have to remember between
// processes is in the database.
func (p *Process) sideSystems(database *storage.DB) (side sideSystems, err error) {
	if err := p.openGateway(&side); err != nil {
		return sideSystems{}, err
	}
	err = p.openTexts(database, &side)
	return side, err
}

// openTexts adds whoever sends the texts.
func (p *Process) openTexts(database *storage.DB, side *sideSystems) error {
	if t := p.Config.Twilio; t.On {
		sender, err := twilio.New(twilio.Config{
			AccountSID: t.AccountSID, AuthToken: t.AuthToken, From: t.From, APIBase: t.APIBase,
			PublicURL: p.Config.PublicURL, Ledger: database, Transport: p.traces.Transport(),
			Misconfigured: p.misconfigured(order.EffectSMS),
		})
		side.sender, side.webhook = p.limited(sender, database), sender
		return err
	}
	phone, err := outbox.Open(p.Config.Sandbox, p.Config.PublicURL)
	if err != nil {
		return err
	}
	p.opened.Add("the SMS outbox", phone.Close)
	side.outbox, side.sender = phone, p.limited(phone, database)
	return nil
}

// limited returns what sends texts through the sender as far as the limits allow.
func (p *Process) limited(sender textSender, database *storage.DB) textSender {
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

// openGateway opens Stripe or the sandbox.
func (p *Process) openGateway(side *sideSystems) error {
	if account := p.Config.Stripe; account != nil {
		side.stripe = NewStripe(account, p.traces.Transport())
		side.gateway = side.stripe
		return nil
	}
	gateway, err := sandbox.Open(p.Config.Sandbox)
	if err != nil {
		return err
	}
	p.opened.Add("the payment sandbox", gateway.Close)
	side.gateway, side.sandbox = gateway, gateway
	return nil
}

// NewStripe returns the gateway of the account, which is called through the
// transport; through the usual one when that is nil.
func NewStripe(account *config.Stripe, transport http.RoundTripper) *stripe.Gateway {
	return stripe.New(stripe.Config{
		APIKey: account.APIKey, WebhookSecret: account.WebhookSecret,
		PublishableKey: account.PublishableKey, APIBase: account.APIBase, Transport: transport,
	})
}

// Amounts returns what the provider of payments wants of amounts: also in the
// store's process, which pays nobody, but sets the prices.
func (p *Process) Amounts() money.Provider {
	if p.Config.Stripe != nil {
		return money.Stripe
	}
	return money.Provider{}
}

// paymentEvents returns who has to know what Stripe reports; nil when Stripe has
// no part in payments.
func (s sideSystems) paymentEvents(orders *orderclient.Client, database *storage.DB) *webhook.PaymentEvents {
	if s.stripe == nil {
		return nil
	}
	return &webhook.PaymentEvents{Provider: s.stripe, Orders: orders, Events: database}
}

// defaultMethod pays for orders that name no payment method. Real money takes a
// real one: there is none then, and customers have to name theirs.
func (p *Process) defaultMethod() string {
	if p.Config.Stripe != nil && !p.Config.Stripe.TestMode() {
		return ""
	}
	return testMethod
}

// methods lists the payment methods that pages offer, the default first. Real
// cards are the business of their provider's own form.
func (s sideSystems) methods() []string {
	if s.sandbox == nil {
		return nil
	}
	return s.sandbox.Methods()
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

// Payments returns the movements of money at the sandbox gateway: none when
// payments are real.
func (i inspection) Payments(ctx context.Context) ([]api.Payment, error) {
	if i.sandbox == nil {
		return []api.Payment{}, nil
	}
	kept, err := i.sandbox.Payments(ctx, inspected)
	movements := make([]api.Payment, len(kept))
	for n, movement := range kept {
		movements[n] = api.Payment(movement)
	}
	return movements, err
}

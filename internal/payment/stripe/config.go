package stripe

import (
	"errors"
	"strings"

	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// The variables of Stripe.
const (
	keyVariable         = "STRIPE_API_KEY"
	webhookVariable     = "STRIPE_WEBHOOK_SECRET"
	publishableVariable = "STRIPE_PUBLISHABLE_KEY"
	baseVariable        = "STRIPE_API_BASE"
)

// Provider describes Stripe to the registry.
func Provider() payment.Provider {
	return payment.Provider{
		Name: "stripe", Title: "Stripe", Amounts: Amounts, Secrets: []string{keyVariable, webhookVariable}, Configure: readAccount,
	}
}

// Account is the account with Stripe that payments go to: what variables say of a
// [Config]. The key is empty for the processes that can do without, and where Stripe is
// not used.
type Account Config

// readAccount reads the account. Whoever calls Stripe needs the key: workers charge, and the
// customer surface asks about events. Only who gets events checks their signatures.
func readAccount(r *env.Reader, use payment.Use) payment.Account {
	account := &Account{
		APIKey: r.Text(keyVariable), WebhookSecret: r.Text(webhookVariable), PublishableKey: r.Text(publishableVariable),
	}
	if !use.Chosen && account.APIKey == "" {
		return account
	}
	account.APIBase = r.APIBase(baseVariable)
	if account.APIKey == "" && use.Calls {
		r.Mistake(keyVariable, "is missing: payments through Stripe need the account's secret key (sk_...)")
	}
	if strings.HasPrefix(account.APIKey, "pk_") {
		r.Mistake(keyVariable, "is a publishable key, want a secret one (sk_...) or a restricted one (rk_...)")
	}
	if account.WebhookSecret == "" && use.Chosen && use.Events {
		r.Mistake(webhookVariable, "is missing: it checks the events that Stripe sends (whsec_...)")
	}
	account.checkPublishableKey(r)
	return account
}

func (a *Account) checkPublishableKey(r *env.Reader) {
	if a.PublishableKey != "" && !strings.HasPrefix(a.PublishableKey, "pk_") {
		// The value is not repeated: it may be a secret key, which every customer
		// would be shown.
		r.Mistake(publishableVariable, "is not a publishable key (pk_...)")
	}
	if secret, public := keyMode(a.APIKey), keyMode(a.PublishableKey); secret != "" && public != "" && secret != public {
		// What the page makes with one, the other does not find: every card would be
		// an unknown one.
		r.Mistake(publishableVariable, "is of another mode than %s: both are of the test mode (_test_), or both of the live mode (_live_)", keyVariable)
	}
}

// Unusable says which variable is to be set; nil when there is a key.
func (a *Account) Unusable(payment.Deps) error {
	if a.APIKey == "" {
		return errors.New(keyVariable + " is not set: compare with Stripe's Dashboard, by the metadata order_id")
	}
	return nil
}

// Open returns the gateway to the account. Nothing is contacted yet.
func (a *Account) Open(deps payment.Deps) (payment.Gateway, error) {
	config := Config(*a)
	config.Transport = deps.Transport
	return New(config), nil
}

// DefaultMethod is Stripe's own page.
func (*Account) DefaultMethod() string { return order.MethodRedirect }

// keyMode returns the mode that a key of Stripe's is of: "test" or "live"; empty when it
// does not say (https://docs.stripe.com/keys).
func keyMode(key string) string {
	parts := strings.SplitN(key, "_", 3)
	if len(parts) == 3 && (parts[1] == "test" || parts[1] == "live") {
		return parts[1]
	}
	return ""
}

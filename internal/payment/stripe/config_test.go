package stripe_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/order"
)

// configured returns the account of the variables, and what is wrong with them.
func configured(use payment.Use, environ ...string) (payment.Account, error) {
	r := env.NewReader(environ, stripe.Provider().Secrets)
	account := stripe.Provider().Configure(r, use)
	return account, r.Err()
}

// serving takes part in everything.
var serving = payment.Use{Chosen: true, Calls: true, Events: true}

func TestTheAccountIsThatOfTheVariables(t *testing.T) {
	t.Parallel()
	account, err := configured(serving, "STRIPE_API_KEY=rk_test_1", "STRIPE_WEBHOOK_SECRET=whsec_1",
		"STRIPE_PUBLISHABLE_KEY=pk_test_1", "STRIPE_API_BASE=http://127.0.0.1:12111")
	require.NoError(t, err)
	require.Equal(t, &stripe.Account{
		APIKey: "rk_test_1", WebhookSecret: "whsec_1", PublishableKey: "pk_test_1", APIBase: "http://127.0.0.1:12111",
	}, account)
	require.NoError(t, account.Unusable(payment.Deps{}))
}

func TestMistakesInTheVariables(t *testing.T) {
	t.Parallel()
	for want, environ := range map[string][]string{
		"STRIPE_API_KEY is missing":                             {"STRIPE_WEBHOOK_SECRET=whsec_1"},
		"STRIPE_API_KEY is a publishable key":                   {"STRIPE_WEBHOOK_SECRET=whsec_1", "STRIPE_API_KEY=pk_live_1"},
		"STRIPE_WEBHOOK_SECRET is missing":                      {"STRIPE_API_KEY=sk_test_1"},
		"STRIPE_PUBLISHABLE_KEY is not a publishable key":       {"STRIPE_API_KEY=sk_test_1", "STRIPE_WEBHOOK_SECRET=whsec_1", "STRIPE_PUBLISHABLE_KEY=sk_test_secret"},
		"STRIPE_PUBLISHABLE_KEY is of another mode":             {"STRIPE_API_KEY=rk_live_1", "STRIPE_WEBHOOK_SECRET=whsec_1", "STRIPE_PUBLISHABLE_KEY=pk_test_1"},
		`STRIPE_API_BASE is "localhost:12111", want an address`: {"STRIPE_API_KEY=sk_test_1", "STRIPE_WEBHOOK_SECRET=whsec_1", "STRIPE_API_BASE=localhost:12111"},
	} {
		_, err := configured(serving, environ...)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "sk_test_secret", "everybody would see it")
	}
}

// Orders that were paid through it before are why it is there.
func TestAnAccountThatIsNotChosenNeedsItsKeyAlone(t *testing.T) {
	t.Parallel()
	use := serving
	use.Chosen = false
	unset, err := configured(use)
	require.NoError(t, err)
	require.ErrorContains(t, unset.Unusable(payment.Deps{}), "STRIPE_API_KEY is not set")
	set, err := configured(use, "STRIPE_API_KEY=sk_live_1")
	require.NoError(t, err)
	require.NoError(t, set.Unusable(payment.Deps{}))
	gateway, err := set.Open(payment.Deps{})
	require.NoError(t, err)
	_, armed := gateway.(payment.EventReader).Webhook()
	require.False(t, armed, "no signature could be checked")
}

func TestCustomersPayOnStripesPageUnlessTheySayOtherwise(t *testing.T) {
	t.Parallel()
	require.Equal(t, order.MethodRedirect, (&stripe.Account{APIKey: "sk_live_1"}).DefaultMethod())
}

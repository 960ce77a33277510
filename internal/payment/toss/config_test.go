package toss_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/toss"
)

// configured returns the account of the variables, and what is wrong with them.
func configured(use payment.Use, environ ...string) (payment.Account, error) {
	r := env.NewReader(environ, toss.Provider().Secrets)
	account := toss.Provider().Configure(r, use)
	return account, r.Err()
}

// serving takes part in everything.
var serving = payment.Use{Chosen: true, Calls: true, Events: true}

func TestTheAccountIsThatOfTheVariables(t *testing.T) {
	t.Parallel()
	account, err := configured(serving, "TOSS_CLIENT_KEY=test_ck_1", "TOSS_SECRET_KEY=test_sk_1", "TOSS_API_BASE=http://127.0.0.1:9999")
	require.NoError(t, err)
	require.Equal(t, &toss.Account{ClientKey: "test_ck_1", SecretKey: "test_sk_1", APIBase: "http://127.0.0.1:9999"}, account)
	require.NoError(t, account.Unusable(payment.Deps{}))
	require.Equal(t, "redirect", account.DefaultMethod())
}

func TestMistakesInTheVariables(t *testing.T) {
	t.Parallel()
	const client, secret = "TOSS_CLIENT_KEY=test_ck_1", "TOSS_SECRET_KEY=test_sk_secret"
	for want, environ := range map[string][]string{
		"TOSS_SECRET_KEY is missing":                              {client},
		"TOSS_CLIENT_KEY is missing":                              {secret},
		"TOSS_SECRET_KEY is a client key":                         {client, "TOSS_SECRET_KEY=test_ck_2"},
		"TOSS_SECRET_KEY is a key of the payment widget":          {client, "TOSS_SECRET_KEY=test_gsk_2"},
		"TOSS_CLIENT_KEY is not the client key":                   {secret, "TOSS_CLIENT_KEY=test_sk_secret"},
		"TOSS_CLIENT_KEY is of another mode than TOSS_SECRET_KEY": {secret, "TOSS_CLIENT_KEY=live_ck_1"},
		`TOSS_API_BASE is "localhost:1", want an address`:         {client, secret, "TOSS_API_BASE=localhost:1"},
	} {
		_, err := configured(serving, environ...)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "test_sk_secret", "everybody would see it")
	}
}

// Orders that were paid through it before are why it is there.
func TestAnAccountThatIsNotChosenNeedsItsSecretAlone(t *testing.T) {
	t.Parallel()
	use := serving
	use.Chosen = false
	unset, err := configured(use)
	require.NoError(t, err)
	require.ErrorContains(t, unset.Unusable(payment.Deps{}), "TOSS_SECRET_KEY is not set")
	set, err := configured(use, "TOSS_SECRET_KEY=live_sk_1")
	require.NoError(t, err)
	gateway, err := set.Open(payment.Deps{})
	require.NoError(t, err)
	require.True(t, gateway.KnownMethod("redirect"))
}

// The store's processes charge nobody.
func TestAProcessThatCallsNobodyNeedsNoKeys(t *testing.T) {
	t.Parallel()
	_, err := configured(payment.Use{Chosen: true})
	require.NoError(t, err)
}

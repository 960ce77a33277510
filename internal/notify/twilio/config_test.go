package twilio_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/twilio"
)

const (
	accountSID = "AC0123456789abcdef0123456789abcdef"
	messaging  = "MG0123456789abcdef0123456789abcdef"
)

// configured returns the account of the variables, and what is wrong with them. A
// variable without a value is unset.
func configured(changes ...string) (notify.Account, error) {
	environ := env.Environ{"TWILIO_ACCOUNT_SID=" + accountSID, "TWILIO_AUTH_TOKEN=secret", "TWILIO_FROM=+15005550006"}
	r := env.NewReader(slices.Concat(environ, changes), twilio.Provider().Secrets)
	account := twilio.Provider().Configure(r)
	return account, r.Err()
}

func TestTheAccountIsThatOfTheVariables(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"+15005550006", messaging} {
		account, err := configured("TWILIO_FROM="+from, "TWILIO_API_BASE=http://127.0.0.1:9999")
		require.NoError(t, err)
		require.Equal(t, &twilio.Account{AccountSID: accountSID, AuthToken: "secret", From: from, APIBase: "http://127.0.0.1:9999"}, account)
	}
}

func TestMistakesInTheVariables(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]string{
		"TWILIO_ACCOUNT_SID=":           "TWILIO_ACCOUNT_SID is missing",
		"TWILIO_AUTH_TOKEN=":            "TWILIO_AUTH_TOKEN is missing",
		"TWILIO_FROM=":                  "TWILIO_FROM is missing",
		"TWILIO_ACCOUNT_SID=AC0123":     "TWILIO_ACCOUNT_SID is not valid, want AC",
		"TWILIO_AUTH_TOKEN=very secret": "TWILIO_AUTH_TOKEN is not valid",
		"TWILIO_FROM=010-1234-5678":     "TWILIO_FROM is not valid, want a phone number",
		"TWILIO_API_BASE=twilio":        `TWILIO_API_BASE is "twilio", want an address`,
	} {
		_, err := configured(change)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "secret", "a secret is not repeated")
	}
}

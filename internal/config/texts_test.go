package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/notify/twilio"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/internal/smslimit"
)

// throughTwilio is an environment that sends texts through Twilio.
func throughTwilio(others ...string) config.Environ {
	return append(config.Environ{
		"DATABASE_URL=postgres://db/cafe", "CAFEFORME_STAFF_TOKEN=" + staffToken, "CAFEFORME_SMS=twilio",
		"CAFEFORME_PAYMENTS=stripe", "STRIPE_API_KEY=sk_test_1", "STRIPE_WEBHOOK_SECRET=whsec_1",
		"CAFEFORME_PUBLIC_URL=https://cafe.example", "TWILIO_ACCOUNT_SID=AC0123456789abcdef0123456789abcdef",
		"TWILIO_AUTH_TOKEN=secret", "TWILIO_FROM=+15005550006",
	}, others...)
}

// without returns the environment without a variable.
func without(environ config.Environ, name string) config.Environ {
	return slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}

func TestTextsThroughTwilio(t *testing.T) {
	t.Parallel()
	for _, process := range []config.Process{config.Dev, config.API, config.Worker} {
		c, err := config.Load(throughTwilio("TWILIO_API_BASE=http://127.0.0.1:9999"), process)
		require.NoError(t, err)
		require.Equal(t, "twilio", c.Texts.Name)
		require.Equal(t, &twilio.Account{
			AccountSID: "AC0123456789abcdef0123456789abcdef", AuthToken: "secret", From: "+15005550006", APIBase: "http://127.0.0.1:9999",
		}, c.Texts.Account())
	}
}

func TestProcessesThatSendNothingNeedNoTwilio(t *testing.T) {
	t.Parallel()
	for _, process := range []config.Process{config.Store, config.Migrate, config.Operator} {
		c, err := config.Load(config.Environ{
			"DATABASE_URL=postgres://db/cafe", "CAFEFORME_STAFF_TOKEN=" + staffToken, "CAFEFORME_SMS=twilio",
			"CAFEFORME_PAYMENTS=stripe", "STRIPE_API_KEY=sk_test_1", "STRIPE_WEBHOOK_SECRET=whsec_1",
		}, process)
		require.NoError(t, err)
		require.Equal(t, "twilio", c.Texts.Name)
		require.Nil(t, c.Texts.Account())
	}
	c, err := config.Load(without(throughTwilio("TWILIO_FROM=nonsense"), "CAFEFORME_SMS"), config.Worker)
	require.NoError(t, err)
	require.Equal(t, "outbox", c.Texts.Name)
}

func TestTwilioNeedsAPublicAddress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environ config.Environ
		want    string
	}{
		"no public address": {without(throughTwilio(), "CAFEFORME_PUBLIC_URL"), "CAFEFORME_PUBLIC_URL is missing: with CAFEFORME_SMS=twilio"},
		"a wrong public address is one mistake": {
			throughTwilio("CAFEFORME_PUBLIC_URL=cafe.example"), "the configuration is wrong: CAFEFORME_PUBLIC_URL cannot be used",
		},
		"and so are those of Twilio itself": {throughTwilio("TWILIO_FROM=010-1234-5678"), "the configuration is wrong: TWILIO_FROM is not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(test.environ, config.Worker)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestTextsGoToTheConfiguredCountries(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]phone.Countries{"": {"KR"}, "JP": {"JP"}, "kr, us": {"KR", "US"}} {
		for _, process := range []config.Process{config.Dev, config.API, config.Worker} {
			c, err := config.Load(config.Environ{postgres, "CAFEFORME_PAYMENTS=sandbox", "CAFEFORME_SMS_COUNTRIES=" + value}, process)
			require.NoError(t, err)
			require.Equal(t, want, c.SMSCountries)
		}
	}
	_, err := config.Load(config.Environ{"CAFEFORME_SMS_COUNTRIES=Korea"}, config.Dev)
	require.ErrorContains(t, err, `CAFEFORME_SMS_COUNTRIES names what cannot be used: "Korea" is not a country code`)
}

// Requests without limits are no reason to pay for any number of texts.
func TestRealTextsAreLimitedUnlessTheVariableSaysOff(t *testing.T) {
	t.Parallel()
	codes := smslimit.Default.Codes
	for environ, want := range map[string]smslimit.Limits{
		"": smslimit.Default, "CAFEFORME_RATE_LIMIT=off": smslimit.Default, "CAFEFORME_RATE_LIMIT=9,phone=off": smslimit.Default,
		"CAFEFORME_SMS_LIMIT=off":                                         {},
		"CAFEFORME_SMS_LIMIT=phone=5,total=9":                             {Orders: smslimit.Quota{Phone: 5, Prefix: 1500, Country: 2500, Total: 9}, Codes: codes},
		"CAFEFORME_RATE_LIMIT=off CAFEFORME_SMS_LIMIT=phone=5,prefix=off": {Orders: smslimit.Quota{Phone: 5, Country: 2500, Total: 3000}, Codes: codes},
	} {
		for _, process := range []config.Process{config.Dev, config.API, config.Worker} {
			c, err := config.Load(throughTwilio(strings.Fields(environ)...), process)
			require.NoError(t, err)
			require.Equal(t, want, c.SMSLimits, environ)
		}
	}
	_, err := config.Load(config.Environ{"CAFEFORME_SMS_LIMIT=member=5"}, config.Dev)
	require.ErrorContains(t, err, `CAFEFORME_SMS_LIMIT names "member", want phone, day, prefix, country or total`)
}

func TestTheOutboxHasTheLimitsThatAreNamed(t *testing.T) {
	t.Parallel()
	for value, off := range map[string]bool{"": true, "off": true, "phone=5": false} {
		for _, process := range []config.Process{config.Dev, config.API, config.Worker} {
			c, err := config.Load(config.Environ{postgres, "CAFEFORME_PAYMENTS=sandbox", "CAFEFORME_SMS_LIMIT=" + value}, process)
			require.NoError(t, err)
			require.Equal(t, off, c.SMSLimits.Off(), value)
		}
	}
}

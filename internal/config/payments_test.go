package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
)

// serving are the processes that customers' money and coffee go through.
var serving = []config.Process{config.API, config.Store, config.Worker}

// required are the variables that no process of production starts without.
func required(others ...string) config.Environ {
	return append(config.Environ{postgres, "CAFEFORME_STAFF_TOKEN=" + staffToken, "CAFEFORME_PAYMENTS=sandbox"}, others...)
}

func TestAForgottenProviderOfPaymentsStopsTheStart(t *testing.T) {
	t.Parallel()
	for _, process := range serving {
		for _, environ := range []config.Environ{without(required(), "CAFEFORME_PAYMENTS"), append(required(), "CAFEFORME_PAYMENTS=")} {
			_, err := config.Load(environ, process)
			require.ErrorContains(t, err, "CAFEFORME_PAYMENTS is missing", process)
		}
		_, err := config.Load(required(), process)
		require.NoError(t, err, process)
	}
	for _, process := range []config.Process{config.Dev, config.Migrate, config.Operator} {
		_, err := config.Load(config.Environ{postgres}, process)
		require.NoError(t, err, process)
	}
}

// Each process needs the variables of what it does.
func TestAProcessNeedsWhatItDoesWithTheProvider(t *testing.T) {
	t.Parallel()
	const key, secret = "STRIPE_API_KEY is missing", "STRIPE_WEBHOOK_SECRET is missing"
	for process, missing := range map[config.Process][]string{
		config.Dev: {key, secret}, config.API: {key, secret}, config.Worker: {key}, config.Store: nil, config.Migrate: nil, config.Operator: nil,
	} {
		c, err := config.Load(required("CAFEFORME_PAYMENTS=stripe"), process)
		if missing == nil {
			require.NoError(t, err, process)
			provider, _ := c.Payments.Chosen()
			require.Equal(t, "stripe", provider.Name)
			continue
		}
		for _, mistake := range missing {
			require.ErrorContains(t, err, mistake, process)
		}
	}
}

// A variable that nothing sets keeps the provider that needs none.
func TestTheSandboxIsChosenWhereNothingElseIs(t *testing.T) {
	t.Parallel()
	for _, environ := range []config.Environ{{"STRIPE_API_KEY=sk_live_1"}, {"CAFEFORME_PAYMENTS=sandbox"}} {
		c, err := config.Load(environ, config.Dev)
		require.NoError(t, err)
		provider, account := c.Payments.Chosen()
		require.Equal(t, "sandbox", provider.Name)
		require.Equal(t, "pm_card_visa", account.DefaultMethod())
	}
}

func TestRealTextsOfPaymentsThatAreNoneStopTheStart(t *testing.T) {
	t.Parallel()
	for _, process := range serving {
		_, err := config.Load(throughTwilio("CAFEFORME_PAYMENTS=sandbox"), process)
		require.ErrorContains(t, err, `CAFEFORME_PAYMENTS is "sandbox" and CAFEFORME_SMS is "twilio"`, process)
	}
	_, err := config.Load(throughTwilio("CAFEFORME_PAYMENTS=sandbox"), config.Dev)
	require.NoError(t, err, "developers may send themselves texts")
}

func TestWhatProductionShouldNotGoWithoutIsWarnedOf(t *testing.T) {
	t.Parallel()
	for _, process := range serving {
		c, err := config.Load(required(), process)
		require.NoError(t, err)
		warnings := strings.Join(c.Warnings, "\n")
		require.Contains(t, warnings, "CAFEFORME_ENCRYPTION_KEYS is not set", process)
		require.Contains(t, warnings, "CAFEFORME_PUBLIC_URL is not set", process)

		c, err = config.Load(required("CAFEFORME_ENCRYPTION_KEYS="+key, "CAFEFORME_PUBLIC_URL=https://cafe.example"), process)
		require.NoError(t, err)
		require.Empty(t, c.Warnings, process)
	}
	for _, process := range []config.Process{config.Dev, config.Migrate, config.Operator} {
		c, err := config.Load(config.Environ{postgres}, process)
		require.NoError(t, err)
		require.Empty(t, c.Warnings, process)
	}
}

func TestProxiesThatAreEverybodyAreRefused(t *testing.T) {
	t.Parallel()
	for _, everybody := range []string{"0.0.0.0/0", "::/0", "10.0.0.0/8,0.0.0.0/0", "0.0.0.0/1,128.0.0.0/1", "2000::/3", "::ffff:0:0/96"} {
		_, err := config.Load(required("CAFEFORME_TRUSTED_PROXIES="+everybody), config.API)
		require.ErrorContains(t, err, "CAFEFORME_TRUSTED_PROXIES", everybody)
		require.ErrorContains(t, err, "which lets anybody choose the address that limits count by", everybody)
	}
	for _, ours := range []string{"10.0.0.0/8", "fc00::/7", "192.0.2.1", "2001:db8::1"} {
		_, err := config.Load(required("CAFEFORME_TRUSTED_PROXIES="+ours), config.API)
		require.NoError(t, err, ours)
	}
}

func TestAStaffTokenThatCanBeGuessedIsRefused(t *testing.T) {
	t.Parallel()
	for _, process := range []config.Process{config.Dev, config.Store} {
		for _, short := range []string{"hunter2", "mina:hunter2", staffToken + ",mina:123456789012345"} {
			_, err := config.Load(append(required(), "CAFEFORME_STAFF_TOKEN="+short), process)
			require.ErrorContains(t, err, "CAFEFORME_STAFF_TOKEN has a token of fewer than 16 characters", short)
			require.NotContains(t, err.Error(), "hunter2")
		}
	}
	_, err := config.Load(append(required(), "CAFEFORME_STAFF_TOKEN=mina:1234567890123456"), config.Store)
	require.NoError(t, err)
}

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/payment"
)

// secretFile writes a secret into a file of the test, and returns its path.
func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestEverySecretMayComeFromAFile(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"DATABASE_URL":              "postgres://cafe:secret@db/cafe",
		"TEMPORAL_API_KEY":          "key-of-the-tests",
		"CAFEFORME_STAFF_TOKEN":     staffToken,
		"CAFEFORME_ID_SECRET":       "secret-of-the-tests",
		"CAFEFORME_ENCRYPTION_KEYS": key,
		"CAFEFORME_CODEC_TOKEN":     "0123456789abcdef",
		"STRIPE_API_KEY":            "sk_test_1",
		"STRIPE_WEBHOOK_SECRET":     "whsec_1",
		"TOSS_SECRET_KEY":           "test_sk_1",
		"TWILIO_AUTH_TOKEN":         "0123",
	}
	require.ElementsMatch(t, config.SecretNames(), sortedKeys(values), "each secret has a case here")
	environ := config.Environ{
		"TEMPORAL_ADDRESS=temporal:7233", "CAFEFORME_PAYMENTS=stripe", "CAFEFORME_SMS=twilio", "CAFEFORME_PUBLIC_URL=https://cafe.example",
		"TWILIO_ACCOUNT_SID=AC" + strings.Repeat("0", 32), "TWILIO_FROM=+15005550006",
	}
	inFiles, inVariables := environ, environ
	for name, value := range values {
		inFiles = append(inFiles, name+"_FILE="+secretFile(t, value+"\n"))
		inVariables = append(inVariables, name+"="+value)
	}
	want, err := config.Load(inVariables, config.API)
	require.NoError(t, err)
	got, err := config.Load(inFiles, config.API)
	require.NoError(t, err)
	require.Empty(t, got.Warnings)
	require.NotNil(t, got.Temporal.Options.Credentials)
	require.True(t, got.Encryption.Encrypts())
	for _, read := range []func(config.Config) any{
		func(c config.Config) any { return c.Payments.Account("stripe") },
		func(c config.Config) any { return c.Payments.Account("toss") }, func(c config.Config) any { return c.Texts.Account() },
	} {
		require.Equal(t, read(want), read(got))
	}
	for _, c := range []*config.Config{&want, &got} { // functions are never equal
		c.Payments = payment.Accounts{}
		c.Temporal.Options.Credentials, c.Temporal.Options.DataConverter, c.Temporal.Options.FailureConverter = nil, nil, nil
		c.Encryption = nil
	}
	require.Equal(t, want, got)
}

func sortedKeys(values map[string]string) (names []string) {
	for name := range values {
		names = append(names, name)
	}
	return names
}

func TestASecretFileThatCannotBeUsedIsReportedWithTheOtherMistakes(t *testing.T) {
	t.Parallel()
	const secret = "postgres://cafe:hunter2@db/cafe"
	for name, c := range map[string]struct{ environ, want string }{
		"the variable and its file are both set":  {"DATABASE_URL_FILE=" + secretFile(t, secret), "DATABASE_URL_FILE is set beside DATABASE_URL"},
		"the file does not exist":                 {"TWILIO_AUTH_TOKEN_FILE=/does/not/exist", "TWILIO_AUTH_TOKEN_FILE cannot be read: no such file or directory"},
		"the file is a directory":                 {"TWILIO_AUTH_TOKEN_FILE=/", "TWILIO_AUTH_TOKEN_FILE cannot be read: is a directory"},
		"the file is empty":                       {"TWILIO_AUTH_TOKEN_FILE=" + secretFile(t, " \n"), "TWILIO_AUTH_TOKEN_FILE names an empty file"},
		"the file is too large":                   {"TWILIO_AUTH_TOKEN_FILE=" + secretFile(t, strings.Repeat("a", 65<<10)), "TWILIO_AUTH_TOKEN_FILE names a file of more than 64 KiB"},
		"the file holds several lines":            {"TWILIO_AUTH_TOKEN_FILE=" + secretFile(t, "one\ntwo\n"), "TWILIO_AUTH_TOKEN_FILE names a file of several lines"},
		"the secret stands where its path should": {"CAFEFORME_ID_SECRET_FILE=" + secret, "CAFEFORME_ID_SECRET_FILE cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(config.Environ{c.environ, "DATABASE_URL=" + secret, "CAFEFORME_PAY_WITHIN=soon"}, config.Worker)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "CAFEFORME_PAY_WITHIN", "all mistakes are told at once")
			require.NotContains(t, err.Error(), "hunter2", "a secret is not repeated")
			require.NotContains(t, err.Error(), "means nothing", "the name is known")
		})
	}
}

func TestAFileVariableIsKnownAndAnEmptyOneCountsAsUnset(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.Environ{postgres, "CAFEFORME_PAYMENTS=sandbox", "DATABASE_URL_FILE=", "CAFEFORME_ID_SECRET_FILE=" + secretFile(t, "secret-of-the-tests")}, config.Worker)
	require.NoError(t, err)
	require.NotContains(t, strings.Join(c.Warnings, " "), "means nothing")
	require.Equal(t, "secret-of-the-tests", c.IDSecret)
	require.Equal(t, "postgres://cafe:secret@db/cafe", c.DatabaseURL)
}

func TestASettingThatIsNoSecretHasNoFile(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.Environ{postgres, "CAFEFORME_PAYMENTS=sandbox", "CAFEFORME_TIME_ZONE_FILE=" + secretFile(t, "Europe/Berlin")}, config.Worker)
	require.NoError(t, err)
	require.Contains(t, strings.Join(c.Warnings, " "), "CAFEFORME_TIME_ZONE_FILE means nothing")
	require.Equal(t, "Asia/Seoul", c.TimeZone.String())
}

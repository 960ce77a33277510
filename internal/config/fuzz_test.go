package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
)

// Whatever a variable holds, the configuration is usable or the error names the
// variable.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"DATABASE_URL=postgres://cafe@db/cafe", "DATABASE_URL=sqlite:", "CAFEFORME_PAY_WITHIN=1h1", "CAFEFORME_POINTS_RATE=1e3%",
		"CAFEFORME_STUCK_AFTER=5m,sms=", "CAFEFORME_STUCK_AFTER=0", "CAFEFORME_RATE_LIMIT=-1", "CAFEFORME_TIME_ZONE=../../etc/passwd", "CAFEFORME_PUBLIC_URL=//x",
		"CAFEFORME_METRICS_ADDR=[::1", "CAFEFORME_ENCRYPTION_KEYS=plain,", "CAFEFORME_ENCRYPTION_KEYS=" + key, "CAFEFORME_CODEC_TOKEN=x",
	} {
		name, value, _ := strings.Cut(seed, "=")
		f.Add(name, value)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		if !strings.HasPrefix(name, "CAFEFORME_") && name != "DATABASE_URL" {
			return // Temporal's variables name files, and are the SDK's to check
		}
		c, err := config.Load(config.Environ{name + "=" + value}, config.Dev)
		if err != nil {
			require.ErrorContains(t, err, "the configuration is wrong:")
			require.ErrorContains(t, err, name)
			return
		}
		require.NotNil(t, c.TimeZone)
		require.NotNil(t, c.Encryption)
		require.Positive(t, c.PayWithin)
		require.GreaterOrEqual(t, c.RateLimit, 0)
	})
}

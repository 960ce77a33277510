package app

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/telemetry"
	"github.com/cafeforme/cafeforme/internal/twiliotest"
	"github.com/cafeforme/cafeforme/order"
)

// A process that only takes reports, and sends one-time codes, runs no activity that
// would count them.
func TestFaultsOfTheSetUpThatComeByReportAreCountedAndLogged(t *testing.T) {
	t.Parallel()
	for name, metrics := range map[string]*telemetry.Metrics{"with metrics": measured(t), "without": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database, err := storage.Open("sqlite:" + filepath.Join(t.TempDir(), "cafeforme.db"))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, database.Close()) })
			require.NoError(t, database.Migrate(t.Context()))
			var logged bytes.Buffer
			const publicURL = "https://cafe.example"
			cfg, err := config.Load(config.Environ{
				"CAFEFORME_SMS=twilio", "CAFEFORME_PUBLIC_URL=" + publicURL, "TWILIO_ACCOUNT_SID=" + twiliotest.AccountSID,
				"TWILIO_AUTH_TOKEN=" + twiliotest.AuthToken, "TWILIO_FROM=" + twiliotest.From,
			}, config.Dev)
			require.NoError(t, err)
			p := &Process{log: slog.New(slog.NewTextHandler(&logged, nil)), metrics: metrics, Config: cfg}
			var side sideSystems
			require.NoError(t, p.openTexts(database, &side))

			form := url.Values{"MessageStatus": {"undelivered"}, "MessageSid": {"SM1"}, "ErrorCode": {"30034"}, "To": {"+12125550123"}}
			target := callback.Path("twilio") + "?order=ord_1&text=paid"
			require.NoError(t, side.provider.(notify.Receiver).Receive(t.Context(), callback.Request{
				Target: target, Body: []byte(form.Encode()),
				Header: http.Header{"X-Twilio-Signature": {twiliotest.Signature(publicURL+target, form)}},
			}))

			require.Contains(t, logged.String(), "level=ERROR")
			require.Contains(t, logged.String(), "not registered for A2P 10DLC")
			require.NotContains(t, logged.String(), "2125550123")
			if metrics != nil {
				require.Contains(t, scrape(t, metrics), `cafeforme_effects_total{effect="`+order.EffectSMS+`",outcome="misconfigured"} 1`)
			}
		})
	}
}

func measured(t *testing.T) *telemetry.Metrics {
	t.Helper()
	m, err := telemetry.NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return m
}

// scrape returns what Prometheus would collect.
func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.Handler(func() bool { return true }).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	return recorder.Body.String()
}

package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/webhook"
	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

var errBroken = errors.New("broken")

// measured are the metrics of a process that has just started.
func measured(t *testing.T) *Metrics {
	t.Helper()
	m, err := NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return m
}

// scrape returns what Prometheus would collect.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.Handler(func() bool { return true }).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	require.Equal(t, http.StatusOK, recorder.Code)
	return recorder.Body.String()
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)

	t.Run("show what the SDK measures, in seconds, and the process", func(t *testing.T) {
		t.Parallel()
		m := measured(t)
		tagged := m.Temporal().WithTags(map[string]string{"workflow_type": "OrderWorkflow"})
		tagged.Counter("temporal_workflow_completed").Inc(3)
		tagged.Timer("temporal_workflow_task_execution_latency").Record(40 * time.Millisecond)
		text := scrape(t, m)
		require.Contains(t, text, `temporal_workflow_completed_total{workflow_type="OrderWorkflow"} 3`)
		require.Contains(t, text, `temporal_workflow_task_execution_latency_seconds_bucket{workflow_type="OrderWorkflow",le="0.05"} 1`)
		require.Contains(t, text, "go_goroutines")
	})

	t.Run("have every series of orders from the start, without the SDK's labels", func(t *testing.T) {
		t.Parallel()
		m := measured(t)
		text := scrape(t, m)
		require.Contains(t, text, `cafeforme_effects_total{effect="refund",outcome="failed"} 0`)
		require.Contains(t, text, `cafeforme_effects_total{effect="payment",outcome="voided"} 0`)
		require.Contains(t, text, `cafeforme_order_transitions_total{status="expired"} 0`)
		tagged := m.Temporal().WithTags(map[string]string{"activity_type": "Refund"}).
			WithTags(activities.Labels(order.EffectRefund, activities.Failed))
		tagged.Counter(activities.EffectsMetric).Inc(2)
		m.Temporal().WithTags(map[string]string{"status": "paid"}).Timer(workflows.StatusDurationMetric).Record(20 * time.Second)
		m.Served("customer")(transport.Served{Method: http.MethodGet, Route: "/readyz", Status: http.StatusOK})
		text = scrape(t, m)
		require.Contains(t, text, `cafeforme_effects_total{effect="refund",outcome="failed"} 2`)
		require.Contains(t, text, `cafeforme_order_status_duration_seconds_bucket{status="paid",le="30"} 1`)
		require.NotContains(t, text, "readyz")
	})

	t.Run("count texts that are kept back, and codes that are sent and used", func(t *testing.T) {
		t.Parallel()
		m := measured(t)
		text := scrape(t, m)
		require.Contains(t, text, `cafeforme_texts_limited_total{limit="prefix",purpose="order"} 0`)
		require.Contains(t, text, `cafeforme_texts_limited_total{limit="client",purpose="code"} 0`)
		require.Contains(t, text, `cafeforme_texts_limited_total{limit="day",purpose="code"} 0`)
		require.Contains(t, text, `cafeforme_codes_total{outcome="used"} 0`)
		m.TextLimited(smslimit.ForCode, smslimit.ScopePhone)
		m.CodeSent()
		m.CodeSent()
		for _, s := range []transport.Served{
			{Method: http.MethodPost, Route: "/members/{number}/sessions", Status: http.StatusCreated},
			{Method: http.MethodPost, Route: "/members/{number}/sessions", Status: http.StatusUnauthorized},
			{Method: http.MethodGet, Route: "/members/{number}/sessions", Status: http.StatusOK},
			{Method: http.MethodPost, Route: "/members/sessions", Status: http.StatusCreated},
			{Method: http.MethodPost, Route: "/orders", Status: http.StatusCreated},
		} {
			m.Served("customer")(s)
		}
		text = scrape(t, m)
		require.Contains(t, text, `cafeforme_texts_limited_total{limit="phone",purpose="code"} 1`)
		require.Contains(t, text, `cafeforme_codes_total{outcome="sent"} 2`)
		require.Contains(t, text, `cafeforme_codes_total{outcome="used"} 2`)
		var unmeasured *Metrics
		unmeasured.TextLimited(smslimit.ForCode, smslimit.ScopePhone)
		unmeasured.CodeSent()
	})

	t.Run("count events that were not looked into", func(t *testing.T) {
		t.Parallel()
		m := measured(t)
		require.Contains(t, scrape(t, m), `cafeforme_webhook_lookups_limited_total{limit="order"} 0`)
		m.LookupLimited(webhook.LookLimitTotal)
		require.Contains(t, scrape(t, m), `cafeforme_webhook_lookups_limited_total{limit="total"} 1`)
		var unmeasured *Metrics
		unmeasured.LookupLimited(webhook.LookLimitTotal)
	})

	t.Run("tell whether the process is at work", func(t *testing.T) {
		t.Parallel()
		m := measured(t)
		for ready, status := range map[bool]int{true: http.StatusOK, false: http.StatusServiceUnavailable} {
			recorder := httptest.NewRecorder()
			m.Handler(func() bool { return ready }).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody))
			require.Equal(t, status, recorder.Code)
		}
	})

	t.Run("count the stuck orders, again and again", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			m := &Metrics{Registry: prometheus.NewRegistry()}
			var refunds atomic.Int64
			refunds.Store(2)
			ctx, cancel := context.WithCancel(t.Context())
			go NewStuckCounter(m.Registry, func(context.Context) (map[string]int64, error) {
				return map[string]int64{order.EffectRefund: refunds.Load(), order.EffectSMS: 0}, nil
			}, quiet).Run(ctx)
			synctest.Wait()
			require.Contains(t, scrape(t, m), `cafeforme_stuck_orders{on="refund"} 2`)
			require.Contains(t, scrape(t, m), `cafeforme_stuck_orders{on="sms"} 0`)
			refunds.Store(0)
			time.Sleep(countStuckEvery)
			synctest.Wait()
			require.Contains(t, scrape(t, m), `cafeforme_stuck_orders{on="refund"} 0`)
			cancel()
		})
	})

	t.Run("show no count rather than an old one", func(t *testing.T) {
		t.Parallel()
		m := &Metrics{Registry: prometheus.NewRegistry()}
		var away error
		counter := NewStuckCounter(m.Registry, func(context.Context) (map[string]int64, error) {
			return map[string]int64{order.EffectSMS: 1}, away
		}, quiet)
		counter.Measure(t.Context())
		require.Contains(t, scrape(t, m), "cafeforme_stuck_orders{")
		away = errBroken
		counter.Measure(t.Context())
		require.NotContains(t, scrape(t, m), "cafeforme_stuck_orders{")
	})
}

func TestTheWorstStoresHaveFewSeries(t *testing.T) {
	t.Parallel()
	m := &Metrics{Registry: prometheus.NewRegistry()}
	var away error
	chain := make([]store.Trouble, 2_000)
	for i := range chain {
		chain[i] = store.Trouble{Store: fmt.Sprintf("store-%d", i), Stuck: 1, Unanswered: 2, Lost: 3}
	}
	found := chain
	worst := NewWorstStores(m.Registry, func(_ context.Context, limit int) ([]store.Trouble, error) {
		require.Equal(t, 10, limit)
		return found, away
	}, slog.New(slog.DiscardHandler))
	series := func() int { return strings.Count(scrape(t, m), "\ncafeforme_worst_stores{") }
	require.Zero(t, series())
	worst.Measure(t.Context())
	require.Equal(t, 30, series(), "ten stores, three kinds of trouble")
	require.Contains(t, scrape(t, m), `cafeforme_worst_stores{store="store-0",trouble="unanswered"} 2`)

	found = chain[1_000:1_001]
	worst.Measure(t.Context())
	require.Equal(t, 3, series(), "those that have none any more are gone")
	away = errBroken
	worst.Measure(t.Context())
	require.Zero(t, series(), "no figure rather than an old one")
}

package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// measured are the metrics of a process that has just started.
func measured(t *testing.T) *metrics {
	t.Helper()
	m, err := newMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return m
}

// scrape returns what Prometheus would collect.
func scrape(t *testing.T, m *metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.handler(func() bool { return true }).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	require.Equal(t, http.StatusOK, recorder.Code)
	return recorder.Body.String()
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)

	t.Run("show what the SDK measures, in seconds, and the process", func(t *testing.T) {
		t.Parallel()
		m := measured(t)
		tagged := m.temporal().WithTags(map[string]string{"workflow_type": "OrderWorkflow"})
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
		tagged := m.temporal().WithTags(map[string]string{"activity_type": "Refund"}).
			WithTags(activities.Labels(order.EffectRefund, activities.Failed))
		tagged.Counter(activities.EffectsMetric).Inc(2)
		m.temporal().WithTags(map[string]string{"status": "paid"}).Timer(workflows.StatusDurationMetric).Record(20 * time.Second)
		m.served("customer")(transport.Served{Method: http.MethodGet, Route: "/readyz", Status: http.StatusOK})
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
		m.textLimited(smslimit.ForCode, smslimit.ScopePhone)
		m.codeSent()
		m.codeSent()
		for _, s := range []transport.Served{
			{Method: http.MethodPost, Route: "/members/{number}/sessions", Status: http.StatusCreated},
			{Method: http.MethodPost, Route: "/members/{number}/sessions", Status: http.StatusUnauthorized},
			{Method: http.MethodGet, Route: "/members/{number}/sessions", Status: http.StatusOK},
			{Method: http.MethodPost, Route: "/members/sessions", Status: http.StatusCreated},
			{Method: http.MethodPost, Route: "/orders", Status: http.StatusCreated},
		} {
			m.served("customer")(s)
		}
		text = scrape(t, m)
		require.Contains(t, text, `cafeforme_texts_limited_total{limit="phone",purpose="code"} 1`)
		require.Contains(t, text, `cafeforme_codes_total{outcome="sent"} 2`)
		require.Contains(t, text, `cafeforme_codes_total{outcome="used"} 2`)
		var unmeasured *metrics
		unmeasured.textLimited(smslimit.ForCode, smslimit.ScopePhone)
		unmeasured.codeSent()
	})

	t.Run("tell whether the process is at work", func(t *testing.T) {
		t.Parallel()
		m := measured(t)
		for ready, status := range map[bool]int{true: http.StatusOK, false: http.StatusServiceUnavailable} {
			recorder := httptest.NewRecorder()
			m.handler(func() bool { return ready }).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody))
			require.Equal(t, status, recorder.Code)
		}
	})

	t.Run("count the stuck orders, again and again", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			m := &metrics{registry: prometheus.NewRegistry()}
			var refunds atomic.Int64
			refunds.Store(2)
			ctx, cancel := context.WithCancel(t.Context())
			go newStuckCounter(m.registry, func(context.Context) (map[string]int64, error) {
				return map[string]int64{order.EffectRefund: refunds.Load(), order.EffectSMS: 0}, nil
			}, quiet).run(ctx)
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
		m := &metrics{registry: prometheus.NewRegistry()}
		var away error
		counter := newStuckCounter(m.registry, func(context.Context) (map[string]int64, error) {
			return map[string]int64{order.EffectSMS: 1}, away
		}, quiet)
		counter.measure(t.Context())
		require.Contains(t, scrape(t, m), "cafeforme_stuck_orders{")
		away = errBroken
		counter.measure(t.Context())
		require.NotContains(t, scrape(t, m), "cafeforme_stuck_orders{")
	})

	t.Run("are served only where the configuration says", func(t *testing.T) {
		t.Parallel()
		err := runProcess(t.Context(), config.Config{}, quiet, func(_ context.Context, p *process) error {
			require.Nil(t, p.metrics)
			require.Nil(t, p.metrics.temporal())
			return nil
		})
		require.NoError(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		err = runProcess(ctx, config.Config{MetricsAddr: "127.0.0.1:0"}, quiet, func(_ context.Context, p *process) error {
			defer cancel()
			require.NotNil(t, p.metrics.temporal())
			return nil
		})
		require.NoError(t, err)

		port := takenPort(t)
		err = runProcess(t.Context(), config.Config{MetricsAddr: "127.0.0.1:" + port}, quiet, nil)
		require.EqualError(t, err,
			"port "+port+" on 127.0.0.1 is already in use: stop what uses it, or choose another with CAFEFORME_METRICS_ADDR")
	})
}

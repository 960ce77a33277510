// Package telemetry is what a process tells of itself: logs (logs.go), metrics for
// Prometheus (metrics.go; those of orders and texts in order_metrics.go, counts.go and
// text_metrics.go), traces (traces.go) and profiles (pprof.go).
package telemetry

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"

	"github.com/cafeforme/cafeforme/api/transport"
)

// Metrics are what a process measures, for Prometheus to collect: the Go
// runtime, the process, requests, the Temporal SDK, orders and texts.
type Metrics struct {
	Registry *prometheus.Registry
	sdk      client.MetricsHandler
	http     *prometheus.HistogramVec
	texts    *textMetrics
	looks    *prometheus.CounterVec
}

// NewMetrics returns metrics; what cannot be measured later is logged.
func NewMetrics(log *slog.Logger) (*Metrics, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	exporter, err := otelprometheus.New(
		otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo())
	if err != nil {
		return nil, fmt.Errorf("measure the Temporal SDK: %w", err)
	}
	provider := metric.NewMeterProvider(metric.WithReader(exporter), metric.WithView(secondsView()))
	sdk := opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter:                provider.Meter("temporal-sdk-go"),
		OnError:              func(err error) { log.Warn("a metric cannot be measured", "error", err) },
		UseMonotonicCounters: true,
	})
	return &Metrics{
		Registry: registry, http: newHTTPMetric(registry), texts: newTextMetrics(registry), looks: newLookMetric(registry),
		sdk: sdkMetrics{MetricsHandler: sdk, orders: newOrderMetrics(registry)},
	}, nil
}

// secondsView sorts durations into buckets that tell a quick task from a slow one:
// the usual ones are made for milliseconds.
func secondsView() metric.View {
	return func(i metric.Instrument) (metric.Stream, bool) {
		bounds := []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600}
		return metric.Stream{
			Name: i.Name, Description: i.Description, Unit: i.Unit,
			Aggregation: metric.AggregationExplicitBucketHistogram{Boundaries: bounds},
		}, i.Unit == "s"
	}
}

// newHTTPMetric returns what measures requests. Its bounds serve a menu from
// memory, and an order that waits for its payment.
func newHTTPMetric(registry prometheus.Registerer) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "cafeforme_http_request_duration_seconds",
		Help:    "How long requests took, by the route's template. Event streams take as long as they are open.",
		Buckets: []float64{0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30},
	}, []string{"surface", "method", "route", "code"})
	registry.MustRegister(h)
	return h
}

// Served returns what measures the requests of a surface, but for those of probes,
// which are many and always well; nil to measure none.
func (m *Metrics) Served(surface string) func(transport.Served) {
	if m == nil {
		return nil
	}
	return func(s transport.Served) {
		if s.Route == "/healthz" || s.Route == "/readyz" {
			return
		}
		m.countUsedCode(s)
		m.http.WithLabelValues(surface, s.Method, s.Route, strconv.Itoa(s.Status)).Observe(s.Duration.Seconds())
	}
}

// Temporal returns what the SDK reports its metrics to; nil to report none.
func (m *Metrics) Temporal() client.MetricsHandler {
	if m == nil {
		return nil
	}
	return m.sdk
}

// Handler serves /metrics, and /readyz, which is well when the process is at work:
// a worker has no other surface to say so.
func (m *Metrics) Handler(ready func() bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

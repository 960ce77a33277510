package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
)

// metrics are what a process measures, for Prometheus to collect: the Go
// runtime, the process, the Temporal SDK, and the stuck orders.
type metrics struct {
	registry *prometheus.Registry
	sdk      client.MetricsHandler
}

// newMetrics returns metrics; what cannot be measured later is logged.
func newMetrics(log *slog.Logger) (*metrics, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	exporter, err := otelprometheus.New(
		otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo())
	if err != nil {
		return nil, fmt.Errorf("measure the Temporal SDK: %w", err)
	}
	provider := metric.NewMeterProvider(metric.WithReader(exporter), metric.WithView(secondsView()))
	return &metrics{registry: registry, sdk: opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter:                provider.Meter("temporal-sdk-go"),
		OnError:              func(err error) { log.Warn("a metric cannot be measured", "error", err) },
		UseMonotonicCounters: true,
	})}, nil
}

// secondsView sorts durations into buckets that tell a quick task from a slow
// one: the usual ones are made for milliseconds.
func secondsView() metric.View {
	return metric.NewView(metric.Instrument{Unit: "s"}, metric.Stream{Aggregation: metric.AggregationExplicitBucketHistogram{
		Boundaries: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600},
	}})
}

// temporal returns what the SDK reports its metrics to; nil to report none.
func (m *metrics) temporal() client.MetricsHandler {
	if m == nil {
		return nil
	}
	return m.sdk
}

// handler serves /metrics.
func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// serveMetrics serves the process's metrics, if the configuration says where.
func (p *process) serveMetrics(ctx context.Context) error {
	if p.config.MetricsAddr == "" {
		return nil
	}
	m, err := newMetrics(p.log)
	if err != nil {
		return err
	}
	f, err := listen(ctx, "CAFEFORME_METRICS_ADDR", p.config.MetricsAddr, p.log.With("surface", "metrics"))
	if err != nil {
		return err
	}
	p.metrics = m
	f.open(p.metrics.handler())
	p.serve(ctx, f)
	return nil
}

package app

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"

	"github.com/cafeforme/cafeforme/internal/httpserver"
	"github.com/cafeforme/cafeforme/internal/telemetry"
)

// exportTimeout bounds how long a process that ends tries to get its last spans
// out.
const exportTimeout = 5 * time.Second

// openTraces has the process's spans exported, if the configuration says so.
func (p *Process) openTraces(ctx context.Context) error {
	if !p.Config.Tracing {
		return nil
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { p.log.Warn("spans are lost", "error", err) }))
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	if p.traces, err = telemetry.NewTraces(ctx, exporter, p.version); err != nil {
		return err
	}
	p.opened.Add("the export of spans", func() error {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportTimeout)
		defer cancel()
		if err := p.traces.Shutdown(last); err != nil {
			p.log.Warn("spans are lost", "error", err)
		}
		return nil
	})
	return nil
}

// serveMetrics serves the process's metrics, if the configuration says where.
func (p *Process) serveMetrics(ctx context.Context) error {
	if p.Config.MetricsAddr == "" {
		return nil
	}
	m, err := telemetry.NewMetrics(p.log)
	if err != nil {
		return err
	}
	f, err := httpserver.Listen(ctx, "CAFEFORME_METRICS_ADDR", p.Config.MetricsAddr, p.log.With("surface", "metrics"))
	if err != nil {
		return err
	}
	p.metrics = m
	f.Open(p.metrics.Handler(p.atWork.Load))
	p.serve(ctx, f)
	return nil
}

// serveProfiles serves profiles of the process, if the configuration says where.
func (p *Process) serveProfiles(ctx context.Context) error {
	if p.Config.PprofAddr == "" {
		return nil
	}
	f, err := httpserver.Listen(ctx, "CAFEFORME_PPROF", p.Config.PprofAddr, p.log.With("surface", "profiles"))
	if err != nil {
		return err
	}
	f.Open(telemetry.Profiles())
	p.serve(ctx, f)
	return nil
}

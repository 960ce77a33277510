package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	nometer "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// exportTimeout bounds how long a process that ends tries to get its last spans
// out.
const exportTimeout = 5 * time.Second

// traces follow requests through workflows and activities to the providers. nil
// follows nothing, and costs nothing.
type traces struct {
	provider *sdktrace.TracerProvider
	temporal interceptor.Interceptor
}

// newTraces returns traces that go to the exporter.
func newTraces(ctx context.Context, exporter sdktrace.SpanExporter) (*traces, error) {
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "cafeforme"), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	temporal, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer:            provider.Tracer("temporal-sdk-go"),
		TextMapPropagator: propagation.TraceContext{},
		// What clients put into their headers has no business in histories.
		DisableBaggage:          true,
		DisableQueryTracing:     true,
		AllowInvalidParentSpans: true,
	})
	if err != nil {
		return nil, fmt.Errorf("trace workflows: %w", err)
	}
	return &traces{provider: provider, temporal: temporal}, nil
}

// openTraces has the process's spans exported, if the configuration says so.
func (p *process) openTraces(ctx context.Context) error {
	if !p.config.Tracing {
		return nil
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { p.log.Warn("spans are lost", "error", err) }))
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	if p.traces, err = newTraces(ctx, exporter); err != nil {
		return err
	}
	p.opened.add("the export of spans", func() error {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportTimeout)
		defer cancel()
		if err := p.traces.provider.Shutdown(last); err != nil {
			p.log.Warn("spans are lost", "error", err)
		}
		return nil
	})
	return nil
}

// handler begins a trace for each request but those of probes. A trace that the
// client is in is only linked: strangers decide neither what is recorded nor
// under which ID.
func (t *traces) handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return otelhttp.NewHandler(next, "HTTP",
		otelhttp.WithTracerProvider(t.provider), otelhttp.WithMeterProvider(nometer.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }),
		otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/healthz" && r.URL.Path != "/readyz" }),
	)
}

// transport makes spans of the calls to providers; nil for the usual transport.
// The providers learn nothing of the traces.
func (t *traces) transport() http.RoundTripper {
	if t == nil {
		return nil
	}
	return otelhttp.NewTransport(withoutQuery{http.DefaultTransport},
		otelhttp.WithTracerProvider(t.provider), otelhttp.WithMeterProvider(nometer.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
	)
}

// withoutQuery keeps what calls ask for out of their spans: a query may name a
// customer's phone.
type withoutQuery struct{ http.RoundTripper }

// RoundTrip makes the call.
func (w withoutQuery) RoundTrip(r *http.Request) (*http.Response, error) {
	address := url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: r.URL.Path}
	trace.SpanFromContext(r.Context()).SetAttributes(attribute.String("url.full", address.String()))
	return w.RoundTripper.RoundTrip(r)
}

// interceptors carry traces through Temporal, in headers that nothing depends on.
func (t *traces) interceptors() []interceptor.ClientInterceptor {
	if t == nil {
		return nil
	}
	return []interceptor.ClientInterceptor{t.temporal}
}

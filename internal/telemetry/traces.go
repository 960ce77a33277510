package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	nometer "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// Traces follow requests through workflows and activities to the providers. nil
// follows nothing, and costs nothing.
type Traces struct {
	provider *sdktrace.TracerProvider
	temporal interceptor.Interceptor
}

// NewTraces returns traces of this version that go to the exporter.
func NewTraces(ctx context.Context, exporter sdktrace.SpanExporter, version string) (*Traces, error) {
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
	return &Traces{provider: provider, temporal: temporal}, nil
}

// Shutdown exports what is left.
func (t *Traces) Shutdown(ctx context.Context) error { return t.provider.Shutdown(ctx) }

// Handler begins a trace for each request but those of probes. A trace that the
// client is in is only linked: strangers decide neither what is recorded nor
// under which ID.
func (t *Traces) Handler(next http.Handler) http.Handler {
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

// Transport makes spans of the calls to providers; nil for the usual transport.
// The providers learn nothing of the traces.
func (t *Traces) Transport() http.RoundTripper {
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

// Interceptors carry traces through Temporal, in headers that nothing depends on.
func (t *Traces) Interceptors() []interceptor.ClientInterceptor {
	if t == nil {
		return nil
	}
	return []interceptor.ClientInterceptor{t.temporal}
}

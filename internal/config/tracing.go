package config

import "strings"

// tracing reports whether OpenTelemetry's variables name who takes the spans
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). The exporter
// reads the rest of them by itself.
func (r *reader) tracing() bool {
	const all, traces = "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
	endpoint := r.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") + r.text("OTEL_EXPORTER_OTLP_ENDPOINT")
	off := strings.EqualFold(r.text("OTEL_SDK_DISABLED"), "true") || r.text("OTEL_TRACES_EXPORTER") == "none"
	if endpoint == "" || off {
		return false
	}
	if !strings.Contains(endpoint, "://") {
		r.mistake("OTEL_EXPORTER_OTLP_ENDPOINT", "is %q, but an address begins with http:// or https://", endpoint)
	}
	name := all
	if r.text(traces) != "" {
		name = traces
	}
	if protocol := r.text(name); protocol != "" && protocol != "http/protobuf" {
		r.mistake(name, "is %q, but spans are only sent as http/protobuf", protocol)
	}
	return true
}

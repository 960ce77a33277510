package config

import "strings"

// tracing reports whether OpenTelemetry's variables name who takes the spans
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). The exporter
// reads the rest of them by itself.
func (r reader) tracing() bool {
	const all, traces = "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
	endpoint := r.Text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") + r.Text("OTEL_EXPORTER_OTLP_ENDPOINT")
	off := strings.EqualFold(r.Text("OTEL_SDK_DISABLED"), "true") || r.Text("OTEL_TRACES_EXPORTER") == "none"
	if endpoint == "" || off {
		return false
	}
	if !strings.Contains(endpoint, "://") {
		r.Mistake("OTEL_EXPORTER_OTLP_ENDPOINT", "is %q, but an address begins with http:// or https://", endpoint)
	}
	name := all
	if r.Text(traces) != "" {
		name = traces
	}
	if protocol := r.Text(name); protocol != "" && protocol != "http/protobuf" {
		r.Mistake(name, "is %q, but spans are only sent as http/protobuf", protocol)
	}
	return true
}

package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// logOptions give the SDK's words for an order and a trace the names that our
// own lines use: every workflow is an order.
var logOptions = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case "WorkflowID":
		a.Key = "order_id"
	case "TraceID":
		return slog.String("trace_id", fmt.Sprint(a.Value.Any()))
	case "SpanID":
		return slog.String("span_id", fmt.Sprint(a.Value.Any()))
	}
	return a
}}

// JSONLog returns a log for machines to collect.
func JSONLog(w io.Writer) *slog.Logger {
	return slog.New(tracedHandler{slog.NewJSONHandler(w, logOptions)})
}

// TextLog returns a log for people to read.
func TextLog(w io.Writer) *slog.Logger {
	return slog.New(tracedHandler{slog.NewTextHandler(w, logOptions)})
}

// tracedHandler adds to lines the trace that their context is in.
type tracedHandler struct{ slog.Handler }

// Handle writes the line.
func (h tracedHandler) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		record = record.Clone()
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs returns a handler whose lines all have the attributes.
func (h tracedHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return tracedHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup returns a handler that puts the attributes of its lines in a group.
func (h tracedHandler) WithGroup(name string) slog.Handler {
	return tracedHandler{h.Handler.WithGroup(name)}
}

package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gorilla/mux"
	"go.opentelemetry.io/otel/attribute"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// Served is a request that was served, in terms of which there are few: anybody
// can ask for any path, by any method.
type Served struct {
	// Method is one of the surface's, or "other".
	Method string
	// Route is the route's template, or "none".
	Route string
	// Status is that of the answer; 0 when it was broken off before.
	Status   int
	Duration time.Duration
}

// RequestLog is what the log learns of a request while it is served.
type RequestLog struct {
	Route   string
	OrderID string
	Err     error
}

type requestLogKey struct{}

// RequestLogOf returns what is logged of the request, for handlers to add to. Outside a
// surface nobody reads it.
func RequestLogOf(r *http.Request) *RequestLog {
	if t, ok := r.Context().Value(requestLogKey{}).(*RequestLog); ok {
		return t
	}
	return &RequestLog{}
}

// WrapSurface puts around a surface's router what every request gets.
func WrapSurface(router http.Handler, log *slog.Logger, served func(Served)) http.Handler {
	return compress(watchRequests(secureHeaders(recoverPanics(router)), log, served))
}

// watchRequests tells of each request, once it is served, and writes one line:
// the route's template, never its path, query or body, which may be personal.
func watchRequests(next http.Handler, log *slog.Logger, served func(Served)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, recorder, start := &RequestLog{}, &statusRecorder{ResponseWriter: w}, time.Now()
		defer func() {
			took := time.Since(start)
			logRequest(log, r, t, recorder.status, took)
			describeSpan(r, t)
			if served != nil {
				served(t.served(r.Method, recorder.status, took))
			}
		}()
		next.ServeHTTP(recorder, r.WithContext(context.WithValue(r.Context(), requestLogKey{}, t)))
	})
}

func logRequest(log *slog.Logger, r *http.Request, t *RequestLog, status int, took time.Duration) {
	log.LogAttrs(r.Context(), logLevel(status, t), "request", logAttributes(r, t, status, took)...)
}

// served returns the request as few others differ from it.
func (t *RequestLog) served(method string, status int, took time.Duration) Served {
	s := Served{Method: method, Route: t.Route, Status: status, Duration: took}
	if s.Route == "" {
		s.Method, s.Route = "other", "none"
	}
	return s
}

// describeSpan gives the span of the request, if it is traced, the names that
// the log uses.
func describeSpan(r *http.Request, t *RequestLog) {
	span := oteltrace.SpanFromContext(r.Context())
	if !span.IsRecording() {
		return
	}
	// What otelhttp notes by itself tells who asks, and for whom.
	span.SetAttributes(attribute.String("url.path", t.Route), attribute.String("url.query", ""),
		attribute.String("client.address", ""), attribute.String("network.peer.address", ""), attribute.String("user_agent.original", ""))
	if t.Route != "" {
		span.SetName(r.Method + " " + t.Route)
		span.SetAttributes(attribute.String("http.route", t.Route))
	}
	if t.OrderID != "" {
		span.SetAttributes(attribute.String("order_id", t.OrderID))
	}
}

func logLevel(status int, t *RequestLog) slog.Level {
	switch {
	case status == http.StatusServiceUnavailable:
		return slog.LevelWarn
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case t.Route == "/healthz" || t.Route == "/readyz":
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func logAttributes(r *http.Request, t *RequestLog, status int, took time.Duration) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("route", t.Route),
		slog.Int("status", status), slog.Duration("duration", took),
	}
	if t.OrderID != "" {
		attrs = append(attrs, slog.String("order_id", t.OrderID))
	}
	if t.Err != nil {
		attrs = append(attrs, slog.Any("error", t.Err))
	}
	return attrs
}

// statusRecorder remembers the status of the answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the first status: what follows is not sent.
func (s *statusRecorder) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write notes the status that a body without one implies.
func (s *statusRecorder) Write(body []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	return s.ResponseWriter.Write(body)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// recoverPanics answers with a problem instead of closing the connection. An
// answer that has begun can only be broken off.
func recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			RequestLogOf(r).Err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
			if mustAbort(w, cause) {
				panic(http.ErrAbortHandler)
			}
			RenderError(w, r, RequestLogOf(r).Err)
		}()
		next.ServeHTTP(w, r)
	})
}

// mustAbort reports whether it is too late for an answer, or none is wanted.
func mustAbort(w http.ResponseWriter, cause any) bool {
	recorder, ok := w.(*statusRecorder)
	err, _ := cause.(error)
	return (ok && recorder.status != 0) || errors.Is(err, http.ErrAbortHandler)
}

// NoteRoute tells the log which route serves the request.
func NoteRoute(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if template, err := mux.CurrentRoute(r).GetPathTemplate(); err == nil {
			RequestLogOf(r).Route = template
		}
		next.ServeHTTP(w, r)
	})
}

// SameOrigin refuses changes that a browser was made to send by another site.
func SameOrigin() mux.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(HandlerFunc(func(http.ResponseWriter, *http.Request) error {
		return NewError(codeCrossOrigin, "the request comes from another site")
	}))
	return protection.Handler
}

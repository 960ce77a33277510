package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cafeforme/cafeforme/internal/limits"
)

// RequestTimeout bounds the work for one request. Placing an order is the
// slowest: it waits ten seconds for the payment, after two look-ups.
const RequestTimeout = 20 * time.Second

// HandlerFunc is a handler that leaves the rendering of its error to one place.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// uploadTimeout bounds the work for a request with a large body, which a slow line needs most of.
const uploadTimeout = time.Minute

// ServeHTTP runs the handler with a limited body and a deadline.
func (a HandlerFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.serve(w, r, limits.Body, RequestTimeout)
}

// Limited returns the handler with a limit of its own on the body, in bytes.
func (a HandlerFunc) Limited(body int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, body, RequestTimeout) })
}

// Upload is Limited for a body that is large: it has a minute to arrive in.
func (a HandlerFunc) Upload(body int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		until, connection := time.Now().Add(uploadTimeout), http.NewResponseController(w)
		if err := errors.Join(connection.SetReadDeadline(until), connection.SetWriteDeadline(until)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			RequestLogOf(r).Err = fmt.Errorf("give an upload time: %w", err)
		}
		a.serve(w, r, body, uploadTimeout)
	})
}

func (a HandlerFunc) serve(w http.ResponseWriter, r *http.Request, limit int64, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	r = r.WithContext(ctx)
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if err := a(w, r); err != nil {
		RenderError(w, r, err)
	}
}

// RespondJSON answers with value as JSON.
func RespondJSON(w http.ResponseWriter, r *http.Request, status int, value any) error {
	writeBody(w, r, status, "application/json", value)
	return nil
}

// writeBody writes value as JSON. A value that JSON cannot hold is a fault of
// this package.
func writeBody(w http.ResponseWriter, r *http.Request, status int, contentType string, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("encode an answer: %w", err))
	}
	Respond(w, r, status, contentType, body.Bytes())
}

// Respond answers with the body. A client that has gone is noted for the log.
func Respond(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		RequestLogOf(r).Err = fmt.Errorf("write the answer: %w", err)
	}
}

package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// startFront returns a front that serves until stop is called; stop returns
// what became of it.
func startFront(t *testing.T) (f *front, stop func() error) {
	t.Helper()
	f, err := listen(t.Context(), "--addr", "127.0.0.1:0", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.run(ctx) }()
	return f, func() error { cancel(); return <-ended }
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// teapot answers every request, so that its answers are known from the front's.
var teapot = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })

func TestFront(t *testing.T) {
	t.Parallel()

	t.Run("is alive and not ready until it is opened", func(t *testing.T) {
		t.Parallel()
		f, stop := startFront(t)
		require.Equal(t, http.StatusOK, statusOf(t, f.url()+"/healthz"))
		require.Equal(t, http.StatusServiceUnavailable, statusOf(t, f.url()+"/readyz"))
		response, err := http.Get(f.url() + "/menu")
		require.NoError(t, err)
		defer func() { require.NoError(t, response.Body.Close()) }()
		require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
		require.NotEmpty(t, response.Header.Get("Retry-After"))
		require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", response.Header.Get("Cache-Control"))

		f.open(teapot)
		require.Equal(t, http.StatusTeapot, statusOf(t, f.url()+"/readyz"))
		require.NoError(t, stop())
	})

	t.Run("is not ready any more before it stops listening", func(t *testing.T) {
		t.Parallel()
		f, stop := startFront(t)
		f.open(teapot)
		f.notReadyFor = 200 * time.Millisecond
		ended := make(chan error, 1)
		go func() { ended <- stop() }()
		require.Eventually(t, f.leaving.Load, time.Second, time.Millisecond)
		require.Equal(t, http.StatusServiceUnavailable, statusOf(t, f.url()+"/readyz"))
		require.Equal(t, http.StatusTeapot, statusOf(t, f.url()+"/menu"))
		require.NoError(t, <-ended)
		_, err := net.Dial("tcp", f.listener.Addr().String())
		require.Error(t, err)
	})

	t.Run("lets requests under way finish", func(t *testing.T) {
		t.Parallel()
		f, stop := startFront(t)
		began, finish := make(chan struct{}), make(chan struct{})
		f.open(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(began)
			<-finish
			teapot(w, r)
		}))
		ended := make(chan error, 1)
		go func() {
			<-began
			ended <- stop()
		}()
		go func() {
			<-began
			for !f.leaving.Load() {
				runtime.Gosched()
			}
			close(finish)
		}()
		require.Equal(t, http.StatusTeapot, statusOf(t, f.url()+"/orders"))
		require.NoError(t, <-ended)
	})

	t.Run("refuses headers that are too large", func(t *testing.T) {
		t.Parallel()
		f, stop := startFront(t)
		f.open(teapot)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url()+"/menu", http.NoBody)
		require.NoError(t, err)
		request.Header.Set("X-Large", strings.Repeat("x", 2*maxHeaderBytes))
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, response.StatusCode)
		require.NoError(t, stop())
	})

	t.Run("hangs up on a client that does not finish its request", func(t *testing.T) {
		t.Parallel()
		f, stop := startFront(t)
		f.open(teapot)
		conn, err := net.Dial("tcp", f.listener.Addr().String())
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close()) }()
		_, err = conn.Write([]byte("GET /menu HTTP/1.1\r\nHost: cafe.example\r\n"))
		require.NoError(t, err)
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(readHeaderTimeout+patience)))
		_, err = io.ReadAll(conn)
		require.NoError(t, err, "the server ends the connection before our deadline does")
		require.NoError(t, stop())
	})

	t.Run("reports that it cannot serve", func(t *testing.T) {
		t.Parallel()
		f, err := listen(t.Context(), "--addr", "127.0.0.1:0", slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		require.NoError(t, f.listener.Close())
		require.ErrorIs(t, f.run(t.Context()), net.ErrClosed)
	})
}

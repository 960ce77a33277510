package httpserver

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

// startServer returns a server that serves until stop is called; stop returns
// what became of it.
func startServer(t *testing.T) (f *Server, stop func() error) {
	t.Helper()
	f, err := Listen(t.Context(), "--addr", "127.0.0.1:0", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	return f, func() error { cancel(); return <-ended }
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// teapot answers every request, so that its answers are known from the server's.
var teapot = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })

func TestServer(t *testing.T) {
	t.Parallel()

	t.Run("is alive and not ready until it is opened", func(t *testing.T) {
		t.Parallel()
		f, stop := startServer(t)
		require.Equal(t, http.StatusOK, statusOf(t, f.URL()+"/healthz"))
		require.Equal(t, http.StatusServiceUnavailable, statusOf(t, f.URL()+"/readyz"))
		response, err := http.Get(f.URL() + "/menu")
		require.NoError(t, err)
		defer func() { require.NoError(t, response.Body.Close()) }()
		require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
		require.NotEmpty(t, response.Header.Get("Retry-After"))
		require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", response.Header.Get("Cache-Control"))

		f.Open(teapot)
		require.Equal(t, http.StatusTeapot, statusOf(t, f.URL()+"/readyz"))
		require.NoError(t, stop())
	})

	t.Run("is not ready any more before it stops listening", func(t *testing.T) {
		t.Parallel()
		f, stop := startServer(t)
		f.Open(teapot)
		f.NotReadyFor = 200 * time.Millisecond
		ended := make(chan error, 1)
		go func() { ended <- stop() }()
		require.Eventually(t, f.leaving.Load, time.Second, time.Millisecond)
		require.Equal(t, http.StatusServiceUnavailable, statusOf(t, f.URL()+"/readyz"))
		require.Equal(t, http.StatusTeapot, statusOf(t, f.URL()+"/menu"))
		require.NoError(t, <-ended)
		_, err := net.Dial("tcp", f.Listener.Addr().String())
		require.Error(t, err)
	})

	t.Run("lets requests under way finish", func(t *testing.T) {
		t.Parallel()
		f, stop := startServer(t)
		began, finish := make(chan struct{}), make(chan struct{})
		f.Open(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
		require.Equal(t, http.StatusTeapot, statusOf(t, f.URL()+"/orders"))
		require.NoError(t, <-ended)
	})

	t.Run("refuses headers that are too large", func(t *testing.T) {
		t.Parallel()
		f, stop := startServer(t)
		f.Open(teapot)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL()+"/menu", http.NoBody)
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
		f, stop := startServer(t)
		f.Open(teapot)
		conn, err := net.Dial("tcp", f.Listener.Addr().String())
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close()) }()
		_, err = conn.Write([]byte("GET /menu HTTP/1.1\r\nHost: cafe.example\r\n"))
		require.NoError(t, err)
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(readHeaderTimeout+time.Minute)))
		_, err = io.ReadAll(conn)
		require.NoError(t, err, "the server ends the connection before our deadline does")
		require.NoError(t, stop())
	})

	t.Run("ends its streams when it stops listening", func(t *testing.T) {
		t.Parallel()
		f, stop := startServer(t)
		f.NotReadyFor = 100 * time.Millisecond
		began, end := make(chan struct{}), make(chan struct{})
		f.OnStop(func() { close(end) })
		f.Open(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(began)
			<-end
			_, err := net.Dial("tcp", f.Listener.Addr().String())
			if err != nil && f.leaving.Load() {
				teapot(w, r)
			}
		}))
		ended := make(chan error, 1)
		go func() {
			<-began
			ended <- stop()
		}()
		require.Equal(t, http.StatusTeapot, statusOf(t, f.URL()+"/menu/events"))
		require.NoError(t, <-ended)
	})

	t.Run("reports that it cannot serve", func(t *testing.T) {
		t.Parallel()
		f, err := Listen(t.Context(), "--addr", "127.0.0.1:0", slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		require.NoError(t, f.Listener.Close())
		require.ErrorIs(t, f.Run(t.Context()), net.ErrClosed)
	})
}

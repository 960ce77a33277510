package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
)

// The time-outs of the HTTP servers. Event streams replace those of reading and
// writing by their own.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	// writeTimeout leaves room for an order that waits for its payment.
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	// maxHeaderBytes is far more than any client of ours sends.
	maxHeaderBytes = 16 << 10
	// drainTimeout is how long requests under way may take when we stop.
	drainTimeout = 10 * time.Second
)

// front is an HTTP server that listens from the very start. Until its handler
// can be made, and again once it is stopping, it says that it is not ready.
type front struct {
	listener net.Listener
	log      *slog.Logger
	handler  atomic.Pointer[http.Handler]
	leaving  atomic.Bool
	// endStreams ends the answers that would never end by themselves.
	endStreams atomic.Pointer[func()]
	// notReadyFor is how long a stopping server goes on serving while it already
	// says that it is not ready, for load balancers to notice.
	notReadyFor time.Duration
	// hosts tells whether the front answers under the name in the header Host; every
	// name will do when nil.
	hosts func(host string) bool
	// idle bounds the connections that wait for a request; nobody does when nil.
	idle *idleLimit
}

// listen takes the address that flagName names.
func listen(ctx context.Context, flagName, addr string, log *slog.Logger) (*front, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, listenError(flagName, addr, err)
	}
	return &front{listener: listener, log: log}, nil
}

// listenError says in one sentence why nothing can listen on addr.
func listenError(flagName, addr string, err error) error {
	host, port, splitErr := net.SplitHostPort(addr)
	switch {
	case splitErr != nil:
		return fmt.Errorf("%s %q is not an address, want HOST:PORT such as 127.0.0.1:8080", flagName, addr)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %s on %s is already in use: stop what uses it, or choose another with %s", port, host, flagName)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("port %s on %s may not be used by this user: choose one above 1023 with %s", port, host, flagName)
	default:
		return fmt.Errorf("cannot listen on %s %s: %w", flagName, addr, err)
	}
}

// url returns where the front can be reached.
func (f *front) url() string { return "http://" + f.listener.Addr().String() }

// open lets requests through to the handler.
func (f *front) open(handler http.Handler) { f.handler.Store(&handler) }

// onStop has end called when the server stops, for it to end its event streams.
func (f *front) onStop(end func()) { f.endStreams.Store(&end) }

// run serves until ctx ends, and then lets the requests under way finish.
func (f *front) run(ctx context.Context) error {
	server := f.server()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(f.listener) }()
	f.log.Info("listening", "url", f.url())
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", f.url(), err)
	case <-ctx.Done():
		return f.drain(ctx, server)
	}
}

// server returns the server with its limits.
func (f *front) server() *http.Server {
	server := &http.Server{
		Handler:           f,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// "OPTIONS *" is refused as everything else that there is not.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(f.log.Handler(), slog.LevelWarn),
	}
	if f.idle != nil {
		server.ConnState = f.idle.note
	}
	return server
}

// drain stops the server: not ready first, then no new connections, then the
// end of the event streams and of the requests under way.
func (f *front) drain(ctx context.Context, server *http.Server) error {
	f.leaving.Store(true)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.notReadyFor+drainTimeout)
	defer cancel()
	if err := sleep(ctx, f.notReadyFor); err != nil {
		return err
	}
	if end := f.endStreams.Load(); end != nil {
		server.RegisterOnShutdown(*end)
	}
	if err := server.Shutdown(ctx); err != nil {
		f.log.Warn("requests were cut off", "url", f.url(), "error", err)
		return errors.Join(err, server.Close())
	}
	return nil
}

// ServeHTTP passes the request on, if anyone is there to answer it.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler := f.handler.Load()
	switch {
	case f.hosts != nil && !f.hosts(r.Host):
		f.misdirected(w)
	case handler != nil && (!f.leaving.Load() || r.URL.Path != "/readyz"):
		(*handler).ServeHTTP(w, r)
	case r.URL.Path == "/healthz":
		transport.SetSecurityHeaders(w.Header())
		w.WriteHeader(http.StatusOK)
	default:
		f.refuse(w)
	}
}

// otherHost is the problem that a front answers with under another's name.
const otherHost = `{"type":"urn:cafeforme:problem:misdirected","title":"Not of this server","status":421,` +
	`"detail":"this server does not answer under that name; use localhost or an IP address","code":"misdirected"}` + "\n"

func (f *front) misdirected(w http.ResponseWriter) {
	f.problem(w, http.StatusMisdirectedRequest, otherHost)
}

// notReady is the problem that a front without a handler answers with.
const notReady = `{"type":"urn:cafeforme:problem:unavailable","title":"Out of order for the moment","status":503,` +
	`"detail":"out of order for the moment; try again in a few seconds","code":"unavailable"}` + "\n"

func (f *front) refuse(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	f.problem(w, http.StatusServiceUnavailable, notReady)
}

func (f *front) problem(w http.ResponseWriter, status int, body string) {
	transport.SetSecurityHeaders(w.Header())
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	if _, err := w.Write([]byte(body)); err != nil {
		f.log.Debug("write the answer", "error", err)
	}
}

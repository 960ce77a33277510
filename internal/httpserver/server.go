// Package httpserver is how our processes serve HTTP: a Server listens from the very
// start, says whether it is ready, keeps its limits of time, size and idle
// connections, and drains when it is stopped. Start reading at Server.
package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/retry"
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

// Server is an HTTP server that listens from the very start. Until its handler
// can be made, and again once it is stopping, it says that it is not ready.
type Server struct {
	Listener net.Listener
	Log      *slog.Logger
	handler  atomic.Pointer[http.Handler]
	leaving  atomic.Bool
	// endStreams ends the answers that would never end by themselves.
	endStreams atomic.Pointer[func()]
	// notReadyFor is how long a stopping server goes on serving while it already
	// says that it is not ready, for load balancers to notice.
	NotReadyFor time.Duration
	// hosts tells whether the server answers under the name in the header Host; every
	// name will do when nil.
	Hosts func(host string) bool
	// idle bounds the connections that wait for a request; nobody does when nil.
	idle *idleLimit
}

// Listen takes the address that flagName names.
func Listen(ctx context.Context, flagName, addr string, log *slog.Logger) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, listenError(flagName, addr, err)
	}
	return &Server{Listener: listener, Log: log}, nil
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

// URL returns where the server can be reached.
func (s *Server) URL() string { return "http://" + s.Listener.Addr().String() }

// Open lets requests through to the handler.
func (s *Server) Open(handler http.Handler) { s.handler.Store(&handler) }

// OnStop has end called when the server stops, for it to end its event streams.
func (s *Server) OnStop(end func()) { s.endStreams.Store(&end) }

// LimitIdle bounds the connections of each client that wait for a request, but those
// of the proxies.
func (s *Server) LimitIdle(proxies []netip.Prefix) {
	s.idle = newIdleLimit(maxIdle, exemptFromIdle(proxies))
}

// Run serves until ctx ends, and then lets the requests under way finish.
func (s *Server) Run(ctx context.Context) error {
	server := s.server()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(s.Listener) }()
	s.Log.Info("listening", "url", s.URL())
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", s.URL(), err)
	case <-ctx.Done():
		return s.drain(ctx, server)
	}
}

// server returns the server with its limits.
func (s *Server) server() *http.Server {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// "OPTIONS *" is refused as everything else that there is not.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	if s.idle != nil {
		server.ConnState = s.idle.note
	}
	return server
}

// drain stops the server: not ready first, then no new connections, then the
// end of the event streams and of the requests under way.
func (s *Server) drain(ctx context.Context, server *http.Server) error {
	s.leaving.Store(true)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.NotReadyFor+drainTimeout)
	defer cancel()
	if err := retry.Sleep(ctx, s.NotReadyFor); err != nil {
		return err
	}
	if end := s.endStreams.Load(); end != nil {
		server.RegisterOnShutdown(*end)
	}
	if err := server.Shutdown(ctx); err != nil {
		s.Log.Warn("requests were cut off", "url", s.URL(), "error", err)
		return errors.Join(err, server.Close())
	}
	return nil
}

// ServeHTTP passes the request on, if anyone is there to answer it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler := s.handler.Load()
	switch {
	case s.Hosts != nil && !s.Hosts(r.Host):
		s.misdirected(w)
	case handler != nil && (!s.leaving.Load() || r.URL.Path != "/readyz"):
		(*handler).ServeHTTP(w, r)
	case r.URL.Path == "/healthz":
		transport.SetSecurityHeaders(w.Header())
		w.WriteHeader(http.StatusOK)
	default:
		s.refuse(w)
	}
}

// otherHost is the problem that a server answers with under another's name.
const otherHost = `{"type":"urn:cafeforme:problem:misdirected","title":"Not of this server","status":421,` +
	`"detail":"this server does not answer under that name; use localhost or an IP address","code":"misdirected"}` + "\n"

func (s *Server) misdirected(w http.ResponseWriter) {
	s.problem(w, http.StatusMisdirectedRequest, otherHost)
}

// notReady is the problem that a server without a handler answers with.
const notReady = `{"type":"urn:cafeforme:problem:unavailable","title":"Not available at the moment","status":503,` +
	`"detail":"not available at the moment; try again in a few seconds","code":"unavailable"}` + "\n"

func (s *Server) refuse(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	s.problem(w, http.StatusServiceUnavailable, notReady)
}

func (s *Server) problem(w http.ResponseWriter, status int, body string) {
	transport.SetSecurityHeaders(w.Header())
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	if _, err := w.Write([]byte(body)); err != nil {
		s.Log.Debug("write the answer", "error", err)
	}
}

package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// connected returns a connection that has said nothing yet.
func connected(t *testing.T, f *front) net.Conn {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", f.listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// isClosed reports whether the server has ended the connection within the time.
func isClosed(t *testing.T, c net.Conn, within time.Duration) bool {
	t.Helper()
	require.NoError(t, c.SetReadDeadline(time.Now().Add(within)))
	_, err := c.Read(make([]byte, 1))
	return errors.Is(err, io.EOF) || (err != nil && !isTimeout(err))
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

func TestIdleConnectionsOfOneAddressAreBounded(t *testing.T) {
	t.Parallel()
	f, err := listen(t.Context(), "--addr", "127.0.0.1:0", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	f.idle = newIdleLimit(2, func(netip.Addr) bool { return false })
	f.open(teapot)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })

	first, second := connected(t, f), connected(t, f)
	require.Eventually(t, func() bool { return f.idle.count(loopback) == 2 }, time.Minute, time.Millisecond)
	third := connected(t, f)
	require.True(t, isClosed(t, first, time.Minute), "the one that has been idle longest makes room")
	for _, kept := range []net.Conn{second, third} {
		_, err := io.WriteString(kept, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		require.False(t, isClosed(t, kept, time.Minute))
	}
}

func TestProxiesAndThisMachineMayHaveAnyNumberOfConnections(t *testing.T) {
	t.Parallel()
	exempt := exemptFromIdle([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
	for address, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "::ffff:10.1.2.3": true, "192.0.2.1": false, "2001:db8::1": false,
	} {
		require.Equal(t, want, exempt(netip.MustParseAddr(address)), address)
	}
}

func TestAnAddressOfIPv6IsItsNetwork(t *testing.T) {
	t.Parallel()
	l := newIdleLimit(2, func(netip.Addr) bool { return false })
	var conns []*remoteConn
	for _, address := range []string{"[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1"} {
		c := &remoteConn{address: address}
		conns = append(conns, c)
		l.note(c, http.StateNew)
	}
	require.Equal(t, 2, l.count("2001:db8::9"))
	require.True(t, conns[0].closed)
	l.note(conns[1], http.StateActive)
	l.note(conns[2], http.StateClosed)
	require.Zero(t, l.count("2001:db8::9"))
}

// remoteConn is a connection from an address.
type remoteConn struct {
	net.Conn
	address string
	closed  bool
}

func (c *remoteConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.address))
}

func (c *remoteConn) Close() error { c.closed = true; return nil }

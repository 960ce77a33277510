package httpserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/clients"
)

// connected returns a connection that has said nothing yet.
func connected(t *testing.T, f *Server) net.Conn {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", f.Listener.Addr().String())
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
	f, err := Listen(t.Context(), "--addr", "127.0.0.1:0", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	f.idle = newIdleLimit(2, func(netip.Addr) bool { return false })
	f.Open(teapot)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })

	first, second := connected(t, f), connected(t, f)
	require.Eventually(t, func() bool { return f.idle.count(Loopback) == 2 }, time.Minute, time.Millisecond)
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
	require.Equal(t, 2, l.count("2001:db8::/64"))
	require.True(t, conns[0].closed)
	l.note(conns[1], http.StateActive)
	l.note(conns[2], http.StateClosed)
	require.Zero(t, l.count("2001:db8::/64"))
}

func TestOneSiteOfIPv6HasSixteenTimesTheConnectionsOfAClient(t *testing.T) {
	t.Parallel()
	l := newIdleLimit(2, func(netip.Addr) bool { return false })
	var conns []*remoteConn
	connect := func(address string) {
		conns = append(conns, &remoteConn{address: address})
		l.note(conns[len(conns)-1], http.StateNew)
	}
	connect("[2001:db8:2::1]:1")
	for i := range 100 { // a /64 each, of as many /56
		connect(fmt.Sprintf("[2001:db8:1:%x00::1]:1", i))
	}
	require.Equal(t, 2*clients.Per48, l.count("2001:db8:1::/48"))
	require.Equal(t, 1, l.count("2001:db8:2::/48"), "others keep theirs")
	require.True(t, conns[1].closed, "the one that has been idle longest makes room")
	require.False(t, conns[100].closed)
	for i := range 100 { // a /64 each, of one /56
		connect(fmt.Sprintf("[2001:db8:3:%x::1]:1", i))
	}
	require.Equal(t, 2*clients.Per56, l.count("2001:db8:3::/56"))
	for _, c := range conns {
		l.note(c, http.StateClosed)
	}
	require.Empty(t, l.waiting)
	require.Empty(t, l.places)
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

package main

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
)

// maxIdle is how many connections without a request one address may keep open: far
// more than browsers do (six each), behind a router that many share.
const maxIdle = 256

// idleLimit bounds the connections that wait for a request, by the address that
// they come from; IPv6 by the /64. The one that has waited longest makes room for
// another, so that who shares an address with others cannot keep them out.
type idleLimit struct {
	most   int
	exempt func(netip.Addr) bool

	mu      sync.Mutex
	waiting map[string][]net.Conn // the longest first
}

// newIdleLimit returns a limit of so many to an address, but to those exempt.
func newIdleLimit(most int, exempt func(netip.Addr) bool) *idleLimit {
	return &idleLimit{most: most, exempt: exempt, waiting: map[string][]net.Conn{}}
}

// exemptFromIdle reports whose connections are not counted: those of this machine,
// and of the proxies, whose connections are everybody's.
func exemptFromIdle(proxies []netip.Prefix) func(netip.Addr) bool {
	return func(address netip.Addr) bool {
		address = address.Unmap()
		return address.IsLoopback() || slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(address) })
	}
}

// note is for [http.Server.ConnState].
func (l *idleLimit) note(c net.Conn, state http.ConnState) {
	remote, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok || l.exempt(remote.AddrPort().Addr()) {
		return
	}
	key := addressKey(remote.AddrPort().Addr())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(key, c)
	if state != http.StateNew && state != http.StateIdle {
		return
	}
	l.waiting[key] = append(l.waiting[key], c)
	if longest := l.waiting[key][0]; len(l.waiting[key]) > l.most {
		l.remove(key, longest)
		_ = longest.Close() // the server notices, and has nothing more to say
	}
}

func (l *idleLimit) remove(key string, c net.Conn) {
	l.waiting[key] = slices.DeleteFunc(l.waiting[key], func(other net.Conn) bool { return other == c })
	if len(l.waiting[key]) == 0 {
		delete(l.waiting, key)
	}
}

// count returns how many connections of an address wait.
func (l *idleLimit) count(address string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting[addressKey(netip.MustParseAddr(address))])
}

func addressKey(address netip.Addr) string {
	const customer = 64
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.String()
	}
	return netip.PrefixFrom(address, customer).Masked().String()
}

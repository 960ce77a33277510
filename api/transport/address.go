package transport

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/clients"
)

// ClientAddress returns a function that tells clients apart by their address.
// That is the address the connection comes from; if it is one of the trusted
// proxies, it is the last address in X-Forwarded-For that is not. Nobody else's
// X-Forwarded-For is believed: anyone can send one.
//
// IPv6 addresses count by their /64 network, which is what one customer of a
// provider has.
func ClientAddress(trusted []netip.Prefix) func(*http.Request) string {
	return func(r *http.Request) string {
		address, ok := parseAddress(r.RemoteAddr)
		if !ok {
			return r.RemoteAddr
		}
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for _, hop := range slices.Backward(hops) {
			if !isTrusted(trusted, address) {
				break
			}
			before, ok := parseAddress(strings.TrimSpace(hop))
			if !ok {
				break
			}
			address = before
		}
		return clients.Of(address)
	}
}

func isTrusted(trusted []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(address) })
}

// parseAddress reads an address, with or without a port.
func parseAddress(value string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(value); err == nil {
		value = host
	}
	address, err := netip.ParseAddr(strings.Trim(value, "[]"))
	return address.Unmap().WithZone(""), err == nil
}

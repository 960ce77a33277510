// Package clients says whom a request is counted to, by the address that it comes
// from: the same for rate limits, event streams, connections and wrong tokens.
package clients

import "net/netip"

// What one customer of a provider of IPv6 has is a /64 at least, a /56 or a /48 as
// a rule (RFC 6177, section 2). Each is a client of its own: a /56 may do what so
// many /64 may, and a /48 what so many.
const (
	Per56 = 4
	Per48 = 16
)

// Scope is something that a client is counted as.
type Scope struct {
	Key string
	// Group is the network that the key is a part of: a provider's /32 of IPv6, a /24
	// of IPv4. Keys of one group make room for each other.
	Group string
	// Share is how many times as much it may do as one client.
	Share int
}

// Of returns the client that an address stands for: an address of IPv4, a /64 of
// IPv6.
func Of(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if !address.Is6() {
		return address.String()
	}
	const customer = 64
	return netip.PrefixFrom(address, customer).Masked().String()
}

// ScopesOf returns what a client, or another key of a limit, is counted as: a
// network of IPv6 as itself and as the wider ones that it is in, the widest last.
func ScopesOf(key string) []Scope {
	if prefix, err := netip.ParsePrefix(key); err == nil {
		wider := func(bits int) string { return netip.PrefixFrom(prefix.Addr(), bits).Masked().String() }
		return []Scope{
			{key, wider(32), 1},
			{wider(56), wider(32), Per56},
			{wider(48), wider(32), Per48},
		}
	}
	if address, err := netip.ParseAddr(key); err == nil && address.Is4() {
		return []Scope{{key, netip.PrefixFrom(address, 24).Masked().String(), 1}}
	}
	return []Scope{{Key: key, Share: 1}}
}

// Site returns the widest that a client is counted as: what one customer of a
// provider has at most.
func Site(client string) string {
	scopes := ScopesOf(client)
	return scopes[len(scopes)-1].Key
}

package api

import "net/netip"

// What one customer of a provider of IPv6 has is a /64 at least, a /56 or a /48 as
// a rule (RFC 6177, section 2). Each is a client of its own: a /56 may do what so
// many /64 may, and a /48 what so many.
const (
	per56 = 4
	per48 = 16
)

// scope is something that a client is counted as.
type scope struct {
	key string
	// group is the network that the key is a part of: a provider's /32 of IPv6, a /24
	// of IPv4. Keys of one group make room for each other.
	group string
	// share is how many times as much it may do as one client.
	share int
}

// scopesOf returns what a client, or another key of a limiter, is counted as: a
// network of IPv6 as itself and as the wider ones that it is in.
func scopesOf(key string) []scope {
	if prefix, err := netip.ParsePrefix(key); err == nil {
		wider := func(bits int) string { return netip.PrefixFrom(prefix.Addr(), bits).Masked().String() }
		return []scope{
			{key, wider(32), 1},
			{wider(56), wider(32), per56},
			{wider(48), wider(32), per48},
		}
	}
	if address, err := netip.ParseAddr(key); err == nil && address.Is4() {
		return []scope{{key, netip.PrefixFrom(address, 24).Masked().String(), 1}}
	}
	return []scope{{key: key, share: 1}}
}

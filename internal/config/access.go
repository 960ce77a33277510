package config

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/order"
)

// shortestSecret is how many characters a secret should have: fewer can be
// guessed.
const shortestSecret = 16

// staffTokens returns the staff's tokens, which the store surface cannot do
// without: "TOKEN", or "NAME:TOKEN" for each of several, separated by commas.
// The other processes have no use for them and need not know them. What is wrong
// is told without the token.
func (r reader) staffTokens(process Process) map[string]string {
	const name = "CAFEFORME_STAFF_TOKEN"
	if process == Store && r.Text(name) == "" {
		r.Mistake(name, "is missing: it is the bearer token that the staff signs in with")
	}
	tokens := map[string]string{}
	for _, part := range r.List(name) {
		r.staffToken(name, part, tokens)
	}
	return tokens
}

// staffToken reads "TOKEN" or "NAME:TOKEN" into tokens.
func (r reader) staffToken(name, part string, tokens map[string]string) {
	holder, token, named := strings.Cut(part, ":")
	if !named {
		holder, token = order.ActorStore, part
	}
	holder, token = strings.TrimSpace(holder), strings.TrimSpace(token)
	var why error
	if named {
		why = staff.CheckName(holder)
	}
	_, twice := tokens[holder]
	switch {
	case why != nil:
		r.Mistake(name, "has a token under a name that cannot be used: %v", why)
	case twice:
		r.Mistake(name, "has two tokens for %q: give each its own name, as in mina:TOKEN,jun:TOKEN", holder)
	case token == "":
		r.Mistake(name, "has no token for %q", holder)
	case isShort(token):
		r.Mistake(name, "has a token of fewer than %d characters, which can be guessed: make one with `openssl rand -hex 16`", shortestSecret)
	default:
		tokens[holder] = token
	}
}

// secret returns a secret, and warns of one that can be guessed, without telling
// it.
func (r reader) secret(name string) string {
	value := r.Text(name)
	if value != "" && isShort(value) {
		r.Warn(name, "has a secret of fewer than %d characters, which can be guessed: make one with `openssl rand -hex 16`", shortestSecret)
	}
	return value
}

func isShort(secret string) bool { return utf8.RuneCountInString(secret) < shortestSecret }

// RateLimits are how often clients may do what they may; 0 is no limit.
type RateLimits struct {
	// RateLimit is writes per minute and client address, PhoneLimit orders per
	// minute and phone number, DeclineLimit declined payments per ten minutes and
	// member or client address, CouponLimit codes that no coupon has per ten minutes and client
	// address, CodeLimit one-time codes that are asked for per ten minutes and
	// client address.
	RateLimit, PhoneLimit, DeclineLimit, CodeLimit, CouponLimit int
}

// rateLimits returns how many writes a client may send per minute, how many orders may be placed
// for one phone, and how many payments of a client may be declined, how many codes it may ask for,
// and how many coupons it may name that there are not, in ten minutes
// ("60,phone=10,declines=10,codes=10,coupons=10"); zeros for "off", which is what dev does
// by default. What is not named has its default.
func (r reader) rateLimits(name string, process Process) RateLimits {
	value := r.Text(name)
	if value == "off" || value == "" && process == Dev {
		return RateLimits{}
	}
	limits := RateLimits{RateLimit: 60, PhoneLimit: 10, DeclineLimit: 10, CodeLimit: 10, CouponLimit: 10}
	for _, part := range r.List(name) {
		kind, number, named := strings.Cut(part, "=")
		if !named {
			kind, number = "", kind
		}
		limit, known := map[string]*int{
			"": &limits.RateLimit, "phone": &limits.PhoneLimit, "declines": &limits.DeclineLimit, "codes": &limits.CodeLimit,
			"coupons": &limits.CouponLimit,
		}[kind]
		n, err := strconv.Atoi(number)
		switch {
		case known && named && number == "off":
			*limit = 0
		case !known || err != nil || n < 1:
			r.Mistake(name, `is %q, want a number of writes per minute such as 60, with others for each phone, for declined payments, for codes and for wrong coupons such as "60,phone=10,declines=10,codes=10,coupons=10", or "off"`, value)
			return limits
		default:
			*limit = n
		}
	}
	return limits
}

// The widest networks that can be somebody's own proxies: 10.0.0.0/8 (RFC 1918)
// and fc00::/7 (RFC 4193) are the largest private ones.
const (
	widestIPv4 = 8
	widestIPv6 = 7
)

// proxies returns networks, written as "10.0.0.0/8" or, for one address, as
// "192.0.2.1", separated by commas. Networks of strangers are refused.
func (r reader) proxies(name string) (prefixes []netip.Prefix) {
	for _, part := range r.List(name) {
		prefix, err := netip.ParsePrefix(part)
		if address, addressErr := netip.ParseAddr(part); addressErr == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		prefix = unmapped(prefix)
		switch {
		case err != nil:
			r.Mistake(name, "names %q, want addresses and networks such as 10.0.0.0/8,192.0.2.1", part)
		case prefix.Addr().Is4() && prefix.Bits() < widestIPv4, prefix.Addr().Is6() && prefix.Bits() < widestIPv6:
			r.Mistake(name, "names %q, which lets anybody choose the address that limits count by: name the proxies alone", part)
		default:
			prefixes = append(prefixes, prefix.Masked())
		}
	}
	return prefixes
}

// unmapped returns a network of IPv4 that was written as one of IPv6 (RFC 4291,
// section 2.5.5.2) as what it is; any other one as it was.
func unmapped(prefix netip.Prefix) netip.Prefix {
	const mapped = 96
	if prefix.Addr().Is4In6() && prefix.Bits() >= mapped {
		return netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-mapped)
	}
	return prefix
}

package httpserver

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// LocalHosts returns what tells whether a Host names this machine: as localhost
// (RFC 6761, section 6.3), by an IP address, or as publicURL does. Other names
// can be made to mean this machine by whoever owns them (DNS rebinding), and their
// pages would be let in as our own.
func LocalHosts(publicURL string) func(host string) bool {
	public := ""
	if u, err := url.Parse(publicURL); err == nil {
		public = strings.ToLower(u.Hostname())
	}
	return func(host string) bool {
		name := hostname(host)
		_, notAddress := netip.ParseAddr(name)
		return notAddress == nil || name == "localhost" || strings.HasSuffix(name, ".localhost") || (name != "" && name == public)
	}
}

// hostname returns a Host without its port and brackets, in small letters.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

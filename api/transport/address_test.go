package transport

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhoTheClientIs(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::/48")}
	for name, c := range map[string]struct {
		remote, forwarded, want string
		trusted                 []netip.Prefix
	}{
		"an address":                           {"192.0.2.1:1234", "", "192.0.2.1", nil},
		"a network of IPv6":                    {"[2001:db8::1]:80", "", "2001:db8::/64", nil},
		"IPv4 in IPv6":                         {"[::ffff:192.0.2.1]:80", "", "192.0.2.1", nil},
		"no address at all":                    {"@", "203.0.113.9", "@", proxies},
		"nobody is believed by default":        {"10.1.1.1:1234", "203.0.113.9", "10.1.1.1", nil},
		"strangers are not believed":           {"192.0.2.1:1234", "203.0.113.9", "192.0.2.1", proxies},
		"a proxy is":                           {"10.1.1.1:1234", "203.0.113.9", "203.0.113.9", proxies},
		"as far as it knows":                   {"10.1.1.1:1234", "198.51.100.1, 203.0.113.9", "203.0.113.9", proxies},
		"a proxy behind a proxy":               {"10.1.1.1:1234", "203.0.113.9,  10.2.2.2", "203.0.113.9", proxies},
		"a proxy of IPv6":                      {"[2001:db8:ffff::1]:1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64", proxies},
		"with a port":                          {"10.1.1.1:1234", "203.0.113.9:4711", "203.0.113.9", proxies},
		"a proxy that does not say":            {"10.1.1.1:1234", "", "10.1.1.1", proxies},
		"a proxy that says what is no address": {"10.1.1.1:1234", "unknown", "10.1.1.1", proxies},
		"only proxies":                         {"10.1.1.1:1234", "10.3.3.3", "10.3.3.3", proxies},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{RemoteAddr: c.remote, Header: http.Header{}}
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			require.Equal(t, c.want, ClientAddress(c.trusted)(r))
		})
	}
}

func TestSeveralHeadersOfProxiesAreOneList(t *testing.T) {
	t.Parallel()
	r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {"198.51.100.1", "203.0.113.9", "10.0.0.2"}}}
	require.Equal(t, "203.0.113.9", ClientAddress([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})(r))
}

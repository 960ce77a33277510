package clients_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/clients"
)

func TestAClientIsAnAddressOfIPv4OrANetworkOfIPv6(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		require.Equal(t, want, clients.Of(netip.MustParseAddr(address)), address)
	}
	require.Equal(t, netip.Addr{}.String(), clients.Of(netip.Addr{}))
}

func TestAClientIsCountedAsTheNetworksThatItIsIn(t *testing.T) {
	t.Parallel()
	require.Equal(t, []clients.Scope{
		{Key: "2001:db8:1:203::/64", Group: "2001:db8::/32", Share: 1},
		{Key: "2001:db8:1:200::/56", Group: "2001:db8::/32", Share: clients.Per56},
		{Key: "2001:db8:1::/48", Group: "2001:db8::/32", Share: clients.Per48},
	}, clients.ScopesOf("2001:db8:1:203::/64"))
	require.Equal(t, []clients.Scope{{Key: "192.0.2.1", Group: "192.0.2.0/24", Share: 1}}, clients.ScopesOf("192.0.2.1"))
	require.Equal(t, []clients.Scope{{Key: "+821012345678", Share: 1}}, clients.ScopesOf("+821012345678"))
	require.Equal(t, "2001:db8:1::/48", clients.Site("2001:db8:1:203::/64"))
	require.Equal(t, "192.0.2.1", clients.Site("192.0.2.1"))
}

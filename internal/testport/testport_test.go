package testport_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/testport"
)

func TestReservedPortsDifferAndAreFree(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 50 {
		port, err := testport.Reserve()
		require.NoError(t, err)
		require.False(t, seen[port], "port %d was given before", port)
		seen[port] = true
		require.Less(t, port, 32768, "the kernel gives higher ports to outgoing connections")
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		require.NoError(t, err)
		require.NoError(t, listener.Close())
	}
}

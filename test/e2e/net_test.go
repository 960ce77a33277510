package e2e_test

import (
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/cafeforme/cafeforme/internal/testport"
)

const pollEvery = 50 * time.Millisecond

// freePort returns a port that nobody else gets.
func freePort(t *testing.T) string {
	t.Helper()
	port, err := testport.Reserve()
	require.NoError(t, err)
	return fmt.Sprint(port)
}

func listenOn(t *testing.T, port string) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:"+port)
	require.NoError(t, err)
	return listener
}

// quietClient is a client of the Temporal server that keeps the SDK's log out of
// the tests'.
var quietClient = client.Options{Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))}

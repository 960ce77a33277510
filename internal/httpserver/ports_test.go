package httpserver

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPortOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, 7233, PortOf("127.0.0.1:7233"))
	require.Equal(t, 80, PortOf("[::1]:80"))
	require.Zero(t, PortOf("127.0.0.1"))
	require.Zero(t, PortOf("127.0.0.1:http"))
}

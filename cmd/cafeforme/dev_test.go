package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
)

// runDev runs a dev that is to fail, with free ports and a server of its own
// that no test gets as far as starting.
func runDev(t *testing.T, environ config.Environ, args ...string) error {
	t.Helper()
	server := script(t, "exit 1")
	var stdout, stderr bytes.Buffer
	defaults := []string{
		"dev", "--addr=127.0.0.1:0", "--store-addr=127.0.0.1:0", "--temporal-port=0", "--ui-port=0",
		"--data-dir=" + t.TempDir(), "--temporal-server=" + server,
	}
	err := run(t.Context(), append(defaults, args...), environment{environ: environ, stdout: &stdout, stderr: &stderr})
	require.Empty(t, stdout.String(), "nothing is announced")
	return err
}

// takenPort returns a port of the loopback that something listens on.
func takenPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return strconv.Itoa(portOf(listener.Addr().String()))
}

func TestDevFailsWithOneSentence(t *testing.T) {
	t.Parallel()

	t.Run("when a port is taken", func(t *testing.T) {
		t.Parallel()
		port := takenPort(t)
		for flagName, value := range map[string]string{
			"--addr": "127.0.0.1:" + port, "--store-addr": "127.0.0.1:" + port, "--temporal-port": port, "--ui-port": port,
		} {
			require.EqualError(t, runDev(t, nil, flagName+"="+value),
				"port "+port+" on 127.0.0.1 is already in use: stop what uses it, or choose another with "+flagName)
		}
	})

	t.Run("when an address or port is none", func(t *testing.T) {
		t.Parallel()
		require.EqualError(t, runDev(t, nil, "--addr=8080"),
			`--addr "8080" is not an address, want HOST:PORT such as 127.0.0.1:8080`)
		require.EqualError(t, runDev(t, nil, "--ui-port=70000"), "--ui-port 70000 is not a port, want 0 to 65535")
		require.ErrorContains(t, runDev(t, nil, "--temporal-port=web"), "--temporal-port")
	})

	t.Run("when the data folder cannot be used", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		require.EqualError(t, runDev(t, nil, "--data-dir="+file+"/sub"),
			"the data folder "+file+"/sub cannot be used (not a directory): make it writable, or choose another with --data-dir")
	})

	t.Run("when another dev uses the data folder", func(t *testing.T) {
		t.Parallel()
		other, err := openDataDir(t.Context(), t.TempDir())
		require.NoError(t, err)
		defer func() { require.NoError(t, other.close()) }()
		require.EqualError(t, runDev(t, nil, "--data-dir="+other.path),
			"the data folder "+other.path+" is in use by another cafeforme dev: stop that one, or choose another with --data-dir")
	})

	t.Run("when the Temporal server is missing", func(t *testing.T) {
		t.Parallel()
		require.ErrorContains(t, runDev(t, nil, "--temporal-server=/no/such/file"), "--temporal-server /no/such/file cannot be run")
	})

	t.Run("when the Temporal server does not start", func(t *testing.T) {
		t.Parallel()
		server := script(t, "echo 'temporal-server: the moon is in the way' >&2; exit 1")
		require.EqualError(t, runDev(t, nil, "--temporal-server="+server), "the Temporal server did not start: the moon is in the way")
	})

	t.Run("when the configuration is wrong", func(t *testing.T) {
		t.Parallel()
		require.ErrorContains(t, runDev(t, config.Environ{"CAFEFORME_PAY_WITHIN=soon"}), "CAFEFORME_PAY_WITHIN")
	})
}

func TestDataDirKeepsTheStaffToken(t *testing.T) {
	t.Parallel()
	dir, err := openDataDir(t.Context(), filepath.Join(t.TempDir(), "new", "folder"))
	require.NoError(t, err)
	defer func() { require.NoError(t, dir.close()) }()

	token, err := dir.staffToken()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(token), 26)

	again, err := dir.staffToken()
	require.NoError(t, err)
	require.Equal(t, token, again)

	info, err := os.Stat(dir.file("staff-token"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestDataDirCanBeUsedAgain(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	for range 2 {
		dir, err := openDataDir(t.Context(), path)
		require.NoError(t, err)
		require.NoError(t, dir.close())
	}
}

func TestPortOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, 7233, portOf("127.0.0.1:7233"))
	require.Equal(t, 80, portOf("[::1]:80"))
	require.Zero(t, portOf("127.0.0.1"))
	require.Zero(t, portOf("127.0.0.1:http"))
}

func TestTextsOfDevLinkToItself(t *testing.T) {
	t.Parallel()
	customer, err := listen(t.Context(), "--addr", "127.0.0.1:0", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, customer.listener.Close()) })
	d := &development{customer: customer, store: customer, data: &dataDir{path: "data"}}
	tokens := map[string]string{"ann": "token"}

	cfg := config.Config{StaffTokens: tokens}
	d.link(&cfg)
	require.Equal(t, customer.url(), cfg.PublicURL)
	require.NotContains(t, fmt.Sprint(d.places(cfg, "")), "Links in texts")

	cfg = config.Config{StaffTokens: tokens, PublicURL: "https://cafe.example"}
	d.link(&cfg)
	require.Equal(t, "https://cafe.example", cfg.PublicURL, "what is set stays")

	customer.listener = addressed{customer.listener, "[2001:db8:1111:2222::1]:8080"}
	cfg = config.Config{StaffTokens: tokens}
	d.link(&cfg)
	require.Empty(t, cfg.PublicURL)
	require.Contains(t, fmt.Sprint(d.places(cfg, "")), "Links in texts none: http://[2001:db8:1111:2222::1]:8080 is too long")
}

// addressed is a listener that says that it has another address.
type addressed struct {
	net.Listener
	address string
}

// Addr returns the address.
func (a addressed) Addr() net.Addr { return a }

// Network returns tcp.
func (addressed) Network() string { return "tcp" }

// String returns the address.
func (a addressed) String() string { return a.address }

package app

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/httpserver"
	"github.com/cafeforme/cafeforme/internal/temporalserver"
)

// failDev runs a dev that is to fail, with free ports and a server of its own
// that no test gets as far as starting, unless change says otherwise.
func failDev(t *testing.T, environ config.Environ, change func(*DevOptions)) error {
	t.Helper()
	options := DevOptions{
		Addr: "127.0.0.1:0", StoreAddr: "127.0.0.1:0", CodecAddr: "127.0.0.1:0", DataDir: t.TempDir(), TemporalServer: serverScript(t, "exit 1"),
	}
	if change != nil {
		change(&options)
	}
	var stdout bytes.Buffer
	err := RunDev(t.Context(), Environment{Environ: environ, Stdout: &stdout, Stderr: io.Discard}, options)
	require.Empty(t, stdout.String(), "nothing is announced")
	return err
}

func TestDevFailsWithOneSentence(t *testing.T) {
	t.Parallel()

	t.Run("when a port is taken", func(t *testing.T) {
		t.Parallel()
		port := takenPort(t)
		number, err := strconv.Atoi(port)
		require.NoError(t, err)
		for flagName, change := range map[string]func(*DevOptions){
			"--addr":          func(o *DevOptions) { o.Addr = "127.0.0.1:" + port },
			"--store-addr":    func(o *DevOptions) { o.StoreAddr = "127.0.0.1:" + port },
			"--temporal-port": func(o *DevOptions) { o.TemporalPort = number },
			"--ui-port":       func(o *DevOptions) { o.UIPort = number },
		} {
			require.EqualError(t, failDev(t, nil, change),
				"port "+port+" on 127.0.0.1 is already in use: stop what uses it, or choose another with "+flagName)
		}
	})

	t.Run("when an address or port is none", func(t *testing.T) {
		t.Parallel()
		require.EqualError(t, failDev(t, nil, func(o *DevOptions) { o.Addr = "8080" }),
			`--addr "8080" is not an address, want HOST:PORT such as 127.0.0.1:8080`)
		require.EqualError(t, failDev(t, nil, func(o *DevOptions) { o.UIPort = 70000 }), "--ui-port 70000 is not a port, want 0 to 65535")
	})

	t.Run("when the data folder cannot be used", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		require.EqualError(t, failDev(t, nil, func(o *DevOptions) { o.DataDir = file + "/sub" }),
			"the data folder "+file+"/sub cannot be used (not a directory): make it writable, or choose another with --data-dir")
	})

	t.Run("when another dev uses the data folder", func(t *testing.T) {
		t.Parallel()
		other, err := temporalserver.OpenDataDir(t.Context(), t.TempDir())
		require.NoError(t, err)
		defer func() { require.NoError(t, other.Close()) }()
		require.EqualError(t, failDev(t, nil, func(o *DevOptions) { o.DataDir = other.Path }),
			"the data folder "+other.Path+" is in use by another cafeforme dev: stop that one, or choose another with --data-dir")
	})

	t.Run("when a demo would charge or text people", func(t *testing.T) {
		t.Parallel()
		environ := config.Environ{"CAFEFORME_PAYMENTS=stripe", "STRIPE_API_KEY=sk_test_1", "STRIPE_WEBHOOK_SECRET=whsec_1"}
		require.EqualError(t, failDev(t, environ, func(o *DevOptions) { o.Demo = true }),
			"--demo orders and pays for people whom there are not: it needs CAFEFORME_PAYMENTS=sandbox and CAFEFORME_SMS=outbox")
	})

	t.Run("when the Temporal server is missing", func(t *testing.T) {
		t.Parallel()
		require.ErrorContains(t, failDev(t, nil, func(o *DevOptions) { o.TemporalServer = "/no/such/file" }), "--temporal-server /no/such/file cannot be run")
	})

	t.Run("when the Temporal server does not start", func(t *testing.T) {
		t.Parallel()
		server := serverScript(t, "echo 'temporal-server: the moon is in the way' >&2; exit 1")
		require.EqualError(t, failDev(t, nil, func(o *DevOptions) { o.TemporalServer = server }), "the Temporal server did not start: the moon is in the way")
	})

	t.Run("when the configuration is wrong", func(t *testing.T) {
		t.Parallel()
		require.ErrorContains(t, failDev(t, config.Environ{"CAFEFORME_PAY_WITHIN=soon"}, nil), "CAFEFORME_PAY_WITHIN")
	})
}

func TestTextsOfDevLinkToItself(t *testing.T) {
	t.Parallel()
	customer, err := httpserver.Listen(t.Context(), "--addr", "127.0.0.1:0", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, customer.Listener.Close()) })
	d := &development{customer: customer, store: customer, data: &temporalserver.DataDir{Path: "data"}}
	tokens := map[string]string{"ann": "token"}

	cfg := config.Config{StaffTokens: tokens}
	d.link(&cfg)
	require.Equal(t, customer.URL(), cfg.PublicURL)
	require.NotContains(t, fmt.Sprint(d.places(cfg, "")), "Links in texts")

	cfg = config.Config{StaffTokens: tokens, PublicURL: "https://cafe.example"}
	d.link(&cfg)
	require.Equal(t, "https://cafe.example", cfg.PublicURL, "what is set stays")

	customer.Listener = addressed{customer.Listener, "[2001:db8:1111:2222::1]:8080"}
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

package temporalserver

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Script returns the path of a shell script that stands in for the Temporal
// server.
func script(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server")
	text := "#!/bin/sh\n" + strings.Join(lines, "\n") + "\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o700))
	return path
}

const getReady = `echo '{"address":"127.0.0.1:4711","ui":"http://127.0.0.1:4712","namespace":"default"}'`

// log is a log that tests read while it is written.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newTemporalServer(t *testing.T, binary string) (*Server, *log) {
	t.Helper()
	data, err := OpenDataDir(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, data.Close()) })
	written := &log{}
	return &Server{Binary: binary, Namespace: "default", Data: data, Log: slog.New(slog.NewTextHandler(written, nil))}, written
}

func TestTemporalServer(t *testing.T) {
	t.Parallel()

	t.Run("stops when it is told to, by the end of its stdin", func(t *testing.T) {
		t.Parallel()
		stopped := filepath.Join(t.TempDir(), "stopped")
		server, _ := newTemporalServer(t, script(t, getReady, "cat", "touch "+stopped))
		ready, stop, err := server.Start(t.Context())
		require.NoError(t, err)
		require.Equal(t, Ready{Address: "127.0.0.1:4711", UI: "http://127.0.0.1:4712", Namespace: "default"}, ready)
		require.NoError(t, stop())
		require.FileExists(t, stopped)
	})

	t.Run("is started again when it ends by itself", func(t *testing.T) {
		t.Parallel()
		crashed := filepath.Join(t.TempDir(), "crashed")
		server, written := newTemporalServer(t, script(t,
			getReady, "if [ -e "+crashed+" ]; then cat; exit; fi", "touch "+crashed, "exit 3"))
		_, stop, err := server.Start(t.Context())
		require.NoError(t, err)
		require.Eventually(t, func() bool { return strings.Contains(written.String(), "is back") }, 10*time.Second, 10*time.Millisecond)
		require.Contains(t, written.String(), "exit status 3")
		require.NoError(t, stop())
	})

	t.Run("is given up while it does not start again", func(t *testing.T) {
		t.Parallel()
		crashed := filepath.Join(t.TempDir(), "crashed")
		server, written := newTemporalServer(t, script(t, "[ -e "+crashed+" ] && exit 1", "touch "+crashed, getReady))
		_, stop, err := server.Start(t.Context())
		require.NoError(t, err)
		require.Eventually(t, func() bool { return strings.Contains(written.String(), "does not start") }, 10*time.Second, 10*time.Millisecond)
		require.NoError(t, stop())
	})

	t.Run("must not print nonsense", func(t *testing.T) {
		t.Parallel()
		server, _ := newTemporalServer(t, script(t, "echo hello", "cat"))
		_, _, err := server.Start(t.Context())
		require.ErrorContains(t, err, "the Temporal server did not start: invalid character")
	})

	t.Run("keeps the log of the run before", func(t *testing.T) {
		t.Parallel()
		server, _ := newTemporalServer(t, script(t, "echo said >&2", getReady, "cat"))
		for range 2 {
			_, stop, err := server.Start(t.Context())
			require.NoError(t, err)
			require.NoError(t, stop())
		}
		for _, suffix := range []string{"", ".old"} {
			text, err := os.ReadFile(server.logFile() + suffix)
			require.NoError(t, err)
			require.Equal(t, "said\n", string(text))
		}
	})
}

func TestFindServer(t *testing.T) {
	t.Parallel()
	path := script(t, "exit")
	found, err := FindBinary(path)
	require.NoError(t, err)
	require.Equal(t, path, found)
	_, err = FindBinary(filepath.Join(t.TempDir(), "nothing"))
	require.ErrorContains(t, err, "--temporal-server")
}

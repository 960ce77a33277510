package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// dev is a running "cafeforme dev" with a data folder of its own.
type dev struct {
	*process
	*cafe.Cafe
	dataDir  string
	temporal string
}

func startDev(t *testing.T, dataDir string, environ ...string) *dev {
	t.Helper()
	return startDevWith(t, dataDir, nil, environ...)
}

// startDevWith starts one with more flags.
func startDevWith(t *testing.T, dataDir string, flags []string, environ ...string) *dev {
	t.Helper()
	port := freePort(t)
	environ = append([]string{env("CAFEFORME_STAFF_TOKEN", "staff-token-of-the-tests")}, environ...)
	p := start(t, environ, append([]string{
		"dev", "--data-dir", dataDir, "--addr", "127.0.0.1:0", "--store-addr", "127.0.0.1:0", "--temporal-port", port, "--ui-port", freePort(t),
	}, flags...)...)
	first, second := p.address(), p.address()
	awaitReady(t, first)
	awaitReady(t, second)
	return &dev{process: p, dataDir: dataDir, temporal: "127.0.0.1:" + port, Cafe: surfaces(t, first, second)}
}

// surfaces tells the customer's surface from the store's.
func surfaces(t *testing.T, a, b string) *cafe.Cafe {
	t.Helper()
	c := &cafe.Cafe{Customer: a, Store: b, Token: "staff-token-of-the-tests"}
	if _, err := c.Board(t.Context(), "paid"); err != nil {
		c.Customer, c.Store = b, a
	}
	return c
}

func TestTheWholeStory(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir())

	require.NoError(t, d.Story(within(t), os.Stderr))
}

func TestOpenOrdersAreStillOpenAfterARestart(t *testing.T) {
	needsServers(t)
	t.Parallel()
	dataDir := t.TempDir()
	d := startDev(t, dataDir)
	o, err := d.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(t, err)
	d.interrupt()

	d = startDev(t, dataDir)
	awaitBoard(t, d.Cafe, 1, "paid")
	accepted, err := d.Act(within(t), o.ID, "accept", map[string]any{"eta_minutes": 5})
	require.NoError(t, err)
	require.Equal(t, "accepted", accepted.Status)
}

func TestAKilledDevLeavesNothingBehind(t *testing.T) {
	needsServers(t)
	t.Parallel()
	dataDir := t.TempDir()
	d := startDev(t, dataDir)
	o, err := d.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(t, err)

	d.kill()
	require.Eventually(t, func() bool { return !mentioned(t, dataDir) }, patience, pollEvery, "the Temporal server outlives its dev")

	d = startDev(t, dataDir)
	_, err = d.Await(within(t), o.ID, func(o cafe.Order) bool { return o.Status == "paid" })
	require.NoError(t, err)
}

// mentioned reports whether a running process names the folder.
func mentioned(t *testing.T, folder string) bool {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	for _, file := range files {
		// A process that has ended meanwhile has no command line to read.
		if line, err := os.ReadFile(file); err == nil && strings.Contains(string(line), folder) {
			return true
		}
	}
	return false
}

func TestDevRefusesWithOneClearSentence(t *testing.T) {
	needsServers(t)
	t.Parallel()
	taken, free := freePort(t), freePort(t)
	busy := listenOn(t, taken)
	t.Cleanup(func() { _ = busy.Close() })
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a customer port that is taken": {[]string{"--addr", "127.0.0.1:" + taken}, taken},
		"a store port that is taken":    {[]string{"--store-addr", "127.0.0.1:" + taken}, taken},
		"a Temporal port that is taken": {[]string{"--temporal-port", taken}, "--temporal-port"},
		"a UI port that is taken":       {[]string{"--ui-port", taken}, "--ui-port"},
		"one port asked for twice":      {[]string{"--addr", "127.0.0.1:" + free, "--temporal-port", free}, "--temporal-port"},
		"a data folder that is a file":  {[]string{"--data-dir", file}, file},
		"no Temporal server":            {[]string{"--temporal-server", "/nowhere/temporal-server"}, "/nowhere/temporal-server"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defaults := []string{
				"dev", "--data-dir", filepath.Join(t.TempDir(), "data"), "--addr", "127.0.0.1:0", "--store-addr", "127.0.0.1:0",
				"--temporal-port", freePort(t), "--ui-port", freePort(t),
			}
			cmd := exec.CommandContext(within(t), binary(t), append(defaults, c.args...)...)
			output, err := cmd.CombinedOutput()
			require.Error(t, err)
			require.Equal(t, 1, cmd.ProcessState.ExitCode(), "%s", output)
			sentences := strings.Split(strings.TrimSpace(string(output)), "\n")
			require.Contains(t, sentences[len(sentences)-1], c.says)
			require.Len(t, sentences, 1, "one sentence, not %q", output)
		})
	}
}

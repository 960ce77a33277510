package e2e_test

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/fleet"
)

// patience is how long a test waits for something that has to happen.
const patience = 2 * time.Minute

// process is one real cafeforme process of a test.
type process struct {
	*fleet.Process
	t *testing.T
	// toldToEnd is when it was; zero while it was not.
	toldToEnd time.Time
}

// start runs bin/cafeforme with the given arguments and environment.
func start(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	started, err := fleet.Start(binary(t), t.TempDir(), environ, args...)
	require.NoError(t, err)
	p := &process{Process: started, t: t}
	t.Cleanup(p.cleanup)
	return p
}

// address waits for the process to say where it listens next.
func (p *process) address() string {
	p.t.Helper()
	url, err := p.Address(within(p.t))
	require.NoError(p.t, err)
	return url
}

// awaitSaid waits for the process to print the text.
func (p *process) awaitSaid(text string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return p.Said(text) }, patience, pollEvery, "%s says no %q", p.Name, text)
}

// kill ends the process as a crash would.
func (p *process) kill() {
	p.t.Helper()
	require.NoError(p.t, p.Kill())
}

// interrupt ends the process as Ctrl-C does, and requires that it ends well.
func (p *process) interrupt() {
	p.t.Helper()
	p.end(os.Interrupt)
}

// terminate ends the process as a deployment does, and requires that it ends
// well.
func (p *process) terminate() {
	p.t.Helper()
	p.end(syscall.SIGTERM)
}

func (p *process) end(signal os.Signal) {
	p.t.Helper()
	p.toldToEnd = time.Now()
	require.NoError(p.t, p.Signal(signal))
	require.NoError(p.t, p.Wait(within(p.t)), "%v", p.Tail(20))
}

func (p *process) cleanup() {
	if err := p.Stop(); err != nil {
		p.t.Error(err)
	}
	if p.t.Failed() {
		for _, line := range p.Tail(40) {
			p.t.Logf("%s: %s", p.Name, line)
		}
	}
}

// awaitReady waits until the process serves requests.
func awaitReady(t *testing.T, url string) {
	t.Helper()
	require.Eventually(t, func() bool { return fleet.Ready(t.Context(), url) }, patience, pollEvery, "%s is not ready", url)
}

// binary returns the binary under test.
func binary(t *testing.T) string {
	t.Helper()
	path, err := fleet.Binary()
	require.NoError(t, err)
	return path
}

// within returns a context that ends with the test's patience.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// needsServers skips a test that needs servers when only the quick ones are run.
func needsServers(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs servers: not part of the quick tests")
	}
}

func env(name, value string) string { return fmt.Sprintf("%s=%s", name, value) }

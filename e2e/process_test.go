package e2e_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for something that has to happen.
const patience = 2 * time.Minute

// process is one real cafeforme process.
type process struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	// addresses holds the URLs that the process said it listens on, in order.
	addresses chan string
	output    *transcript
	done      chan struct{}
	err       error
}

// transcript keeps what a process printed, for the log of a failed test.
type transcript struct {
	mu    sync.Mutex
	lines []string
}

func (tr *transcript) add(line string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.lines = append(tr.lines, line)
}

func (tr *transcript) has(text string) bool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.ContainsFunc(tr.lines, func(line string) bool { return strings.Contains(line, text) })
}

func (tr *transcript) tail(n int) []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.lines[max(0, len(tr.lines)-n):]
}

// start runs bin/cafeforme with the given arguments and environment.
func start(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	p := &process{
		t: t, name: args[0], addresses: make(chan string, 8), output: &transcript{}, done: make(chan struct{}),
		cmd: exec.Command(binary(t), args...),
	}
	p.cmd.Env = append(os.Environ(), environ...)
	p.cmd.Dir = t.TempDir()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	p.cmd.Stdout, p.cmd.Stderr = writer, writer
	require.NoError(t, p.cmd.Start())
	require.NoError(t, writer.Close())
	go p.listen(reader)
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(p.cleanup)
	return p
}

// listening matches the line in which a process tells its address, as text and
// as JSON.
var listening = regexp.MustCompile(`listening.*?(http://[0-9.:]+)`)

func (p *process) listen(r io.Reader) {
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		p.output.add(scanner.Text())
		if match := listening.FindStringSubmatch(scanner.Text()); match != nil {
			p.addresses <- match[1]
		}
	}
}

// address waits for the process to say where it listens.
func (p *process) address() string {
	p.t.Helper()
	select {
	case url := <-p.addresses:
		return url
	case <-p.done:
		require.FailNow(p.t, p.name+" ended", "%v\n%v", p.err, p.output.tail(20))
	case <-time.After(patience):
		require.FailNow(p.t, p.name+" does not listen", "%v", p.output.tail(20))
	}
	return ""
}

// awaitSaid waits for the process to print the text.
func (p *process) awaitSaid(text string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return p.output.has(text) }, patience, pollEvery, "%s says no %q", p.name, text)
}

// kill ends the process as a crash would.
func (p *process) kill() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Kill())
	<-p.done
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
	require.NoError(p.t, p.cmd.Process.Signal(signal))
	select {
	case <-p.done:
		require.NoError(p.t, p.err, "%v", p.output.tail(20))
	case <-time.After(patience):
		require.FailNow(p.t, p.name+" does not stop", "%v", p.output.tail(20))
	}
}

func (p *process) cleanup() {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("stop %s: %v", p.name, err)
	}
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		p.t.Errorf("%s did not stop within 30 s", p.name)
		_ = p.cmd.Process.Kill()
	}
	if p.t.Failed() {
		for _, line := range p.output.tail(40) {
			p.t.Logf("%s: %s", p.name, line)
		}
	}
}

// awaitReady waits until the process serves requests.
func awaitReady(t *testing.T, url string) {
	t.Helper()
	require.Eventually(t, func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/readyz", http.NoBody)
		if err != nil {
			return false
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	}, patience, 50*time.Millisecond, "%s is not ready", url)
}

// binary returns the binary under test.
func binary(t *testing.T) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	path := filepath.Join(filepath.Dir(file), "..", "bin", "cafeforme")
	_, err := os.Stat(path)
	require.NoError(t, err, "the tests need the binary: run 'make build' first")
	return path
}

// within returns a context that ends with the test's patience.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// server skips a test that needs servers when only the quick ones are run.
func needsServers(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs servers: not part of the quick tests")
	}
}

func env(name, value string) string { return fmt.Sprintf("%s=%s", name, value) }

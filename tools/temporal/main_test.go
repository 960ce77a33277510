package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// deadline is for conditions that a loaded machine may take long to meet. A
// passing test never waits for it.
const deadline = 90 * time.Second

// asServer, set in the environment, makes the test binary behave as the real
// program. So the tests run the very code they were built from, as a process
// that can be signalled and killed.
const asServer = "TEMPORAL_SERVER_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// process is a running temporal-server.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
	stderr *lockedBuffer
	exited chan struct{}
}

// launch starts a server with args and does not wait for anything.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, stderr: &lockedBuffer{}, exited: make(chan struct{})}
	p.cmd = exec.Command(os.Args[0], args...)
	p.cmd.Env = append(os.Environ(), asServer+"=1")
	p.cmd.Stderr = p.stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout = writer
	p.stdout = bufio.NewReader(reader)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close() // the child has its own
	go func() {
		_ = p.cmd.Wait() // judged by exitCode
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.kill()
		_ = reader.Close()
	})
	return p
}

// start starts a server on db and a free port and returns when it is ready.
func start(t *testing.T, db string, args ...string) (*process, readyLine) {
	t.Helper()
	p := launch(t, append([]string{"--db", db, "--port", "0", "--ui-port", "0"}, args...)...)
	line := p.ready()
	return p, line
}

// ready reads the ready line, or fails with what the server wrote to stderr.
func (p *process) ready() readyLine {
	p.t.Helper()
	watchdog := time.AfterFunc(deadline, func() { _ = p.cmd.Process.Kill() })
	defer watchdog.Stop()
	text, err := p.stdout.ReadBytes('\n')
	if err != nil {
		p.t.Fatalf("no ready line (%v), stderr:\n%s", err, p.stderr)
	}
	var line readyLine
	if err := json.Unmarshal(text, &line); err != nil {
		p.t.Fatalf("ready line %q: %v", text, err)
	}
	return line
}

// exitCode waits for the end of the process.
func (p *process) exitCode() int {
	p.t.Helper()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(deadline):
		p.t.Fatalf("still running, stderr:\n%s", p.stderr)
		return 0
	}
}

// stop ends the process the polite way and checks that it agrees.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if code := p.exitCode(); code != 0 {
		p.t.Fatalf("exit code %d after SIGTERM, stderr:\n%s", code, p.stderr)
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be gone already
	<-p.exited
}

// lockedBuffer collects the output of a process while a test reads it.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func newDB(t *testing.T) string {
	return filepath.Join(t.TempDir(), "temporal.db")
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	t.Cleanup(cancel)
	return ctx
}

func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// occupiedPort is a port somebody else listens on.
func occupiedPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func unusedPort(t *testing.T) string {
	t.Helper()
	port, err := freePort(loopback)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(port)
}

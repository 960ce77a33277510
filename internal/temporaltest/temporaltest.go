// Package temporaltest gives tests a real Temporal server: the binary that
// "make build" leaves in bin, on a throw-away file and free ports.
package temporaltest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/testport"
)

// startTimeout is generous: a cold machine under load makes the schema first.
const startTimeout = 2 * time.Minute

// Server is a running Temporal server.
type Server struct {
	// Address is the frontend's host and port.
	Address string `json:"address"`
	// Namespace has the search attributes of an order.
	Namespace string `json:"namespace"`

	binary, db string
	port       int
	flags      []string
	log        io.Writer
	// cmd is nil while the server is down.
	cmd   *exec.Cmd
	stdin io.Closer
}

var shared = struct {
	once   sync.Once
	server *Server
	dir    string
	err    error
}{}

// Shared returns the server that all tests of this process share; each uses
// workflow IDs and task queues of its own. Call [Stop] in TestMain.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "temporaltest"); shared.err != nil {
			return
		}
		shared.server, shared.err = Start(filepath.Join(shared.dir, "temporal.db"))
	})
	require.NoError(t, shared.err)
	return shared.server
}

// Stop ends the shared server, if it was started, and removes its file.
func Stop() {
	if shared.server == nil {
		return
	}
	// The tests' verdict stands: what cannot be cleaned up is only told.
	if err := errors.Join(shared.server.Stop(), os.RemoveAll(shared.dir)); err != nil {
		fmt.Fprintln(os.Stderr, "temporaltest:", err)
	}
}

// Start runs a server on the given file.
func Start(db string) (*Server, error) { return StartLogging(db, os.Stderr) }

// StartLogging is [Start] with a place for the server's log, and with flags of
// its command line.
func StartLogging(db string, log io.Writer, flags ...string) (*Server, error) {
	binary, err := findBinary()
	if err != nil {
		return nil, err
	}
	port, err := testport.Reserve()
	if err != nil {
		return nil, err
	}
	s := &Server{binary: binary, db: db, log: log, port: port, flags: flags}
	err = s.Restart()
	return s, err
}

// Restart runs a server that was stopped or killed again, on its file and its
// address.
func (s *Server) Restart() error {
	cmd := exec.Command(s.binary, append([]string{"--db", s.db, "--port", fmt.Sprint(s.port), "--ui-port", "0",
		"--search-attribute", "Store=Keyword", "--search-attribute", "OrderStatus=Keyword", "--search-attribute", "StuckOn=KeywordList", "--exit-with-parent"}, s.flags...)...)
	cmd.Stderr = s.log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.binary, err)
	}
	s.cmd, s.stdin = cmd, stdin
	if err := s.awaitReady(stdout); err != nil {
		return errors.Join(err, s.Stop())
	}
	return nil
}

// awaitReady reads the line that the server prints once it answers.
func (s *Server) awaitReady(stdout io.Reader) error {
	line := make(chan []byte, 1)
	go func() {
		scanner := bufio.NewScanner(stdout)
		scanner.Scan()
		line <- scanner.Bytes()
	}()
	select {
	case l := <-line:
		if err := json.Unmarshal(l, s); err != nil {
			return fmt.Errorf("the Temporal server did not start: %q", l)
		}
		return nil
	case <-time.After(startTimeout):
		return fmt.Errorf("the Temporal server was not ready within %s", startTimeout)
	}
}

// Stop ends the server gracefully, if it runs.
func (s *Server) Stop() error {
	if s.cmd == nil {
		return nil
	}
	cmd := s.cmd
	s.cmd = nil
	if err := s.stdin.Close(); err != nil {
		return err
	}
	return cmd.Wait()
}

// Kill ends the server as a crash would.
func (s *Server) Kill() error {
	cmd := s.cmd
	s.cmd = nil
	if err := cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill the Temporal server: %w", err)
	}
	var killed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &killed) {
		return fmt.Errorf("kill the Temporal server: it has ended by itself: %w", err)
	}
	return nil
}

// PID returns the number of the server's process; 0 while it is down.
func (s *Server) PID() int {
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// Signal sends the server a signal.
func (s *Server) Signal(signal os.Signal) error { return s.cmd.Process.Signal(signal) }

// Client returns a connected client, closed when the test ends.
func (s *Server) Client(t testing.TB, options client.Options) client.Client {
	t.Helper()
	options.HostPort, options.Namespace = s.Address, s.Namespace
	c, err := client.Dial(options)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// findBinary returns the server's binary in the bin folder of the checkout.
func findBinary() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	path := filepath.Join(filepath.Dir(file), "..", "..", "bin", "temporal-server")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the tests need the Temporal server: run 'make build' first (%w)", err)
	}
	return path, nil
}

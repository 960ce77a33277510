package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"database/sql"
)

const (
	startTimeout = 60 * time.Second
	startPause   = 20 * time.Millisecond
	// portTries is how often a server is started on another free port, in case
	// someone takes the first one before the server does.
	portTries = 5
)

// server is a PostgreSQL server in a temporary directory.
type server struct {
	binaries string
	dir      string
	port     int
	// process is nil while the server is stopped.
	process *exec.Cmd
	// exited tells how the process ended.
	exited chan error
}

// newServer initializes a cluster and starts its server.
func newServer() (*server, error) {
	binaries, err := findBinaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cafeforme-pg-")
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	s := &server{binaries: binaries, dir: dir}
	if err := s.create(); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

func (s *server) create() error {
	if err := giveAway(s.dir); err != nil {
		return err
	}
	if err := s.run("initdb", "--pgdata="+s.data(), "--username=postgres", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"); err != nil {
		return err
	}
	var err error
	for range portTries {
		if s.port, err = freePort(); err != nil {
			return err
		}
		if err = s.start(); err == nil {
			return nil
		}
	}
	return err
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

func (s *server) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// run runs one of PostgreSQL's tools to its end.
func (s *server) run(tool string, args ...string) error {
	cmd, err := s.command(tool, args...)
	if err != nil {
		return err
	}
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: %s: %w\n%s", tool, err, output)
	}
	return nil
}

// command returns a command that runs as someone who may run PostgreSQL, and
// dies with this process.
func (s *server) command(tool string, args ...string) (*exec.Cmd, error) {
	attributes, err := processAttributes()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(s.binaries, tool), args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = attributes
	cmd.Env = []string{"PATH=" + s.binaries, "LC_ALL=C", "TZ=UTC"}
	return cmd, nil
}

// start starts the server and waits until it answers. Nothing is synced to the
// disk: the data need not survive the machine.
func (s *server) start() error {
	cmd, err := s.command("postgres", "-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.dir, "-F",
		"-c", "listen_addresses=127.0.0.1", "-c", "full_page_writes=off",
		"-c", "max_connections=200", "-c", "shared_buffers=32MB")
	if err != nil {
		return err
	}
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if s.exited, err = launch(cmd); err != nil {
		return fmt.Errorf("pgtest: start PostgreSQL: %w", err)
	}
	s.process = cmd
	if err := s.awaitAnswer(); err != nil {
		// The log is read once nothing writes to it any more.
		err = errors.Join(err, s.stop())
		return fmt.Errorf("pgtest: start PostgreSQL: %w\n%s", err, log.String())
	}
	return nil
}

// launch starts the process from a thread that lives as long as the process:
// the death of that thread would count as the death of this process.
func launch(cmd *exec.Cmd) (exited chan error, err error) {
	started := make(chan error, 1)
	exited = make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			exited <- cmd.Wait()
		}
	}()
	return exited, <-started
}

// awaitAnswer waits until the server answers, or has ended.
func (s *server) awaitAnswer() (err error) {
	pool, err := sql.Open("postgres", s.url("postgres")+"&connect_timeout=5")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		_, err := pool.ExecContext(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case exit := <-s.exited:
			s.exited <- exit
			return fmt.Errorf("the server has ended: %w", errors.Join(exit, err))
		case <-ctx.Done():
			return err
		case <-time.After(startPause):
		}
	}
}

// stop ends the server and its connections, and waits until it has ended.
func (s *server) stop() error {
	if s.process == nil {
		return nil
	}
	// An interrupt is a fast shutdown: running statements are aborted.
	if err := s.process.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("pgtest: stop PostgreSQL: %w", err)
	}
	s.process = nil
	if err := <-s.exited; err != nil {
		return fmt.Errorf("pgtest: PostgreSQL ended badly: %w", err)
	}
	return nil
}

// remove stops the server and deletes its directory.
func (s *server) remove() error {
	err := s.stop()
	if removing := os.RemoveAll(s.dir); removing != nil {
		err = errors.Join(err, fmt.Errorf("pgtest: %w", removing))
	}
	return err
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("pgtest: find a free port: %w", err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.Join(fmt.Errorf("pgtest: no TCP port in %s", listener.Addr()), listener.Close())
	}
	return address.Port, listener.Close()
}

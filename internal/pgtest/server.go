package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/cafeforme/cafeforme/internal/testport"
)

// server is a PostgreSQL server in a temporary directory.
type server struct {
	binaries string
	dir      string
	port     int
	// durable: what is committed is flushed to the disk.
	durable bool
	// process is nil while the server is stopped.
	process *exec.Cmd
	// exited tells how the process ended.
	exited chan error
}

// newServer initializes a cluster and starts its server.
func newServer(durable bool) (*server, error) {
	binaries, err := findBinaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cafeforme-pg-")
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	s := &server{binaries: binaries, dir: dir, durable: durable}
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
	port, err := testport.Reserve()
	if err != nil {
		return err
	}
	s.port = port
	return s.start()
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

// command returns a command that runs as someone who may run PostgreSQL.
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

// remove stops the server and deletes its directory.
func (s *server) remove() error {
	err := s.stop()
	if removing := os.RemoveAll(s.dir); removing != nil {
		err = errors.Join(err, fmt.Errorf("pgtest: %w", removing))
	}
	return err
}

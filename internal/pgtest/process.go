package pgtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/cafeforme/cafeforme/internal/tether"
)

const (
	startTimeout = 60 * time.Second
	startPause   = 20 * time.Millisecond
)

// start starts the server and waits until it answers. Nothing is synced to the
// disk, unless it is durable: the data need not survive the machine. Statements are counted, for who
// asks the view pg_stat_statements; its library is in Debian's server package.
func (s *server) start() error {
	args := []string{
		"-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.dir, "-c", "listen_addresses=127.0.0.1",
		"-c", "max_connections=300", "-c", "shared_buffers=32MB", "-c", "shared_preload_libraries=pg_stat_statements",
	}
	if !s.durable {
		args = append(args, "-F", "-c", "full_page_writes=off")
	}
	cmd, err := s.command("postgres", args...)
	if err != nil {
		return err
	}
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	// To PostgreSQL, SIGQUIT is an immediate shutdown.
	if s.exited, err = tether.Start(cmd, syscall.SIGQUIT); err != nil {
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

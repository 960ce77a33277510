// Package temporalserver runs the Temporal server of "cafeforme dev": a child process
// that is started again when it ends by itself, and that ends with its parent. Its
// state, and all other of a dev, is in a DataDir, which is locked. Start reading at
// Server.
package temporalserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/cafeforme/cafeforme/internal/httpserver"
	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/internal/temporalclient"
)

const (
	serverBinary = "temporal-server"
	// retention is how long Temporal keeps the orders that have ended.
	retention = 7 * 24 * time.Hour
	// historyShards let work on different orders go on side by side.
	historyShards = 4
	// stableAfter is how long a server has to run for its end to count as the
	// first one.
	stableAfter = time.Minute
)

// Server is the Temporal server of a dev: a child process that is
// started again when it ends by itself.
type Server struct {
	Binary       string
	Port, UIPort int
	Namespace    string
	// codec is the URL of the codec server for the Web UI; empty for none.
	Codec string
	Data  *DataDir
	Log   *slog.Logger
}

// FindBinary returns the path of the server's binary: the given one, or the one
// beside this executable, or the one on the PATH.
func FindBinary(given string) (string, error) {
	if given != "" {
		path, err := exec.LookPath(given)
		if err != nil {
			return "", fmt.Errorf("--temporal-server %s cannot be run: %w", given, err)
		}
		return path, nil
	}
	if own, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(own), serverBinary)); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(serverBinary)
	if err != nil {
		return "", errors.New("there is no temporal-server beside cafeforme or on the PATH: " +
			"run `make build`, name one with --temporal-server, or set TEMPORAL_ADDRESS to use a running server")
	}
	return path, nil
}

// Start starts the server and returns when it can be used. It keeps it running
// until stop is called.
func (s *Server) Start(ctx context.Context) (ready Ready, stop func() error, err error) {
	if err := s.keepOldLog(); err != nil {
		return Ready{}, nil, err
	}
	first, err := s.spawn(ctx)
	if err != nil {
		return Ready{}, nil, err
	}
	s.Port = httpserver.PortOf(first.ready.Address) // when any port would do: from now on this one
	keep, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- s.keepRunning(keep, first) }()
	return first.ready, func() error { cancel(); return <-ended }, nil
}

// keepRunning starts the server again whenever it ends, until ctx does.
func (s *Server) keepRunning(ctx context.Context, running *serverProcess) error {
	pause := retry.FirstPause
	for {
		started := time.Now()
		select {
		case <-ctx.Done():
			return running.stop()
		case <-running.done:
		}
		if time.Since(started) > stableAfter {
			pause = retry.FirstPause
		}
		s.Log.Error("the Temporal server has ended by itself and is started again; nothing is lost, open orders go on",
			"error", running.err, "log", s.logFile(), "pause", pause)
		if running = s.respawn(ctx, &pause); running == nil {
			return nil
		}
		s.Log.Info("the Temporal server is back")
	}
}

// respawn starts the server again, however often that takes. It returns nil when
// ctx ends first.
func (s *Server) respawn(ctx context.Context, pause *time.Duration) *serverProcess {
	for retry.Sleep(ctx, *pause) == nil {
		*pause = min(2**pause, retry.LastPause)
		running, err := s.spawn(ctx)
		if err == nil {
			return running
		}
		if ctx.Err() == nil {
			s.Log.Error("the Temporal server does not start; trying again", "error", err, "pause", *pause)
		}
	}
	return nil
}

// spawn starts the server once and waits until it can be used.
func (s *Server) spawn(ctx context.Context) (p *serverProcess, err error) {
	logFile, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, unusable(s.Data.Path, err)
	}
	defer func() { err = errors.Join(err, logFile.Close()) }()
	from, err := logFile.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.logFile(), err)
	}
	p, stdout, err := s.launch(logFile)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Binary, err)
	}
	if err := p.awaitReady(ctx, stdout); err != nil {
		return nil, errors.Join(s.startError(err, from), p.stop())
	}
	return p, nil
}

// launch starts the process. Its stdin is a pipe that it watches: when this
// process ends, however it ends, the pipe does too, and so does the server.
func (s *Server) launch(logFile *os.File) (*serverProcess, *os.File, error) {
	command := exec.Command(s.Binary, s.arguments()...) //nolint:noctx // it ends when its stdin does, in its own time
	command.Stderr = logFile
	command.ExtraFiles = []*os.File{s.Data.serverLock}
	// In a process group of its own, the terminal's Ctrl-C reaches this process only,
	// which then stops the child in its turn.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	stdout, childOut, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	command.Stdout = childOut
	p := &serverProcess{command: command, stdin: stdin, done: make(chan struct{})}
	err = errors.Join(p.run(), childOut.Close())
	return p, stdout, err
}

func (s *Server) arguments() []string {
	arguments := []string{
		"--ip", httpserver.Loopback,
		"--port", strconv.Itoa(s.Port),
		"--ui-port", strconv.Itoa(s.UIPort),
		"--db", s.Data.File("temporal.db"),
		"--namespace", s.Namespace,
		"--retention", retention.String(),
		"--shards", strconv.Itoa(historyShards),
		"--log-level", "warn",
		"--exit-with-parent",
	}
	if s.Codec != "" {
		arguments = append(arguments, "--codec-endpoint", s.Codec)
	}
	for _, attribute := range temporalclient.SearchKeys {
		arguments = append(arguments, "--search-attribute", attribute.GetName()+"="+attribute.GetValueType().String())
	}
	return arguments
}

func (s *Server) logFile() string { return s.Data.File("temporal.log") }

// keepOldLog begins a new log and keeps the one of the run before.
func (s *Server) keepOldLog() error {
	err := os.Rename(s.logFile(), s.logFile()+".old")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return unusable(s.Data.Path, err)
	}
	return nil
}

// startError returns what the server itself said before it ended, if it did.
func (s *Server) startError(err error, from int64) error {
	if !errors.Is(err, errEnded) {
		return fmt.Errorf("the Temporal server did not start: %w; see %s", err, s.logFile())
	}
	said, readErr := os.ReadFile(s.logFile())
	if readErr != nil || int64(len(said)) <= from {
		return fmt.Errorf("the Temporal server did not start: %w; see %s", err, s.logFile())
	}
	lines := bytes.Split(bytes.TrimSpace(said[from:]), []byte("\n"))
	last := bytes.TrimPrefix(lines[len(lines)-1], []byte(serverBinary+": "))
	return fmt.Errorf("the Temporal server did not start: %s", last)
}

package main

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
	"time"
)

const (
	serverBinary = "temporal-server"
	loopback     = "127.0.0.1"
	// retention is how long Temporal keeps the orders that have ended.
	retention = 7 * 24 * time.Hour
	// historyShards let work on different orders go on side by side.
	historyShards = 4
	// stableAfter is how long a server has to run for its end to count as the
	// first one.
	stableAfter = time.Minute
)

// temporalServer is the Temporal server of a dev: a child process that is
// started again when it ends by itself.
type temporalServer struct {
	binary       string
	port, uiPort int
	namespace    string
	// codec is the URL of the codec server for the Web UI; empty for none.
	codec string
	data  *dataDir
	log   *slog.Logger
}

// findServer returns the path of the server's binary: the given one, or the one
// beside this executable, or the one on the PATH.
func findServer(given string) (string, error) {
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

// start starts the server and returns when it can be used. It keeps it running
// until stop is called.
func (s *temporalServer) start(ctx context.Context) (ready readyLine, stop func() error, err error) {
	if err := s.keepOldLog(); err != nil {
		return readyLine{}, nil, err
	}
	first, err := s.spawn(ctx)
	if err != nil {
		return readyLine{}, nil, err
	}
	s.port = portOf(first.ready.Address) // when any port would do: from now on this one
	keep, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- s.keepRunning(keep, first) }()
	return first.ready, func() error { cancel(); return <-ended }, nil
}

// keepRunning starts the server again whenever it ends, until ctx does.
func (s *temporalServer) keepRunning(ctx context.Context, running *serverProcess) error {
	pause := firstPause
	for {
		started := time.Now()
		select {
		case <-ctx.Done():
			return running.stop()
		case <-running.done:
		}
		if time.Since(started) > stableAfter {
			pause = firstPause
		}
		s.log.Error("the Temporal server has ended by itself and is started again; nothing is lost, open orders go on",
			"error", running.err, "log", s.logFile(), "pause", pause)
		if running = s.respawn(ctx, &pause); running == nil {
			return nil
		}
		s.log.Info("the Temporal server is back")
	}
}

// respawn starts the server again, however often that takes. It returns nil when
// ctx ends first.
func (s *temporalServer) respawn(ctx context.Context, pause *time.Duration) *serverProcess {
	for sleep(ctx, *pause) == nil {
		*pause = min(2**pause, lastPause)
		running, err := s.spawn(ctx)
		if err == nil {
			return running
		}
		if ctx.Err() == nil {
			s.log.Error("the Temporal server does not start; trying again", "error", err, "pause", *pause)
		}
	}
	return nil
}

// spawn starts the server once and waits until it can be used.
func (s *temporalServer) spawn(ctx context.Context) (p *serverProcess, err error) {
	logFile, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, unusable(s.data.path, err)
	}
	defer func() { err = errors.Join(err, logFile.Close()) }()
	from, err := logFile.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.logFile(), err)
	}
	p, stdout, err := s.launch(logFile)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.binary, err)
	}
	if err := p.awaitReady(ctx, stdout); err != nil {
		return nil, errors.Join(s.startError(err, from), p.stop())
	}
	return p, nil
}

// launch starts the process. Its stdin is a pipe that it watches: when this
// process ends, however it ends, the pipe does too, and so does the server.
func (s *temporalServer) launch(logFile *os.File) (*serverProcess, *os.File, error) {
	command := exec.Command(s.binary, s.arguments()...) //nolint:noctx // it ends when its stdin does, in its own time
	command.Stderr = logFile
	command.ExtraFiles = []*os.File{s.data.serverLock}
	command.SysProcAttr = childAttributes()
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

func (s *temporalServer) arguments() []string {
	arguments := []string{
		"--ip", loopback,
		"--port", strconv.Itoa(s.port),
		"--ui-port", strconv.Itoa(s.uiPort),
		"--db", s.data.file("temporal.db"),
		"--namespace", s.namespace,
		"--retention", retention.String(),
		"--shards", strconv.Itoa(historyShards),
		"--log-level", "warn",
		"--exit-with-parent",
	}
	if s.codec != "" {
		arguments = append(arguments, "--codec-endpoint", s.codec)
	}
	for _, attribute := range searchKeys {
		arguments = append(arguments, "--search-attribute", attribute.GetName()+"="+attribute.GetValueType().String())
	}
	return arguments
}

func (s *temporalServer) logFile() string { return s.data.file("temporal.log") }

// keepOldLog begins a new log and keeps the one of the run before.
func (s *temporalServer) keepOldLog() error {
	err := os.Rename(s.logFile(), s.logFile()+".old")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return unusable(s.data.path, err)
	}
	return nil
}

// startError returns what the server itself said before it ended, if it did.
func (s *temporalServer) startError(err error, from int64) error {
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

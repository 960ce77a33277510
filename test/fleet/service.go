package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// restartAfter is how long a service that has ended by itself stays down: the
// restart policy of docker-compose.yml.
const restartAfter = time.Second

// Service is one of the services of a Temporal cluster, or its Web UI.
type Service struct {
	Name    string
	binary  string
	dir     string
	environ []string
	args    []string
	// health is the arguments of the check that says whether it can be used.
	health []string

	mu      sync.Mutex
	process *Process
	// wanted is false while somebody has taken the service away.
	wanted bool
}

// Restart runs the service, and waits until it can be used.
func (s *Service) Restart(ctx context.Context) error {
	s.mu.Lock()
	s.wanted = true
	err := s.start()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.awaitHealthy(ctx)
}

// start runs a process of the service; the lock is held.
func (s *Service) start() error {
	process, err := Start(s.binary, s.dir, s.environ, s.args...)
	if err != nil {
		return err
	}
	process.Name, s.process = s.Name, process
	go s.keepUp(process)
	return nil
}

// keepUp runs the service again when it ends without having been asked to.
func (s *Service) keepUp(process *Process) {
	<-process.Done()
	<-time.After(restartAfter)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wanted && s.process == process {
		if err := s.start(); err != nil {
			process.output.add(err.Error())
		}
	}
}

// awaitHealthy waits until the service's own check says that it can be used.
func (s *Service) awaitHealthy(ctx context.Context) error {
	for {
		check := exec.CommandContext(ctx, s.binary, s.health...)
		check.Env = append(os.Environ(), s.environ...)
		output, err := check.CombinedOutput()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not healthy: %s: %w\n%v", s.Name, output, ctx.Err(), s.running().Tail(20))
		case <-time.After(pollEvery):
		}
	}
}

// running returns the process that runs in the service's place, or did last.
func (s *Service) running() *Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// PID returns the number of the service's process.
func (s *Service) PID() int { return s.running().PID() }

// Kill ends the service as a crash would, and keeps it down.
func (s *Service) Kill() error { return s.takeAway().Kill() }

// Freeze stops the service from running, with all its connections open.
func (s *Service) Freeze() error { return s.running().Signal(syscall.SIGSTOP) }

// Thaw lets a frozen service go on.
func (s *Service) Thaw() error { return s.running().Signal(syscall.SIGCONT) }

func (s *Service) takeAway() *Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = false
	return s.process
}

func (s *Service) stop() error {
	if process := s.takeAway(); process != nil {
		return process.Stop()
	}
	return nil
}

// startAll starts services side by side: they need each other.
func startAll(ctx context.Context, services []*Service) error {
	failures := make([]error, len(services))
	var all sync.WaitGroup
	for i, s := range services {
		all.Go(func() { failures[i] = s.Restart(ctx) })
	}
	all.Wait()
	return errors.Join(failures...)
}

// stopAll stops services side by side.
func stopAll(services []*Service) error {
	failures := make([]error, len(services))
	var all sync.WaitGroup
	for i, s := range services {
		all.Go(func() { failures[i] = s.stop() })
	}
	all.Wait()
	return errors.Join(failures...)
}

// temporalBinary returns the Temporal server that "make build" leaves beside the
// cafeforme binary.
func temporalBinary() (string, error) {
	cafeforme, err := Binary()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(cafeforme), "temporal-server")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("there is no Temporal server: run 'make build' first (%w)", err)
	}
	return path, nil
}

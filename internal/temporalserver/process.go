package temporalserver

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/cafeforme/cafeforme/internal/tether"
)

// startPatience bounds a start of the server on a busy machine.
const startPatience = 90 * time.Second

// Ready is what the child prints once it can be used.
type Ready struct {
	Address   string `json:"address"`
	UI        string `json:"ui"`
	Namespace string `json:"namespace"`
}

// serverProcess is one run of the server.
type serverProcess struct {
	command *exec.Cmd
	stdin   io.Closer
	ready   Ready
	// done is closed when the process has ended, with the reason in err.
	done chan struct{}
	err  error
}

// run starts the process, which gets a signal when this one ends, however it ends.
func (p *serverProcess) run() error {
	exited, err := tether.Start(p.command, syscall.SIGTERM)
	if err != nil {
		return err
	}
	go func() {
		p.err = <-exited
		close(p.done)
	}()
	return nil
}

// errEnded says that the server has ended instead of getting ready.
var errEnded = errors.New("it ended at once")

// awaitReady waits for the ready line.
func (p *serverProcess) awaitReady(ctx context.Context, stdout *os.File) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startPatience, fmt.Errorf("not ready after %s", startPatience))
	defer cancel()
	line := make(chan error, 1)
	go func() {
		first, err := bufio.NewReader(stdout).ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(first, &p.ready)
		}
		line <- errors.Join(err, stdout.Close())
	}()
	select {
	case err := <-line:
		if errors.Is(err, io.EOF) {
			<-p.done
			return errEnded
		}
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// stop asks the server to stop and, after a while, makes it.
func (p *serverProcess) stop() error {
	if err := p.stdin.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("ask the Temporal server to stop: %w", err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopPatience):
	}
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill the Temporal server: %w", err)
	}
	<-p.done
	return nil
}

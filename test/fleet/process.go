// Package fleet runs the whole system as real processes (PostgreSQL, a Temporal
// server, any number of apis, stores and workers) and takes its parts away.
package fleet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cafeforme/cafeforme/internal/tether"
)

// stopPatience is how long a process may take to stop by itself.
const stopPatience = 30 * time.Second

// Process is one real cafeforme process.
type Process struct {
	Name string

	cmd *exec.Cmd
	// addresses holds the URLs that the process said it listens on, in order.
	addresses chan string
	// profiles and metrics hold the URLs of its profiles and metrics, if it serves them.
	profiles, metrics chan string
	output            transcript
	done              chan struct{}
	err               error
}

// Binary returns the path of the binary that "make build" leaves in the checkout.
func Binary() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	path := filepath.Join(filepath.Dir(file), "..", "..", "bin", "cafeforme")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("there is no binary: run 'make build' first (%w)", err)
	}
	return path, nil
}

// Start runs the binary in a directory, with the given arguments and, on top of
// this process's own, the given environment.
func Start(binary, dir string, environ []string, args ...string) (*Process, error) {
	p := &Process{Name: args[0], addresses: make(chan string, 8), profiles: make(chan string, 1), metrics: make(chan string, 1), done: make(chan struct{}), cmd: exec.Command(binary, args...)}
	p.cmd.Env = append(os.Environ(), environ...)
	p.cmd.Dir = dir
	// A group of its own: Ctrl-C reaches it through us, in order.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = writer, writer
	exited, err := tether.Start(p.cmd, syscall.SIGKILL)
	if err := errors.Join(err, writer.Close()); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.Name, err)
	}
	go p.listen(reader)
	go func() {
		p.err = <-exited
		close(p.done)
	}()
	return p, nil
}

// listening matches the line in which a process tells its address, as text and
// as JSON.
var listening = regexp.MustCompile(`listening.*?(http://[0-9.:]+)`)

func (p *Process) listen(r io.Reader) {
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		p.output.add(scanner.Text())
		match := listening.FindStringSubmatch(scanner.Text())
		switch {
		case match == nil:
		case strings.Contains(scanner.Text(), `"surface":"profiles"`):
			tell(p.profiles, match[1])
		case strings.Contains(scanner.Text(), `"surface":"metrics"`):
			tell(p.metrics, match[1])
		default:
			tell(p.addresses, match[1])
		}
	}
}

// tell passes a URL on, unless nobody has asked for those before: a process is never
// held up by that.
func tell(urls chan<- string, url string) {
	select {
	case urls <- url:
	default:
	}
}

// Address waits for the process to say where it listens next.
func (p *Process) Address(ctx context.Context) (string, error) { return p.told(ctx, p.addresses) }

// Profiles waits for the process to say where it serves its profiles, which
// CAFEFORME_PPROF has it do.
func (p *Process) Profiles(ctx context.Context) (string, error) { return p.told(ctx, p.profiles) }

// Metrics waits for the process to say where it serves its metrics, which
// CAFEFORME_METRICS_ADDR has it do. Those of a process that logs as text come with
// [Process.Address].
func (p *Process) Metrics(ctx context.Context) (string, error) { return p.told(ctx, p.metrics) }

func (p *Process) told(ctx context.Context, urls <-chan string) (string, error) {
	select {
	case url := <-urls:
		return url, nil
	case <-p.done:
		return "", fmt.Errorf("%s has ended: %w\n%v", p.Name, p.err, p.Tail(20))
	case <-ctx.Done():
		return "", fmt.Errorf("%s does not listen: %w\n%v", p.Name, ctx.Err(), p.Tail(20))
	}
}

// Signal sends the process a signal.
func (p *Process) Signal(signal os.Signal) error { return p.cmd.Process.Signal(signal) }

// PID returns the process's ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill ends the process as a crash would.
func (p *Process) Kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill %s: %w", p.Name, err)
	}
	<-p.done
	return nil
}

// Stop ends the process, which finishes what it has begun, if it still runs. One
// that does not end in time is killed.
func (p *Process) Stop() error {
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.Name, err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopPatience):
		return errors.Join(fmt.Errorf("%s did not stop within %s", p.Name, stopPatience), p.Kill())
	}
}

// Wait waits until the process has ended, and tells how.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return fmt.Errorf("%s does not end: %w", p.Name, ctx.Err())
	}
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Said reports whether the process has printed the text lately.
func (p *Process) Said(text string) bool {
	return slices.ContainsFunc(p.Tail(kept), func(line string) bool { return strings.Contains(line, text) })
}

// Tail returns the last n lines that the process has printed.
func (p *Process) Tail(n int) []string { return p.output.tail(n) }

// transcript keeps what a process printed.
type transcript struct {
	mu    sync.Mutex
	lines []string
}

// kept is how many lines a transcript remembers.
const kept = 1000

func (tr *transcript) add(line string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.lines = append(tr.lines, line); len(tr.lines) > 2*kept {
		tr.lines = append([]string(nil), tr.lines[kept:]...)
	}
}

func (tr *transcript) tail(n int) []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return append([]string(nil), tr.lines[max(0, len(tr.lines)-n):]...)
}

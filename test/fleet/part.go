package fleet

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// pollEvery is how often a part is asked whether it is ready.
const pollEvery = 50 * time.Millisecond

// Part is one of the fleet's cafeforme processes: whichever runs in its place at
// the moment.
type Part struct {
	Name  string
	fleet *Fleet
	role  string

	mu      sync.Mutex
	process *Process
	url     string
}

// Start runs the part. One with an HTTP surface listens then, at a new address.
func (p *Part) Start(ctx context.Context) error {
	environ := append(p.fleet.environ(p.role), "PGAPPNAME="+p.Name) // by which PostgreSQL lists its connections
	process, err := Start(p.fleet.plan.Binary, p.fleet.dir, environ, p.fleet.command(p.role)...)
	if err != nil {
		return err
	}
	p.set(process, "")
	if p.role == "worker" {
		return nil
	}
	url, err := process.Address(ctx)
	p.set(process, url)
	return err
}

func (p *Part) set(process *Process, url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.process, p.url = process, url
}

// Process returns the process that runs in the part's place, or did last.
func (p *Part) Process() *Process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.process
}

// URL returns where the part can be reached.
func (p *Part) URL() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.url
}

// Kill ends the part as a crash would.
func (p *Part) Kill() error { return p.Process().Kill() }

// Freeze stops the part from running, with all its connections open.
func (p *Part) Freeze() error { return p.Process().Signal(syscall.SIGSTOP) }

// Thaw lets a frozen part go on.
func (p *Part) Thaw() error { return p.Process().Signal(syscall.SIGCONT) }

func (p *Part) stop() error {
	if process := p.Process(); process != nil {
		return process.Stop()
	}
	return nil
}

// AwaitReady waits until the part serves requests. A worker serves none.
func (p *Part) AwaitReady(ctx context.Context) error {
	url := p.URL()
	if url == "" {
		return nil
	}
	for !Ready(ctx, url) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w\n%v", p.Name, ctx.Err(), p.Process().Tail(20))
		case <-time.After(pollEvery):
		}
	}
	return nil
}

// Ready reports whether the process at the address says that it can serve
// requests.
func Ready(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

package workflows_test

import (
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands between a client and a server, and can swallow the server's
// answers.
type proxy struct {
	listener net.Listener
	upstream string
	silent   atomic.Bool
}

func newProxy(t *testing.T, upstream string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: listener, upstream: upstream}
	t.Cleanup(func() { _ = listener.Close() })
	go p.serve()
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) swallowAnswers() { p.silent.Store(true) }

func (p *proxy) serve() {
	for {
		down, err := p.listener.Accept()
		if err != nil {
			return // closed at the end of the test
		}
		up, err := net.Dial("tcp", p.upstream)
		if err != nil {
			_ = down.Close()
			continue
		}
		go p.copy(up, down, false)
		go p.copy(down, up, true)
	}
}

// copy carries bytes until either side closes; answers may be swallowed.
func (p *proxy) copy(to, from net.Conn, answers bool) {
	defer func() { _ = to.Close(); _ = from.Close() }()
	buffer := make([]byte, 32*1024)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if answers && p.silent.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

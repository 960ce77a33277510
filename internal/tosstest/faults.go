package tosstest

import (
	"net/http"
	"strings"
)

// Fault is something that goes wrong, for the next Times requests that it is meant for.
type Fault struct {
	// Method and Path say which requests: the path must end with Path.
	Method, Path string
	// Times is how many requests it strikes; 0 is one, a negative number all.
	Times int
	// After: it strikes once the work is done.
	After bool
	// Drop: the connection is closed without an answer.
	Drop bool
	// Hold has the work, and the answer, wait until it is closed.
	Hold chan struct{}
	// Status and Code are the answer.
	Status int
	Code   string
	// RetryAfter is in seconds; 0 is none.
	RetryAfter int
	// Save: the idempotency key answers the same from now on although it is a 5xx. Refusals
	// are kept without it.
	Save bool
}

// Fail lets things go wrong, in this order where several are meant for the same request.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = 1
		}
		s.faults = append(s.faults, &f)
	}
}

// Mend lets nothing go wrong any more.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Server) nextFault(r *http.Request) *Fault {
	for _, f := range s.faults {
		if f.Times != 0 && f.Method == r.Method && strings.HasSuffix(r.URL.Path, f.Path) {
			f.Times--
			return f
		}
	}
	return nil
}

func (f *Fault) answer() answer { return refused(f.Status, f.Code, "failing for the test") }

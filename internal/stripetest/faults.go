package stripetest

import (
	"net/http"
	"strings"
)

// Fault is something that goes wrong, for the next Times requests that it is
// meant for.
type Fault struct {
	// Method and Path say which requests: the path must end with Path.
	Method, Path string
	// Times is how many requests it strikes; 0 is one, a negative number all.
	Times int
	// After: it strikes once the work is done.
	After bool
	// Drop: the connection is closed without an answer.
	Drop bool
	// Until keeps a write back, until it is closed: then nothing goes wrong any more, but
	// that whoever asked may have left.
	Until <-chan struct{}
	// Status, Type and Code are the answer; Type is "api_error" when empty.
	Status     int
	Type, Code string
	// Param is the parameter that the answer blames; empty for none.
	Param string
	// RetryAfter is in seconds; 0 is none.
	RetryAfter int
	// Save: the answer is what the idempotency key answers from now on. A refusal is
	// saved without it, as Stripe saves those.
	Save bool
}

// saved reports that the idempotency key answers the same from now on. Stripe saves
// every answer that an endpoint has given, 4xx included; it gave none to a request
// whose API key is wrong, or that came too often or beside another
// (https://docs.stripe.com/api/idempotent_requests). A 5xx can come from before the
// endpoint or from it.
func (f *Fault) saved() bool {
	switch {
	case f.Drop:
		return false
	case f.Status == http.StatusUnauthorized, f.Status == http.StatusConflict, f.Status == http.StatusTooManyRequests:
		return f.Save
	}
	return f.Save || f.Status >= http.StatusBadRequest && f.Status < http.StatusInternalServerError
}

// Fail lets things go wrong, in this order where several are meant for the same
// request.
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

func (f *Fault) answer() answer {
	kind := f.Type
	if kind == "" {
		kind = "api_error"
	}
	return answer{status: f.Status, body: map[string]any{
		"error": apiError{Type: kind, Code: f.Code, Param: f.Param, Message: "failing for the test"},
	}}
}

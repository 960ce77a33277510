package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/limits"
)

// streamHandler is a handler whose answer has no end. Looking up what it begins with
// is bounded by [requestTimeout].
type streamHandler transport.HandlerFunc

// ServeHTTP runs the handler without a deadline. It reads the request to its end
// first: only then does the server notice that the client has left.
func (s streamHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, limits.Body)
	_, err := transport.ReadBody(r)
	if err == nil {
		err = s(w, r)
	}
	if err != nil {
		transport.RenderError(w, r, err)
	}
}

// retryAfter is how many milliseconds a client waits before it comes back.
const retryAfter = 1000

// eventStream is one answer of server-sent events, as the HTML Standard defines them.
type eventStream struct {
	feed    *Feed
	request *http.Request
	w       http.ResponseWriter
	control *http.ResponseController
	// allowed is asked from time to time whether the client may go on; everybody may
	// when nil.
	allowed func() bool
}

// begin begins the answer: from here on there is no other. A HEAD request has got
// what it asked for then, and the stream is nil.
func (f *Feed) begin(w http.ResponseWriter, r *http.Request) (*eventStream, error) {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would collect the events
	if r.Method == http.MethodHead {
		return nil, nil
	}
	s := &eventStream{feed: f, request: r, w: w, control: http.NewResponseController(w)}
	// The server's time-outs are those of a request; a stream sets its own.
	if err := s.control.SetReadDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("begin an event stream: %w", err)
	}
	w.WriteHeader(http.StatusOK)
	return s, nil
}

// run sends what first sends, and then whatever send makes of what comes for the
// subscription. Both report whether there is more to come. It ends with the
// stream.
func (s *eventStream) run(sub *subscription, first func() (more bool, err error),
	send func(events []sseEvent, lost int64) (more bool, err error)) {
	heartbeat := time.NewTicker(s.feed.Heartbeat)
	defer heartbeat.Stop()
	recheck, stop := s.rechecks()
	defer stop()
	end := time.NewTimer(s.feed.Lifetime)
	defer end.Stop()
	for more := s.write(func() (bool, error) { return s.introduce(first) }); more; {
		select {
		case <-s.request.Context().Done():
			return
		case <-s.feed.ending:
			return
		case <-end.C:
			return
		case <-heartbeat.C:
			more = s.write(func() (bool, error) { return true, s.print(":\n\n") })
		case <-recheck:
			more = s.allowed()
		case <-sub.ready:
			more = s.write(func() (bool, error) { return send(sub.take()) })
		}
	}
}

// rechecks returns when to ask whether the client may go on: never, where everybody
// may.
func (s *eventStream) rechecks() (times <-chan time.Time, stop func()) {
	if s.allowed == nil {
		return nil, func() {}
	}
	ticker := time.NewTicker(s.feed.Recheck)
	return ticker.C, ticker.Stop
}

// introduce tells the client when to come back, and sends what is first.
func (s *eventStream) introduce(first func() (more bool, err error)) (more bool, err error) {
	if err := s.print("retry: %d\n\n", retryAfter); err != nil {
		return false, err
	}
	return first()
}

// nothingFirst begins a stream that sends only what comes.
func nothingFirst() (more bool, err error) { return true, nil }

// write has what do prints sent at once, and reports whether there is more to
// come. A client that does not take it in time is given up.
func (s *eventStream) write(do func() (more bool, err error)) bool {
	err := s.control.SetWriteDeadline(time.Now().Add(s.feed.WriteTimeout))
	more := false
	if err == nil {
		more, err = do()
	}
	if err == nil {
		err = s.control.Flush()
	}
	left := s.request.Context().Err() != nil && !errors.Is(err, os.ErrDeadlineExceeded)
	if err != nil && !left { // a client that has left is no error; one that is too slow is
		transport.RequestLogOf(s.request).Err = fmt.Errorf("write events: %w", err)
	}
	return more && err == nil
}

// event prints an event.
func (s *eventStream) event(e sseEvent) error {
	id := ""
	if e.id != "" {
		id = "id: " + e.id + "\n"
	}
	return s.print("event: %s\n%sdata: %s\n\n", e.name, id, e.data)
}

func (s *eventStream) print(format string, args ...any) error {
	_, err := fmt.Fprintf(s.w, format, args...) //nolint:gosec // an event stream is no page: nothing in it is taken for HTML
	return err
}

// startContext bounds the look-ups that a stream begins with.
func startContext(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), transport.RequestTimeout)
}

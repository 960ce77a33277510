package cafe

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/apiclient"
)

// Event is one server-sent event.
type Event struct {
	Name, ID, Data string
	// At is when it came.
	At time.Time
}

// Order returns the order that the event is about.
func (e Event) Order() (o Order, err error) {
	err = json.Unmarshal([]byte(e.Data), &o)
	return o, err
}

// Events is an open stream of events.
type Events struct {
	// Next has the events as they come. It is closed when the stream ends.
	Next <-chan Event
}

// OrderEvents follows an order, after the event that was seen last; "" for none.
func (c *Cafe) OrderEvents(ctx context.Context, id, lastEventID string) (*Events, error) {
	return c.follow(ctx, c.Customer+"/orders/"+id+"/events", http.Header{}, lastEventID)
}

// MenuEvents follows the menu.
func (c *Cafe) MenuEvents(ctx context.Context) (*Events, error) {
	return c.follow(ctx, c.Customer+"/menu/events", http.Header{}, "")
}

// StoreEvents follows the board, after the event that was seen last; "" for none.
func (c *Cafe) StoreEvents(ctx context.Context, lastEventID string) (*Events, error) {
	return c.follow(ctx, c.Store+"/store/events", c.staff(), lastEventID)
}

// SetOpen pauses and resumes ordering.
func (c *Cafe) SetOpen(ctx context.Context, open bool) error {
	var answer map[string]bool
	return c.call(ctx, "PUT", c.Store+"/store/hours", c.staff(), map[string]bool{"open": open}, &answer)
}

// follow opens a stream, which ends with ctx. An answer that is no stream is a
// *Problem.
func (c *Cafe) follow(ctx context.Context, url string, header http.Header, lastEventID string) (*Events, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header = header
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	response, err := cmp.Or(c.Streams, http.DefaultClient).Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer func() { _ = response.Body.Close() }()
		data, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		if response.StatusCode < 300 {
			return nil, fmt.Errorf("%s answers %d and no events", url, response.StatusCode)
		}
		return nil, apiclient.AsProblem(response.StatusCode, data)
	}
	next := make(chan Event, 1000)
	go read(response.Body, next)
	return &Events{Next: next}, nil
}

// read passes on every event that has a name, until the stream ends.
func read(body io.ReadCloser, next chan<- Event) {
	defer close(next)
	defer func() { _ = body.Close() }()
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	var e Event
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
		case "event":
			e.Name = value
		case "id":
			e.ID = value
		case "data":
			e.Data = value
		case "":
			if e.Name != "" {
				e.At = time.Now()
				next <- e
			}
			e = Event{}
		}
	}
}
